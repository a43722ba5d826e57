/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page walk.
 *
 * It is written for a CPU without PAE, PSE-36 and NX: physical addresses have 32 bits (MAXPHYADDR).
 */
#include <worldswitch/paging.h>

#include <string.h>

#include "x86/page_entry.h"

enum { ENTRY_BYTES = 4, ENTRY_INDEX = 0x3ff };

uint32_t ws__page_entry_read(const struct ws_physical *memory, uint32_t phys)
{
    if (memory->bytes < ENTRY_BYTES || phys > memory->bytes - ENTRY_BYTES)
        return UINT32_MAX;
    const uint8_t *ram = memory->ram + phys;
    return ram[0] | (uint32_t)ram[1] << 8 | (uint32_t)ram[2] << 16 | (uint32_t)ram[3] << 24;
}

const uint8_t *ws__page_entries(const struct ws_physical *memory, uint32_t phys, uint8_t room[WS_PAGE_BYTES])
{
    if (memory->bytes >= WS_PAGE_BYTES && phys <= memory->bytes - WS_PAGE_BYTES)
        return memory->ram + phys;
    for (uint32_t at = 0; at < WS_PAGE_BYTES; at += ENTRY_BYTES) {
        uint32_t entry = ws__page_entry_read(memory, phys + at);
        memcpy(room + at, &entry, sizeof entry);
    }
    return room;
}

/* The walk fails: say why.  The error code's bit for instruction fetches stays clear, since it needs NX or SMEP.  SDM
 * 3A §4.7 "Page-Fault Exceptions", figure 4-12 */
static bool walk_fail(struct ws_translation *walk, enum ws_page_result result, enum ws_access access, bool user)
{
    bool present = result != WS_PAGE_PDE_NOT_PRESENT && result != WS_PAGE_PTE_NOT_PRESENT;
    walk->result = (uint8_t)result;
    walk->error_code = (present ? WS_PF_P : 0) | (access == WS_ACCESS_WRITE ? WS_PF_W : 0) | (user ? WS_PF_U : 0) |
                       (result == WS_PAGE_RESERVED_BIT ? WS_PF_RSVD : 0);
    return false;
}

/* Check the rights.  Each right needs both levels; ring 0 obeys read-only pages only with CR0.WP.  SDM 3A §4.6 "Access
 * Rights" */
static bool walk_check(struct ws_translation *walk, uint32_t cr0, enum ws_access access, bool user)
{
    if (user && !walk->user)
        return walk_fail(walk, WS_PAGE_NOT_USER, access, user);
    if (access == WS_ACCESS_WRITE && !walk->writable && (user || (cr0 & WS_CR0_WP)))
        return walk_fail(walk, WS_PAGE_NOT_WRITABLE, access, user);
    return true;
}

/* Put what the entry says that maps the page into *walk; `rights`: the bits that are set at both levels. */
static void walk_finish(struct ws_translation *walk, uint32_t leaf, uint32_t rights, uint32_t cr4)
{
    uint32_t frame = walk->page_bytes == WS_PAGE_BYTES ? WS_PAGE_FRAME : WS__BIG_PAGE_FRAME;
    walk->phys = (leaf & frame) | (walk->linear & ~frame);
    walk->user = rights & WS_PTE_US;
    walk->writable = rights & WS_PTE_RW;
    walk->global = (leaf & WS_PTE_G) && (cr4 & WS_CR4_PGE);
}

/* The page directory entry is known: go on from there. */
static bool walk_on(struct ws_translation *out, const struct ws_physical *memory, const struct ws_registers *registers,
                    enum ws_access access, bool user)
{
    uint32_t cr0 = registers->value[WS_CR0], cr4 = registers->value[WS_CR4];
    if (!(out->pde & WS_PTE_P))
        return walk_fail(out, WS_PAGE_PDE_NOT_PRESENT, access, user);

    if ((out->pde & WS_PTE_PS) && (cr4 & WS_CR4_PSE)) {
        if (out->pde & WS__BIG_PAGE_RESERVED)
            return walk_fail(out, WS_PAGE_RESERVED_BIT, access, user);
        out->page_bytes = WS_BIG_PAGE_BYTES;
        walk_finish(out, out->pde, out->pde, cr4);
        return walk_check(out, cr0, access, user);
    }

