/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VM's own page tables, read as a CPU would.  SDM 3A §4.3 "32-Bit Paging" */
#include "vmm.h"

bool paging_on(void)
{
    return (vcpu.cr0 & WS_CR0_PG) != 0;
}

/*
 * The VMM's own 4 MiB have no room for all of the VM's memory.  A page of it that the VMM needs is put into the window,
 * in the place that was filled longest ago; what the window shows stays for so many others.  The directory is the same
 * before and after, and so is the rest of its table.
 */
static void *window_fill(uint32_t frame)
{
    static uint16_t in_window[HOSTED_WINDOW_PAGES]; /* frames, plus 1 */
    static uint16_t place_of[HOSTED_VM_PAGES];      /* plus 1; 0: not in the window */
    static uint32_t next;
    uint32_t place = place_of[frame] ? place_of[frame] - 1u : next++ % HOSTED_WINDOW_PAGES;
    uint32_t linear = HOSTED_VMM_WINDOW + place * WS_PAGE_BYTES;

    if (!place_of[frame]) {
        if (in_window[place])
            place_of[in_window[place] - 1] = 0;
        in_window[place] = (uint16_t)(frame + 1);
        place_of[frame] = (uint16_t)(place + 1);
        ((uint32_t *)HOSTED_VMM_TABLE)[linear / WS_PAGE_BYTES % TABLE_ENTRIES] =
            frame_machine(frame) * WS_PAGE_BYTES | WS_PTE_P | WS_PTE_RW;
        page_forget(linear);
    }
    return (void *)linear;
}

/* Behind the end of the VM's memory there are only ones, as in a PC, and writes go nowhere: that is a page of the pool,
 * filled anew whenever it may have been written. */
enum { NOWHERE = HOSTED_POOL_PAGES - 1 };

void *frame_window(uint32_t frame)
{
    void *nowhere = (void *)(HOSTED_VMM_POOL + NOWHERE * WS_PAGE_BYTES);

    if (frame < HOSTED_VM_PAGES)
        return window_fill(frame);
    memset(nowhere, 0xff, WS_PAGE_BYTES);
    return nowhere;
}

uint32_t frame_machine(uint32_t frame)
{
    return frame < HOSTED_VM_PAGES ? ((uint32_t *)HOSTED_VMM_FRAMES)[frame] : boot()->pool_frames[NOWHERE];
}

void walk(uint32_t linear, struct walk *out)
{
    uint32_t rights;

    *out = (struct walk){.present = true,
                         .writable = true,
                         .user_writable = true,
                         .user = true,
                         .frame = linear / WS_PAGE_BYTES,
                         .table = NO_FRAME};
    if (!paging_on())
        return;
    out->present = out->user = false;
    out->directory_entry = (uint32_t *)frame_window(vcpu.cr3 / WS_PAGE_BYTES) + (linear >> 22);
    if (!(*out->directory_entry & WS_PTE_P))
        return;
    if (*out->directory_entry & WS_PTE_PS && vcpu.cr4 & WS_CR4_PSE) { /* a page of 4 MiB: one entry is both */
        out->table_entry = out->directory_entry;
        out->frame = (*out->directory_entry >> 22 << 10) + linear / WS_PAGE_BYTES % TABLE_ENTRIES;
    } else {
        out->table = *out->directory_entry / WS_PAGE_BYTES;
        out->table_entry = (uint32_t *)frame_window(out->table) + linear / WS_PAGE_BYTES % TABLE_ENTRIES;
        out->frame = *out->table_entry / WS_PAGE_BYTES;
    }
    if (!(*out->table_entry & WS_PTE_P))
        return;
    rights = *out->directory_entry & *out->table_entry;
    out->present = true;
    out->user = (rights & WS_PTE_US) != 0;
    out->user_writable = (rights & WS_PTE_RW) != 0;
    out->writable = out->user_writable || !(vcpu.cr0 & WS_CR0_WP);
}

/* SDM 3A §4.6 "Access Rights" */
static bool permitted(const struct walk *found, bool write, bool user)
{
    if (!found->present || (user && !found->user))
        return false;
    return !write || (user ? found->user_writable : found->writable);
}

bool walk_access(uint32_t linear, bool write, bool user, struct walk *out)
{
    walk(linear, out);
    if (!permitted(out, write, user)) {
        vcpu.cr2 = linear;
        return fault_set(WS_VECTOR_PF, (out->present ? WS_PF_P : 0) | (write ? WS_PF_W : 0) | (user ? WS_PF_U : 0));
    }
    if (!out->table_entry)
        return true;
    /* SDM 3A §4.8 "Accessed and Dirty Flags" */
    *out->directory_entry |= WS_PTE_A;
    *out->table_entry |= write ? WS_PTE_A | WS_PTE_D : WS_PTE_A;
    return true;
}
