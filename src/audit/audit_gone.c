/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Worlds and processes end, and others get their page frames, their stacks and even their names: a virtual machine that
 * is started again has a VMM of the same name, whose page directory may be in the same frame.  Nothing that the first
 * one had is due to the second one.
 *
 * Which have ended, a guest tells by its table of names (watch/names_row.h).  Where it has none, nobody knows.
 */
#include "audit/audit.h"

static void list_forget(struct ws_audit *audit, struct departed *list, const struct ws_crossing *crossing)
{
    for (struct departed *at = list; at; at = at->next) {
        if (!at->due.known || !ws__watcher_gone(audit->watcher, crossing, at->due.registers.value[WS_CR3]))
            continue;
        at->due.known = false;
        ws_page_map_release(&at->due.map);
    }
}

void ws__gone_forget(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    list_forget(audit, audit->known.departed, crossing);
    list_forget(audit, audit->known.context, crossing);
    ws__fpu_gone_forget(audit, crossing);
}
