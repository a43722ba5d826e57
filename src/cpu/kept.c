/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map of translations that the CPU keeps.
 */
#include "cpu/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/zeros.h"
#include "cpu/cpu.h"
#include "x86/page_entry.h"
#include "x86/reason.h"

enum {
    LISTED = 1 << 9, /* in an entry: its place is in `used` */
    TOLD = 1 << 10,  /* in an entry: a client was told that it is out of date */
    RIGHTS = WS_PTE_RW | WS_PTE_US,
    KEEPS = WS_PTE_P | RIGHTS | WS_PTE_A | WS_PTE_D | WS_PTE_PS | WS_PTE_G
};

bool ws__kept_init(struct ws__kept *kept)
{
    *kept = (struct ws__kept){
        .entry = ws__zeros_new(WS__KEPT_PLACES * sizeof *kept->entry),
        .used = ws__zeros_new(WS__KEPT_PLACES * sizeof *kept->used),
    };
    return kept->entry && kept->used;
}

void ws__kept_release(struct ws__kept *kept)
{
    ws__zeros_free(kept->entry, WS__KEPT_PLACES * sizeof *kept->entry);
    ws__zeros_free(kept->used, WS__KEPT_PLACES * sizeof *kept->used);
    *kept = (struct ws__kept){0};
}

/* -- places ------------------------------------------------------------------------------------ */

static uint32_t page_place(uint32_t linear)
{
    return linear / WS_PAGE_BYTES;
}

static uint32_t directory_place(uint32_t linear)
{
    return WS__KEPT_PAGES + linear / WS_BIG_PAGE_BYTES;
}

static void place_drop(struct ws__kept *kept, uint32_t place)
{
    kept->entry[place] &= LISTED;
}

static void place_set(struct ws__kept *kept, uint32_t place, uint32_t entry)
{
    if (!(kept->entry[place] & LISTED))
        kept->used[kept->uses++] = place;
    kept->entry[place] = entry | LISTED;
}

/* The place of the translation that serves for this address.  A small page goes first, if the guest has made a large
 * one of its 4 MiB since.  SDM 3A §4.10.2.3 "Details of TLB Use" */
static bool translation_find(const struct ws__kept *kept, uint32_t linear, uint32_t *place)
{
    *place = page_place(linear);
    if (kept->entry[*place] & WS_PTE_P)
        return true;
    *place = directory_place(linear);
    return (kept->entry[*place] & (WS_PTE_P | WS_PTE_PS)) == (WS_PTE_P | WS_PTE_PS);
}

/* -- the walk ---------------------------------------------------------------------------------- */

static bool memory_walk(const struct ws__cpu *cpu, struct ws_translation *out, const struct ws_registers *registers,
                        uint32_t linear, enum ws_access access, bool user)
{
    struct ws_physical memory = {cpu->ram, cpu->ram_bytes};
    return ws_page_walk(out, &memory, registers, linear, access, user);
}

/* Translate with what is kept.  *known: there is enough for that. */
static bool kept_walk(const struct ws__cpu *cpu, struct ws_translation *out, const struct ws_registers *registers,
                      uint32_t linear, enum ws_access access, bool user, bool *known)
{
    struct ws_physical memory = {cpu->ram, cpu->ram_bytes};
    uint32_t place, directory = cpu->kept.entry[directory_place(linear)];
    *known = translation_find(&cpu->kept, linear, &place);
    if (*known) {
        uint32_t entry = cpu->kept.entry[place] & (KEEPS | WS_PAGE_FRAME);
        bool allowed = ws__page_walk_kept_page(
            out, registers, linear, entry, place < WS__KEPT_PAGES ? WS_PAGE_BYTES : WS_BIG_PAGE_BYTES, access, user);
        *known = !allowed || access != WS_ACCESS_WRITE || entry & WS_PTE_D;
        if (*known)
            return allowed;
    }
    *known = (directory & (WS_PTE_P | WS_PTE_PS)) == WS_PTE_P;
    return *known && ws__page_walk_kept_directory(out, &memory, registers, linear, directory & (KEEPS | WS_PAGE_FRAME),
                                                  access, user);
}

bool ws__cpu_walk(const struct ws__cpu *cpu, struct ws_translation *out, const struct ws_registers *registers,
                  uint32_t linear, enum ws_access access, bool user)
{
    bool known = false;
    if (!cpu->kept.entry || !(registers->value[WS_CR0] & WS_CR0_PG))
        return memory_walk(cpu, out, registers, linear, access, user);
    bool allowed = kept_walk(cpu, out, registers, linear, access, user, &known);
    if (known && allowed)
        return true;
    struct ws_translation kept = *out;
    if (!memory_walk(cpu, out, registers, linear, access, user))
        return false;
    if (known)
        *out = kept; /* the page fault is spurious */
    return !known;
}

/* -- translations that are out of date --------------------------------------------------------- */

