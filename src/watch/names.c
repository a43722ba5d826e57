/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names.  A page directory whose name was told decides; otherwise the bases of GDT and IDT tell worlds apart, which
 * all processes of a world have in common.  A world that loads other tables outside any switch stays what it is.
 */
#include "watch/names.h"
#include "base/printable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/paging.h>

void ws__names_release(struct ws__names *names)
{
    while (names->spaces) {
        struct ws__space *space = names->spaces;
        names->spaces = space->next;
        free(space);
    }
    while (names->sightings) {
        struct ws__sighting *sighting = names->sightings;
        names->sightings = sighting->next;
        free(sighting);
    }
    while (names->worlds) {
        struct ws__world_name *world = names->worlds;
        names->worlds = world->next;
        free(world);
    }
    ws__names_processes_release(names);
    *names = (struct ws__names){0};
}

/* A row of a list; NULL: there is no memory. */
static void *row_copy(struct ws__names *out, const void *row, size_t size)
{
    void *copy = malloc(size);
    if (copy)
        memcpy(copy, row, size);
    out->failed |= !copy;
    return copy;
}

/* The world at the same place of the other list. */
static struct ws__world_name *world_of_copy(struct ws__names *out, const struct ws__names *names,
                                            const struct ws__world_name *world)
{
    struct ws__world_name *copy = out->worlds;
    for (const struct ws__world_name *at = names->worlds; at && copy && at != world; at = at->next)
        copy = copy->next;
    return copy;
}

static void sightings_copy(struct ws__names *out, const struct ws__names *names, uint64_t mark)
{
    struct ws__sighting **end = &out->sightings;
    for (const struct ws__sighting *at = names->sightings; at && !out->failed; at = at->next) {
        if (at->since > mark)
            continue;
        struct ws__sighting *copy = row_copy(out, at, sizeof *copy);
        if (!copy)
            return;
        copy->next = NULL;
        copy->world = world_of_copy(out, names, at->world);
        *end = copy;
        end = &copy->next;
    }
}

void ws__names_copy(struct ws__names *out, const struct ws__names *names, uint64_t mark)
{
    struct ws__space **space = &out->spaces;
    struct ws__world_name **world = &out->worlds;
    for (const struct ws__space *at = names->spaces; at && (*space = row_copy(out, at, sizeof **space));
         at = at->next) {
        (*space)->next = NULL;
        space = &(*space)->next;
    }
    for (const struct ws__world_name *at = names->worlds; at && (*world = row_copy(out, at, sizeof **world));
         at = at->next) {
        (*world)->next = NULL;
        world = &(*world)->next;
    }
    sightings_copy(out, names, mark);
    ws__names_processes_copy(out, names, mark);
    out->table = names->table;
    out->table_phys = names->table_phys;
    out->made_up_worlds = names->made_up_worlds;
    out->made_up_processes = names->made_up_processes;
    out->failed |= names->failed;
}

static bool is_paged(const struct ws_registers *registers)
{
    return registers->value[WS_CR0] & WS_CR0_PG;
}

static struct ws__space *space_find(const struct ws__names *names, uint32_t directory)
{
    struct ws__space *space = names->spaces;
    while (space && space->cr3 != directory)
        space = space->next;
    return space;
}

static struct ws__space *space_add(struct ws__names *names, uint32_t directory)
{
    struct ws__space *space = calloc(1, sizeof(*space));
    names->failed |= !space;
    if (space) {
        space->cr3 = directory;
        space->next = names->spaces;
        names->spaces = space;
    }
    return space;
}

/* -- sightings ----------------------------------------------------------------------------------------- */

/* What a sighting has in common with registers. */
static bool directory_matches(const struct ws__sighting *sighting, const struct ws_registers *registers)
{
    return sighting->cr3 == (registers->value[WS_CR3] & WS_PAGE_FRAME);
}

static bool tables_match(const struct ws__sighting *sighting, const struct ws_registers *registers)
{
    return sighting->settled && sighting->gdt == registers->value[WS_GDTR_BASE] &&
           sighting->idt == registers->value[WS_IDTR_BASE];
}

static bool both_match(const struct ws__sighting *sighting, const struct ws_registers *registers)
{
    return directory_matches(sighting, registers) && tables_match(sighting, registers);
}

typedef bool matching(const struct ws__sighting *sighting, const struct ws_registers *registers);

/* The last one until this mark. */
static struct ws__world_name *seen_last(const struct ws__names *names, const struct ws_registers *registers,
                                        uint64_t mark, matching *matches)
{
    const struct ws__sighting *last = NULL;
    for (const struct ws__sighting *at = names->sightings; at; at = at->next) {
        if (at->since <= mark && (!last || at->since > last->since) && matches(at, registers))
            last = at;
    }
    return last ? last->world : NULL;
}

/* Whose are these registers?  NULL: that is not known yet.  Where a switch has `entered`, CR3 is no sign: worlds may
 * share a page directory. */
static struct ws__world_name *seen(const struct ws__names *names, const struct ws_registers *registers, uint64_t mark,
                                   bool entered)
{
    struct ws__world_name *world = seen_last(names, registers, mark, both_match);
    if (!world && !entered)
        world = seen_last(names, registers, mark, directory_matches);
    return world ? world : seen_last(names, registers, mark, tables_match);
}

