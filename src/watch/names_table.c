/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that a running system tells by itself: the table `ws_names` in its memory, see struct ws_names_row.  Only some
 * of its worlds map it, so it is read under the registers of either side of a crossing.
 */
#include "watch/names.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/paging.h>

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

/* Is the table mapped under these registers?  A virtual machine may have a kernel with such a table of its own. */
static bool table_is_here(const struct ws__names *names, const struct ws_machine *machine,
                          const struct ws_registers *registers, uint32_t *phys)
{
    struct ws_translation walk;
    struct ws_physical memory = ws_machine_memory(machine);
    if (!names->table || !ws_page_walk(&walk, &memory, registers, names->table, WS_ACCESS_READ, false))
        return false;
    *phys = walk.phys;
    return !names->table_phys || names->table_phys == walk.phys;
}

/* Read the i-th row; false: the table has ended. */
static bool row_read(const struct ws__names *names, const struct ws_machine *machine,
                     const struct ws_registers *registers, unsigned i, struct ws_names_row *row)
{
    uint32_t linear = names->table + i * (uint32_t)sizeof *row;
    return i < ROWS_MOST && ws_machine_read_as(machine, registers, linear, row, sizeof *row) == WS_OK && row->cr3;
}

void ws__names_table_read(struct ws__names *names, const struct ws_machine *machine,
                          const struct ws_registers *registers)
{
    struct ws_names_row row;
    uint32_t phys;
    if (!table_is_here(names, machine, registers, &phys))
        return;
    for (unsigned i = 0; row_read(names, machine, registers, i, &row); i++) {
        if (row.cr3 & WS_NAMES_THREAD || !is_name(row.world, false) || !is_name(row.process, true))
            continue;
        names->table_phys = phys;
        /* A lack of memory is remembered in the names. */
        (void)ws__names_give(names, row.cr3, row.world, row.process);
    }
}

bool ws__names_thread(const struct ws__names *names, const struct ws_machine *machine,
                      const struct ws_registers *registers, char name[WS_NAME_BYTES])
{
    struct ws_names_row row;
    uint32_t phys, stack = (registers->value[WS_ESP] & WS_PAGE_FRAME) | WS_NAMES_THREAD;
    if (!table_is_here(names, machine, registers, &phys))
        return false;
    for (unsigned i = 0; row_read(names, machine, registers, i, &row); i++) {
        if (row.cr3 != stack || !is_name(row.process, false))
            continue;
        snprintf(name, WS_NAME_BYTES, "%s", row.process);
        return true;
    }
    return false;
}

bool ws__names_gone(const struct ws__names *names, const struct ws_machine *machine,
                    const struct ws_registers *registers, uint32_t cr3)
{
    struct ws_registers of = {.value = {[WS_CR3] = cr3}};
    struct ws_names_row row = {.cr3 = 0};
    uint32_t phys;
    if (!names->table_phys || !ws__names_given(names, &of) || !table_is_here(names, machine, registers, &phys))
        return false;
    for (unsigned i = 0; row_read(names, machine, registers, i, &row); i++)
        if ((row.cr3 ^ cr3) < WS_PAGE_BYTES)
            return false;
    return true;
}