static uint32_t leaf_of(const struct ws_translation *walk)
{
    return walk->page_bytes == WS_BIG_PAGE_BYTES || !walk->pte_phys ? walk->pde : walk->pte;
}

/* Do the page tables say something else now for this access?  Then say what; NONE: they do not. */
static struct ws_reason out_of_date(const struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access)
{
    struct ws_translation now;
    uint32_t page = walk->linear & WS_PAGE_FRAME;
    if (walk->kept == WS_KEPT_NONE)
        return WS__REASON(NONE, 0);
    bool user = walk->user && ws__engine_cpl(cpu->engine) == 3;
    bool allowed = memory_walk(cpu, &now, &cpu->paging, walk->linear, access, user), works = walk->result == WS_PAGE_OK;
    if (allowed != works || now.phys != walk->phys) {
        if (walk->kept == WS_KEPT_DIRECTORY)
            return WS__REASON(STALE_DIRECTORY, page, walk->pde, now.pde);
        if (walk->global)
            return WS__REASON(STALE_GLOBAL, page, walk->pte, leaf_of(&now));
        return WS__REASON(STALE_PAGE, page, walk->pte, leaf_of(&now));
    }
    /* A global page may be used for the first time in this space: then there is nothing that was cleared. */
    uint32_t wanted = WS_PTE_A | (access == WS_ACCESS_WRITE ? WS_PTE_D : 0);
    bool cleared = walk->kept == WS_KEPT_PAGE && works && !walk->global && wanted & ~leaf_of(&now);
    return cleared ? WS__REASON(STALE_USED, page, walk->pte, leaf_of(&now)) : WS__REASON(NONE, 0);
}

static void tell(struct ws__cpu *cpu, const struct ws_reason *reason)
{
    const struct ws_event event = {
        .kind = WS_EVENT_STALE,
        .mark = cpu->state.begun - 1,
        .linear = (uint32_t)cpu->last.linear,
        .which = reason->value[0],
        .cpl = (uint8_t)ws__engine_cpl(cpu->engine),
        .reason = *reason,
    };
    cpu->client.event(cpu->client.context, &event);
}

/* -- keeping ----------------------------------------------------------------------------------- */

static bool was_told(const struct ws__cpu *cpu, uint32_t linear)
{
    uint32_t place;
    return translation_find(&cpu->kept, linear, &place) && cpu->kept.entry[place] & TOLD;
}

bool ws__kept_is_told(const struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access)
{
    return cpu->kept.entry && walk->result == WS_PAGE_OK && !was_told(cpu, walk->linear) &&
           out_of_date(cpu, walk, access).code;
}

bool ws__kept_matters(const struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access)
{
    if (!cpu->kept.entry || walk->result != WS_PAGE_OK)
        return false;
    return walk->kept != WS_KEPT_PAGE || ws__kept_is_told(cpu, walk, access);
}

/* What was made of the map must go, too. */
static void changed(struct ws__cpu *cpu)
{
    cpu->frames.stale = true;
    ws__tlb_flush(cpu);
    ws__code_cache_flush(cpu->code);
}

/* The frame and the rights that the map gives for this address; 0: it has no translation. */
static uint32_t translation_of(const struct ws__kept *kept, uint32_t linear)
{
    uint32_t place;
    bool found = translation_find(kept, linear, &place);
    return found ? kept->entry[place] & (WS_PAGE_FRAME | WS_PTE_P | RIGHTS | WS_PTE_PS) : 0;
}

/* Entries of one level are kept as they were used; of two levels, the rights that both give.  A large page that is kept
 * takes the place of the small one at this address, which would be found first. */
static void keep(struct ws__kept *kept, const struct ws_translation *walk, enum ws_access access)
{
    uint32_t used = WS_PTE_A | (access == WS_ACCESS_WRITE ? WS_PTE_D : 0), global = walk->global ? WS_PTE_G : 0;
    if (walk->page_bytes == WS_BIG_PAGE_BYTES) {
        place_drop(kept, page_place(walk->linear));
        place_set(kept, directory_place(walk->linear),
                  (walk->pde & (WS_PAGE_FRAME | (KEEPS & ~WS_PTE_G))) | global | used);
        return;
    }
    uint32_t pte = walk->pte & (WS_PAGE_FRAME | WS_PTE_P | WS_PTE_D | global);
    place_set(kept, page_place(walk->linear), pte | (walk->pte & walk->pde & RIGHTS) | used);
    if (walk->kept == WS_KEPT_NONE)
        place_set(kept, directory_place(walk->linear), (walk->pde & (WS_PTE_P | RIGHTS | WS_PAGE_FRAME)) | WS_PTE_A);
}

/* Keep a translation that was not kept as it is.  A write that has walked the page tables anew may replace one. */
static void keep_anew(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access)
{
    uint32_t before = translation_of(&cpu->kept, walk->linear);
    keep(&cpu->kept, walk, access);
    if (before && before != translation_of(&cpu->kept, walk->linear))
        changed(cpu);
}

