/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that a running system tells by itself: the table `ws_names` in its memory, see struct ws_names_row.  Only some
 * of its worlds map it, so it is read under the registers of either side of a crossing.
 */
#include "watch/names.h"

#include <string.h>

#include "watch/names_row.h"

enum { ROWS_MOST = 64 };

/* A guest may write anything there: a text that does not end, or holds something else than a name, is none. */
static bool is_name(const char text[16], bool may_be_empty)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (!memchr(text, 0, 16))
        return false;
    return strspn(text, allowed) == strlen(text) && (*text || may_be_empty);
}

void ws__names_table_read(struct ws__names *names, const struct ws_machine *machine,
                          const struct ws_registers *registers)
{
    struct ws_names_row row;
    if (!names->table)
        return;
    for (unsigned i = 0; i < ROWS_MOST; i++) {
        uint32_t linear = names->table + i * (uint32_t)sizeof row;
        if (ws_machine_read_as(machine, registers, linear, &row, sizeof row) != WS_OK || !row.cr3)
            return;
        /* A lack of memory is remembered in the names. */
        if (is_name(row.world, false) && is_name(row.process, true))
            (void)ws__names_give(names, row.cr3, row.world, row.process);
    }
}