    out->pte_phys = (out->pde & WS_PAGE_FRAME) + (out->linear >> 12 & ENTRY_INDEX) * ENTRY_BYTES;
    out->pte = ws__page_entry_read(memory, out->pte_phys);
    if (!(out->pte & WS_PTE_P))
        return walk_fail(out, WS_PAGE_PTE_NOT_PRESENT, access, user);
    out->page_bytes = WS_PAGE_BYTES;
    walk_finish(out, out->pte, out->pde & out->pte, cr4);
    return walk_check(out, cr0, access, user);
}

bool ws_page_walk(struct ws_translation *out, const struct ws_physical *memory, const struct ws_registers *registers,
                  uint32_t linear, enum ws_access access, bool user)
{
    *out = (struct ws_translation){.linear = linear, .phys = linear};
    if (!(registers->value[WS_CR0] & WS_CR0_PG)) {
        out->user = out->writable = true;
        out->result = WS_PAGE_OFF;
        return true;
    }
    out->pde_phys = (registers->value[WS_CR3] & WS_PAGE_FRAME) + (linear >> 22) * ENTRY_BYTES;
    out->pde = ws__page_entry_read(memory, out->pde_phys);
    return walk_on(out, memory, registers, access, user);
}

bool ws__page_walk_kept_directory(struct ws_translation *out, const struct ws_physical *memory,
                                  const struct ws_registers *registers, uint32_t linear, uint32_t pde,
                                  enum ws_access access, bool user)
{
    *out = (struct ws_translation){.linear = linear, .phys = linear, .pde = pde, .kept = WS_KEPT_DIRECTORY};
    return walk_on(out, memory, registers, access, user);
}

bool ws__page_walk_kept_page(struct ws_translation *out, const struct ws_registers *registers, uint32_t linear,
                             uint32_t entry, uint32_t page_bytes, enum ws_access access, bool user)
{
    *out = (struct ws_translation){
        .linear = linear, .page_bytes = page_bytes, .pde = entry, .pte = entry, .kept = WS_KEPT_PAGE};
    walk_finish(out, entry, entry, registers->value[WS_CR4]);
    return walk_check(out, registers->value[WS_CR0], access, user);
}

static void entry_set(uint8_t *ram, uint32_t bytes, uint32_t phys, uint32_t bits)
{
    if (bytes < ENTRY_BYTES || phys > bytes - ENTRY_BYTES)
        return;
    uint32_t entry;
    memcpy(&entry, ram + phys, sizeof entry);
    entry |= bits;
    memcpy(ram + phys, &entry, sizeof entry);
}

void ws__page_mark_used(const struct ws_translation *walk, uint8_t *ram, uint32_t bytes, enum ws_access access)
{
    if (walk->result != WS_PAGE_OK || walk->kept == WS_KEPT_PAGE)
        return;
    uint32_t leaf = WS_PTE_A | (access == WS_ACCESS_WRITE ? WS_PTE_D : 0);
    if (walk->page_bytes == WS_BIG_PAGE_BYTES) {
        entry_set(ram, bytes, walk->pde_phys, leaf);
        return;
    }
    if (walk->kept != WS_KEPT_DIRECTORY)
        entry_set(ram, bytes, walk->pde_phys, WS_PTE_A);
    entry_set(ram, bytes, walk->pte_phys, leaf);
}

size_t ws_page_read(const struct ws_physical *memory, const struct ws_registers *registers, uint32_t linear, void *out,
                    size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        struct ws_translation walk;
        uint32_t at = linear + (uint32_t)done;
        size_t piece = WS_PAGE_BYTES - at % WS_PAGE_BYTES;
        if (piece > bytes - done)
            piece = bytes - done;
        if (!ws_page_walk(&walk, memory, registers, at, WS_ACCESS_READ, false))
            break;
        if (walk.phys >= memory->bytes || piece > memory->bytes - walk.phys)
            break;
        memcpy((uint8_t *)out + done, memory->ram + walk.phys, piece);
        done += piece;
    }
    return done;
}
