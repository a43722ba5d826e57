/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables panel, second half: the task state segment, and the page walk of one address in words.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/segment.h>

#include "view/rows.h"

/* The fields of a 32-bit TSS that this panel shows. SDM 3A §7.2.1 "Task-State Segment (TSS)",
 * figure 7-2. */
struct tss_field {
    const char *label;
    const char *meaning;
    uint8_t offset;
    uint8_t bytes;
};

/* clang-format off */
static const struct tss_field tss_table[] = {
    { "esp0",  "stack pointer when ring 0 is entered from an outer ring", 4, 4 },
    { "ss0",   "and its segment", 8, 2 },
    { "esp1",  "the same for ring 1", 12, 4 },
    { "ss1",   "", 16, 2 },
    { "esp2",  "the same for ring 2", 20, 4 },
    { "ss2",   "", 24, 2 },
    { "cr3",   "page directory; used by hardware task switches only", 28, 4 },
    { "ldt",   "local descriptor table; the same", 96, 2 },
    { "iomap", "offset of the map of ports that ring 3 may use", 102, 2 },
};
/* clang-format on */

/* TR's hidden part says where its TSS is. */
void ws__view_tss(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_descriptor *tss = &state->segment[WS_VIEW_TR];
    enum ws__stale stale = ws__view_stale(state, WS_TR);
    char title[80];

    if (!(state->now.value[WS_TR] & (uint32_t)WS_SELECTOR_INDEX)) {
        ws__view_rule(rows, "TSS: TR names none");
        return;
    }
    snprintf(title, sizeof title, "TSS at %08x, selector %04x%s%s", (unsigned)tss->base,
             (unsigned)state->now.value[WS_TR], stale ? ": " : "", ws__view_stale_text(stale));
    ws__view_rule(rows, title);
    for (size_t at = 0; at < sizeof tss_table / sizeof tss_table[0]; at++) {
        const struct tss_field *field = &tss_table[at];
        uint32_t value = 0;
        bool there = ws__view_read(state, &state->now, tss->base + field->offset, &value, field->bytes) == field->bytes;
        ws__rows_begin(rows);
        if (!there) {
            ws__rows_print(rows, WS_ROLE_WARNING, " %08x is not mapped", tss->base + field->offset);
            return;
        }
        ws__rows_print(rows, WS_ROLE_DIM, " %-6s ", field->label);
        ws__rows_print(rows, WS_ROLE_TEXT, "%0*x", field->bytes * 2, value);
        ws__rows_pad(rows, 18);
        ws__rows_print(rows, WS_ROLE_WHY, "%s", field->meaning);
    }
}

void ws__view_page_walk(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_translation walk;
    struct ws_buffer text = WS_BUFFER_INIT;
    char title[128], symbol[64];

    ws__view_symbol(state, state->chosen_linear, symbol, sizeof symbol);
    snprintf(title, sizeof title, "page walk of %08x%s%s (p: another address)", (unsigned)state->chosen_linear,
             symbol[0] ? " " : "", symbol);
    ws__view_rule(rows, title);
    ws_page_walk(&walk, &state->memory, &state->now, state->chosen_linear, WS_ACCESS_READ, false);
    ws_page_describe(&text, &walk);
    for (char *line = text.data; line && *line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        ws__rows_wrap(rows, WS_ROLE_TEXT, 1, 4, line);
        line = end ? end + 1 : NULL;
    }
    rows->failed |= text.failed;
    ws_buffer_release(&text);
}
