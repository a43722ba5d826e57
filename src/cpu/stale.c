/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding entries that were changed while they were in use.
 */
#include "cpu/stale.h"

#include "cpu/cpu.h"
#include "x86/page_entry.h"

enum {
    /* flags in the lowest bits of a page that is remembered */
    BIG = 1,    /* the entry maps 4 MiB */
    WRITES = 2, /* only writes matter: the page may now only be read */
    MARKS = BIG | WRITES
};

static bool is_listened_to(const struct ws__cpu *cpu)
{
    return cpu->run.listening & WS_EVENT_MASK(STALE) && cpu->paging.value[WS_CR0] & WS_CR0_PG;
}

static const uint8_t *directory_find(const struct ws__cpu *cpu)
{
    uint32_t phys = cpu->paging.value[WS_CR3] & WS_PAGE_FRAME;
    return phys < cpu->ram_bytes ? cpu->ram + phys : NULL;
}

/* The frame of the page table that this directory entry leads to; 0: the entry leads to no table, or was not used.
 * Where the CPU keeps translations, what it has kept is compared with all tables, used or not. */
static uint32_t table_of(const struct ws__cpu *cpu, uint32_t pde)
{
    bool big = pde & WS_PTE_PS && cpu->paging.value[WS_CR4] & WS_CR4_PSE;
    return pde & WS_PTE_P && (pde & WS_PTE_A || cpu->kept.entry) && !big ? pde & WS_PAGE_FRAME : 0;
}

void ws__stale_protect(struct ws__cpu *cpu)
{
    const uint8_t *directory = directory_find(cpu);
    if (!is_listened_to(cpu) || !directory)
        return;
    struct ws_translation walk = {.result = WS_PAGE_OK, .pde_phys = cpu->paging.value[WS_CR3] & WS_PAGE_FRAME};
    ws__frames_tables_protect(cpu, &walk); /* the directory, should it have no entry */
    for (unsigned i = 0; (i = ws__page_entry_present(directory, i)) < WS__PAGE_ENTRIES; i++) {
        walk.pte_phys = table_of(cpu, ws__page_entry_at(directory, i));
        ws__frames_tables_protect(cpu, &walk);
    }
}

/* May a real CPU still use the old entry, and would that make a difference?  An entry that was never used is in no TLB.
 * If the new entry gives more rights, a CPU walks the page tables again before it faults.  SDM 3A §4.10.4.3 "Optional
 * Invalidation" */
static bool matters(uint32_t before, uint32_t now, uint32_t *marks)
{
    bool elsewhere = !(now & WS_PTE_P) || (before ^ now) & WS_PAGE_FRAME;
    *marks = elsewhere ? 0 : WRITES;
    return before & WS_PTE_P && before & WS_PTE_A && (elsewhere || before & ~now & WS_PTE_RW);
}

/* Remember the changed entries of one table.  It maps addresses from `linear` on, and each entry maps `bytes` of
 * them. */
static void entries_note(struct ws__cpu *cpu, uint32_t phys, const uint8_t *before, uint32_t linear, uint32_t bytes)
{
    struct ws__stale *stale = &cpu->state.stale;
    uint32_t marks, big = bytes == WS_BIG_PAGE_BYTES ? BIG : 0;
    for (unsigned i = 0; i < WS__PAGE_ENTRIES; i++) {
        if (matters(ws__page_entry_at(before, i), ws__page_entry_at(cpu->ram + phys, i), &marks) &&
            stale->count < WS__STALE_PAGES)
            stale->page[stale->count++] = (linear + i * bytes) | marks | big;
    }
}

void ws__stale_note(struct ws__cpu *cpu, uint32_t phys, const uint8_t before[WS_PAGE_BYTES])
{
    const uint8_t *directory = directory_find(cpu);
    if (!is_listened_to(cpu) || !directory || cpu->kept.entry) /* kept.c tells of what the CPU really keeps */
        return;
    if (phys == (cpu->paging.value[WS_CR3] & WS_PAGE_FRAME))
        entries_note(cpu, phys, before, 0, WS_BIG_PAGE_BYTES);
    for (unsigned i = 0; i < WS__PAGE_ENTRIES; i++) {
        if (phys && table_of(cpu, ws__page_entry_at(directory, i)) == phys)
            entries_note(cpu, phys, before, i * (uint32_t)WS_BIG_PAGE_BYTES, WS_PAGE_BYTES);
    }
}

void ws__stale_clear(struct ws__stale *stale)
{
    stale->count = 0;
}

static bool meets(uint32_t stale, uint32_t page, enum ws_access access)
{
    uint32_t distance = (stale & ~(uint32_t)MARKS) ^ page;
    return distance < (stale & BIG ? WS_BIG_PAGE_BYTES : WS_PAGE_BYTES) &&
           (access == WS_ACCESS_WRITE || !(stale & WRITES));
}

bool ws__stale_has(const struct ws__stale *stale, uint32_t page, enum ws_access access)
{
    for (uint32_t i = 0; i < stale->count; i++) {
        if (meets(stale->page[i], page, access))
            return true;
    }
    return false;
}

void ws__stale_tell(struct ws__cpu *cpu, uint32_t page, enum ws_access access)
{
    struct ws__stale *stale = &cpu->state.stale;
    if (!ws__stale_has(stale, page, access))
        return;
    for (uint32_t i = 0; i < stale->count; i++) {
        if (meets(stale->page[i], page, access))
            stale->page[i--] = stale->page[--stale->count];
    }
    if (!is_listened_to(cpu))
        return;
    const struct ws_event event = {
        .kind = WS_EVENT_STALE,
        .mark = cpu->state.begun - 1,
        .linear = (uint32_t)cpu->last.linear,
        .which = page,
        .cpl = (uint8_t)ws__engine_cpl(cpu->engine),
    };
    cpu->client.event(cpu->client.context, &event);
}