void ws__cpu_walk_use(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access)
{
    uint32_t place;
    ws__frames_mark_used(cpu, walk, access);
    if (!cpu->kept.entry || walk->result != WS_PAGE_OK)
        return;
    bool is_told = ws__kept_is_told(cpu, walk, access);
    if (walk->kept != WS_KEPT_PAGE)
        keep_anew(cpu, walk, access);
    if (!is_told)
        return;
    struct ws_reason reason = out_of_date(cpu, walk, access);
    if (translation_find(&cpu->kept, walk->linear, &place))
        cpu->kept.entry[place] |= TOLD;
    tell(cpu, &reason);
}

/* -- dropping ---------------------------------------------------------------------------------- */

/* Drop all places, or all but global pages. */
static void drop_all(struct ws__kept *kept, bool global)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < kept->uses; i++) {
        uint32_t place = kept->used[i], entry = kept->entry[place];
        bool stays = !global && entry & WS_PTE_P && entry & WS_PTE_G;
        kept->entry[place] = stays ? entry : 0;
        kept->used[left] = place;
        left += stays;
    }
    kept->uses = left;
}

static void directories_drop(struct ws__kept *kept)
{
    for (uint32_t place = WS__KEPT_PAGES; place < WS__KEPT_PLACES; place++) {
        if (!(kept->entry[place] & WS_PTE_PS))
            place_drop(kept, place);
    }
}

void ws__kept_fault(struct ws__cpu *cpu, const struct ws_translation *walk)
{
    if (!cpu->kept.entry)
        return;
    enum ws_access access = walk->error_code & WS_PF_W ? WS_ACCESS_WRITE : WS_ACCESS_READ;
    struct ws_reason reason = out_of_date(cpu, walk, access);
    if (reason.code)
        tell(cpu, &reason);
    place_drop(&cpu->kept, page_place(walk->linear));
    place_drop(&cpu->kept, directory_place(walk->linear));
    changed(cpu);
}

void ws__kept_invalidate(struct ws__cpu *cpu, uint32_t linear)
{
    if (!cpu->kept.entry)
        return;
    place_drop(&cpu->kept, page_place(linear));
    place_drop(&cpu->kept, directory_place(linear));
    directories_drop(&cpu->kept);
    changed(cpu);
}

void ws__kept_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t changed_bits)
{
    static const uint32_t all_of[2] = {WS_CR0_PE | WS_CR0_PG, WS_CR4_PSE | WS_CR4_PAE | WS_CR4_PGE};
    bool all = which != WS_CR3 && changed_bits & all_of[which == WS_CR4];
    if (!cpu->kept.entry || (which != WS_CR3 && !all))
        return;
    drop_all(&cpu->kept, all);
    changed(cpu);
}

/* -- copies ------------------------------------------------------------------------------------ */

static int place_compare(const void *a, const void *b)
{
    const struct ws__kept_place *left = a, *right = b;
    return left->place < right->place ? -1 : left->place > right->place;
}

uint32_t ws__kept_at(const struct ws__kept *kept, uint32_t place)
{
    return kept->entry[place] & ~(uint32_t)LISTED;
}

bool ws__kept_linear(const struct ws__kept *kept, uint32_t place, uint32_t *linear)
{
    bool page = place < WS__KEPT_PAGES;
    *linear = page ? place * (uint32_t)WS_PAGE_BYTES : (place - WS__KEPT_PAGES) * (uint32_t)WS_BIG_PAGE_BYTES;
    return kept->entry[place] & WS_PTE_P && (page || kept->entry[place] & WS_PTE_PS);
}

void ws__kept_copy(const struct ws__kept *kept, struct ws_buffer *out)
{
    size_t count = 0;
    for (uint32_t i = 0; i < kept->uses; i++) {
        struct ws__kept_place held = {kept->used[i], ws__kept_at(kept, kept->used[i])};
        if (!held.entry)
            continue;
        ws_buffer_append(out, &held, sizeof held);
        count++;
    }
    if (!out->failed && count)
        qsort(out->data, count, sizeof(struct ws__kept_place), place_compare);
}

void ws__kept_replace(struct ws__kept *kept, const struct ws__kept_place *place, size_t count)
{
    drop_all(kept, true);
    for (size_t i = 0; i < count; i++)
        place_set(kept, place[i].place, place[i].entry);
}

bool ws__kept_is_sound(const struct ws__kept_place *place, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool page = place[i].place < WS__KEPT_PAGES, big = place[i].entry & WS_PTE_PS;
        uint32_t bits = place[i].entry & ~WS_PAGE_FRAME;
        if (place[i].place >= WS__KEPT_PLACES || (i && place[i].place <= place[i - 1].place) || (page && big) ||
            !(bits & WS_PTE_P) || !(bits & WS_PTE_A) || bits & ~(uint32_t)(KEEPS | TOLD))
            return false;
    }
    return true;
}
