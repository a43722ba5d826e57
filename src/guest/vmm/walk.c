/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VM's own page tables, read as a CPU would.  SDM 3A §4.3 "32-Bit Paging" */
#include "vmm.h"

bool paging_on(void)
{
    return (vcpu.cr0 & WS_CR0_PG) != 0;
}

void *frame_window(uint32_t frame)
{
    if (frame >= HOSTED_VM_PAGES)
        vm_stop("the virtual machine's code at %x needs physical page %x, and it has only %x of "
                "them",
                vcpu.frame->eip, frame, HOSTED_VM_PAGES);
    return (void *)(HOSTED_VMM_WINDOW + frame * WS_PAGE_BYTES);
}

void walk(uint32_t linear, struct walk *out)
{
    uint32_t rights;

    *out = (struct walk){.present = true, .writable = true, .frame = linear / WS_PAGE_BYTES, .table = NO_FRAME};
    if (!paging_on())
        return;
    out->present = false;
    out->directory_entry = (uint32_t *)frame_window(vcpu.cr3 / WS_PAGE_BYTES) + (linear >> 22);
    if (!(*out->directory_entry & WS_PTE_P))
        return;
    out->table = *out->directory_entry / WS_PAGE_BYTES;
    out->table_entry = (uint32_t *)frame_window(out->table) + linear / WS_PAGE_BYTES % TABLE_ENTRIES;
    if (!(*out->table_entry & WS_PTE_P))
        return;
    rights = *out->directory_entry & *out->table_entry;
    out->present = true;
    out->writable = rights & WS_PTE_RW || !(vcpu.cr0 & WS_CR0_WP);
    out->frame = *out->table_entry / WS_PAGE_BYTES;
}

bool walk_access(uint32_t linear, bool write, struct walk *out)
{
    walk(linear, out);
    if (!out->present || (write && !out->writable)) {
        vcpu.cr2 = linear;
        return fault_set(WS_VECTOR_PF, (out->present ? WS_PF_P : 0) | (write ? WS_PF_W : 0));
    }
    frame_window(out->frame); /* is there such memory? */
    if (out->table == NO_FRAME)
        return true;
    /* SDM 3A §4.8 "Accessed and Dirty Flags" */
    *out->directory_entry |= WS_PTE_A;
    *out->table_entry |= write ? WS_PTE_A | WS_PTE_D : WS_PTE_A;
    return true;
}
