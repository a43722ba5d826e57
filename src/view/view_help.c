/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Help: the keys, from the same table that the program obeys, and how to read the screen.
 */
#include <string.h>

#include "view/internal.h"
#include "view/rows.h"

static const char *const reading[] = {
    "A world is a whole system context: address space, GDT, IDT, task, control registers, stack. "
    "A process is a part of one world.",
    "A context switch goes from one process to another of the same world: the kernel's half of the "
    "address space and all handlers stay.",
    "A world switch changes everything. Its code stands in the cross page, the only page that both "
    "worlds map; the numbers 1/45 to 45/45 count its instructions.",
    "A value with a * was changed by the last step. In the address space, + is only where the switch goes, - only "
    "where "
    "it comes from, = in both; what is not mapped now stands in parentheses. A stale table is still the left world's.",
    "Panel 7 is figure 7-10: where the machine is, the steps i to v of the last disk interrupt, and 1 "
    "to 6 of the last request, as far as they are known at this mark.",
    "A mark counts the instructions since reset: it names an instant, and you can go to any.",
};

/* Why the run ended: text that was made elsewhere. */
static void draw_post_mortem(struct ws_rows *rows, const char *text)
{
    ws__view_rule(rows, "why the run ended; ? or Esc closes this");
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_TEXT, "%.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

void ws_view_help(struct ws_rows *rows, const struct ws_view_state *state)
{
    if (state->post_mortem) {
        draw_post_mortem(rows, state->post_mortem);
        return;
    }
    ws__view_rule(rows, "keys: lower case goes forward, upper case goes back");
    for (size_t at = 0; at < state->keys; at++) {
        const struct ws_view_key *key = &state->key[at];
        if (!key->text[0])
            continue;
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_KEY, " %-11s", key->keys);
        ws__rows_print(rows, WS_ROLE_TEXT, " %s", key->text);
        if (key->back[0]) {
            ws__rows_print(rows, WS_ROLE_DIM, "; back: ");
            ws__rows_print(rows, WS_ROLE_KEY, "%s", key->back);
        }
    }
    ws__view_rule(rows, "how to read this");
    for (size_t at = 0; at < sizeof reading / sizeof reading[0]; at++)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 6, reading[at]);
}
