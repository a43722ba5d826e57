/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window: the page at WS_CROSS_LINEAR, where the host sees one cross page at a time.
 *
 *        VMM 1              host                  VMM 2
 *   ┌────────────┐     ┌────────────┐        ┌────────────┐
 *   │            │     │            │        │            │
 *   │ cross page │◄──1─┤ the window ├─2─────►│ cross page │    the same linear address in all three
 *   │            │     │            │        │            │
 *   └────────────┘     └─────┬──────┘        └────────────┘
 *                            └─0─► the host's own: the code, as it was loaded, from which others are copied
 *
 * A cross page has the mailbox, and so what a virtual machine writes to its disk: if all VMMs shared one page, each
 * could read that of the others.  So each has its own, and the host turns the window to it before it goes there.
 * All of the host's address spaces share the one page table, so this is one entry, and one translation to forget.
 */

#include "guest/driver/driver.h"

static uint32_t own; /* physical; 0: the window was never turned */

void window_show(uint32_t cross)
{
    uint32_t *entry = &kernel_cross_table[0];

    if (!own)
        own = *entry & -PAGE_BYTES;
    if (cross == WINDOW_OWN)
        cross = own;
    if ((*entry & -PAGE_BYTES) == cross)
        return;
    *entry = cross | (*entry & (PAGE_BYTES - 1));
    page_forget(WS_CROSS_LINEAR);
}