/* NULL: there is no memory for it. */
static struct ws__world_name *world_add(struct ws__names *names, const char *name)
{
    struct ws__world_name *world = names->worlds;
    while (name && world && strcmp(world->name, name) != 0)
        world = world->next;
    if (name && world)
        return world;
    world = calloc(1, sizeof(*world));
    names->failed |= !world;
    if (!world)
        return NULL;
    world->made_up = !name;
    if (name)
        snprintf(world->name, sizeof world->name, "%s", name);
    else
        snprintf(world->name, sizeof world->name, "world-%u", ++names->made_up_worlds);
    world->next = names->worlds;
    names->worlds = world;
    return world;
}

static void sighting_add(struct ws__names *names, const struct ws_registers *registers, uint64_t mark, bool settled,
                         struct ws__world_name *world)
{
    bool known = settled ? seen_last(names, registers, mark, both_match) == world
                         : seen_last(names, registers, mark, directory_matches) != NULL;
    if (known || !world)
        return;
    struct ws__sighting *sighting = calloc(1, sizeof(*sighting));
    names->failed |= !sighting;
    if (!sighting)
        return;
    *sighting = (struct ws__sighting){
        .next = names->sightings,
        .cr3 = registers->value[WS_CR3] & WS_PAGE_FRAME,
        .gdt = registers->value[WS_GDTR_BASE],
        .idt = registers->value[WS_IDTR_BASE],
        .settled = settled,
        .since = mark,
        .world = world,
    };
    names->sightings = sighting;
}

static void world_settle(struct ws__names *names, const struct ws_registers *registers, uint64_t mark,
                         struct ws__world_name *seen_before)
{
    const struct ws__space *space = space_find(names, registers->value[WS_CR3] & WS_PAGE_FRAME);
    struct ws__world_name *world = seen_before;
    if (!is_paged(registers))
        return;
    if (space)
        world = world_add(names, space->world);
    else if (!world)
        world = world_add(names, NULL);
    sighting_add(names, registers, mark, true, world);
}

void ws__names_settle(struct ws__names *names, const struct ws_registers *registers, uint64_t mark)
{
    world_settle(names, registers, mark, seen(names, registers, mark, false));
}

void ws__names_enter(struct ws__names *names, const struct ws_registers *registers, uint64_t mark, uint64_t begin)
{
    world_settle(names, registers, mark, seen(names, registers, begin, true));
}

void ws__names_pass(struct ws__names *names, const struct ws_registers *registers, const struct ws_registers *left,
                    uint64_t mark)
{
    if (is_paged(registers))
        sighting_add(names, registers, mark, false, seen(names, left, mark, false));
}

/* -- names --------------------------------------------------------------------------------------------- */

/* What was made up for this directory's world gives way. */
static void world_rename(struct ws__names *names, const struct ws__space *space)
{
    for (struct ws__sighting *at = names->sightings; at; at = at->next) {
        if (at->settled && at->cr3 == space->cr3 && at->world->made_up) {
            snprintf(at->world->name, sizeof at->world->name, "%s", space->world);
            at->world->made_up = false;
        }
    }
}

enum ws_status ws__names_give(struct ws__names *names, uint32_t cr3, const char *world, const char *process)
{
    uint32_t directory = cr3 & WS_PAGE_FRAME;
    struct ws__space *space = space_find(names, directory);
    if (!space)
        space = space_add(names, directory);
    if (!space)
        return WS_NO_MEMORY;
    ws__printable_copy(space->world, sizeof(space->world), world); /* an image may have any name */
    ws__printable_copy(space->process, sizeof(space->process), process);
    world_rename(names, space);
    return WS_OK;
}

const char *ws__names_given(const struct ws__names *names, const struct ws_registers *registers)
{
    const struct ws__space *space = space_find(names, registers->value[WS_CR3] & WS_PAGE_FRAME);
    return space ? space->world : NULL;
}

/* The name that stands at a place in the list of page directories first. */
static bool name_is_first(const struct ws__names *names, const struct ws__space *space)
{
    const struct ws__space *at = names->spaces;
    while (at != space && strcmp(at->world, space->world) != 0)
        at = at->next;
    return at == space;
}

bool ws__names_know(const struct ws__names *names, const char *world, struct ws_buffer *all)
{
    bool known = strcmp(world, WS_WORLD_BOOT) == 0;
    if (all)
        ws_buffer_printf(all, WS_WORLD_BOOT);
    for (const struct ws__space *space = names->spaces; space; space = space->next) {
        if (strcmp(space->world, WS_WORLD_BOOT) == 0 || !name_is_first(names, space))
            continue;
        known |= strcmp(space->world, world) == 0;
        if (all)
            ws_buffer_printf(all, ", %s", space->world);
    }
    for (const struct ws__world_name *name = names->worlds; name; name = name->next) {
        if (!name->made_up)
            continue;
        known |= strcmp(name->name, world) == 0;
        if (all)
            ws_buffer_printf(all, ", %s", name->name);
    }
    return known;
}

const char *ws__names_world(struct ws__names *names, const struct ws_registers *registers, uint64_t mark)
{
    const struct ws__space *space = space_find(names, registers->value[WS_CR3] & WS_PAGE_FRAME);
    if (space)
        return space->world;
    if (!is_paged(registers))
        return WS_WORLD_BOOT;
    const struct ws__world_name *world = seen(names, registers, mark, false);
    if (!world) {
        ws__names_settle(names, registers, mark);
        world = seen(names, registers, mark, false);
    }
    return world ? world->name : "?";
}

const char *ws__names_process(const struct ws__names *names, const struct ws_registers *registers, uint64_t mark)
{
    const struct ws__space *space = space_find(names, registers->value[WS_CR3] & WS_PAGE_FRAME);
    return space ? space->process : ws__names_tenant(names, registers, mark);
}
