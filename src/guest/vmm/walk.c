/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VM's own page tables, read as a CPU would.  SDM 3A §4.3 "32-Bit Paging" */
#include "guest/shared/memory.h"
#include "vmm.h"

bool paging_on(void)
{
    return (vcpu.cr0 & WS_CR0_PG) != 0;
}

/* Behind the end of the VM's memory there are only ones, as in a PC, and writes go nowhere: that is a page of the pool,
 * filled anew whenever it may have been written. */
enum { NOWHERE = HOSTED_POOL_PAGES - 1 };

void *frame_window(uint32_t frame)
{
    void *nowhere = (void *)(HOSTED_VMM_POOL + NOWHERE * WS_PAGE_BYTES);

    if (frame < HOSTED_VM_PAGES)
        return (void *)(HOSTED_VMM_WINDOW + frame * WS_PAGE_BYTES);
    memset(nowhere, 0xff, WS_PAGE_BYTES);
    return nowhere;
}

uint32_t frame_machine(uint32_t frame)
{
    return frame < HOSTED_VM_PAGES ? boot()->vm_frames[frame] : boot()->pool_frames[NOWHERE];
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
