/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose page directory is whose, and whose kernel stack: the host does not read it, but watchers from outside do. */
#include "guest/host/host.h"
#include "guest/hosted.h"

enum { ROWS = PROCESSES + THREADS + HOSTED_VMS_MOST + 1 }; /* a VMM each, and the row that ends the table */

/* The kernel's own directory is named from before paging is on: boot/entry.S completes the row. */
struct ws_names_row ws_names[ROWS] = {{.world = "host", .process = "idle"}};

void name_add(uint32_t key, const char *world, const char *name)
{
    struct ws_names_row *row = ws_names;

    while (row->cr3)
        row++;
    text_print(row->world, sizeof row->world, "%s", world);
    text_print(row->process, sizeof row->process, "%s", name);
    row->cr3 = key;
}

/* The last row takes the place of the one that goes. */
void name_remove(uint32_t key)
{
    struct ws_names_row *row = ws_names, *last = ws_names;

    while (row->cr3 && row->cr3 != key)
        row++;
    if (!row->cr3)
        return;
    while (last[1].cr3)
        last++;
    *row = *last;
    last->cr3 = 0;
}
