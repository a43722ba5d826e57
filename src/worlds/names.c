/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names.  A page directory that somebody named decides; otherwise the bases of GDT and IDT tell worlds apart, which
 * all processes of a world have in common.
 */
#include "worlds/names.h"

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
    while (names->tables) {
        struct ws__tables *tables = names->tables;
        names->tables = tables->next;
        free(tables);
    }
    *names = (struct ws__names){0};
}

static uint32_t page_directory(const struct ws_registers *registers)
{
    return registers->value[WS_CR3] & ~(uint32_t)(WS_PAGE_BYTES - 1);
}

static struct ws__space *space_find(const struct ws__names *names, uint32_t directory)
{
    struct ws__space *space = names->spaces;
    while (space && space->cr3 != directory)
        space = space->next;
    return space;
}

static struct ws__tables *tables_find(const struct ws__names *names, const struct ws_registers *registers)
{
    struct ws__tables *tables = names->tables;
    while (tables && (tables->gdt != registers->value[WS_GDTR_BASE] || tables->idt != registers->value[WS_IDTR_BASE]))
        tables = tables->next;
    return tables;
}

static struct ws__space *space_add(struct ws__names *names, uint32_t directory)
{
    struct ws__space *space = calloc(1, sizeof(*space));
    if (space) {
        space->cr3 = directory;
        space->next = names->spaces;
        names->spaces = space;
    }
    return space;
}

static struct ws__tables *tables_add(struct ws__names *names, const struct ws_registers *registers)
{
    struct ws__tables *tables = calloc(1, sizeof(*tables));
    if (tables) {
        tables->gdt = registers->value[WS_GDTR_BASE];
        tables->idt = registers->value[WS_IDTR_BASE];
        tables->next = names->tables;
        names->tables = tables;
    }
    return tables;
}

enum ws_status ws__names_give(struct ws__names *names, uint32_t cr3, const char *world, const char *process)
{
    uint32_t directory = cr3 & ~(uint32_t)(WS_PAGE_BYTES - 1);
    struct ws__space *space = space_find(names, directory);
    if (!space)
        space = space_add(names, directory);
    if (!space)
        return WS_NO_MEMORY;
    space->given = true;
    snprintf(space->world, sizeof(space->world), "%s", world);
    snprintf(space->process, sizeof(space->process), "%s", process);
    return WS_OK;
}

bool ws__names_given(const struct ws__names *names, const struct ws_registers *registers)
{
    const struct ws__space *space = space_find(names, page_directory(registers));
    return space && space->given;
}

static const char *world_look_up(struct ws__names *names, const struct ws_registers *registers, bool settled)
{
    struct ws__space *space = space_find(names, page_directory(registers));
    struct ws__tables *tables = tables_find(names, registers);
    if (space && space->given) {
        /* Processes of this world that nobody named are recognized by its tables from now on. */
        if (settled && (tables || (tables = tables_add(names, registers))))
            snprintf(tables->world, sizeof(tables->world), "%s", space->world);
        return space->world;
    }
    if (!(registers->value[WS_CR0] & WS_CR0_PG))
        return "boot";
    if (tables)
        return tables->world;
    if (!settled || !(tables = tables_add(names, registers)))
        return names->last ? names->last : "?";
    snprintf(tables->world, sizeof(tables->world), "world-%u", ++names->made_up_worlds);
    return tables->world;
}

const char *ws__names_world(struct ws__names *names, const struct ws_registers *registers, bool settled)
{
    const char *world = world_look_up(names, registers, settled);
    if (settled)
        names->last = world;
    return world;
}

const char *ws__names_process(struct ws__names *names, const struct ws_registers *registers, bool make_up)
{
    struct ws__space *space = space_find(names, page_directory(registers));
    if (!space && make_up && (space = space_add(names, page_directory(registers))))
        snprintf(space->process, sizeof(space->process), "process-%u", ++names->made_up_processes);
    return space ? space->process : "";
}
