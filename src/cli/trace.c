/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all formats of trace have in common, and the smallest one, CSV.
 */
#include "cli/trace.h"

#include <string.h>

#include <worldswitch/cross.h>

#include "front/options.h"

void ws__trace_decode(const struct ws__trace_style *style, const struct ws__trace_instruction *instruction,
                      struct ws_instruction *out)
{
    ws_disasm_one(style->disasm, instruction->bytes, sizeof(instruction->bytes), instruction->linear, instruction->wide,
                  style->syntax, out);
}

/* Another guest may have something else at this address. */
const char *ws__trace_why(const struct ws__trace_instruction *instruction)
{
    struct ws_cross_step step;
    if (!ws_cross_step_at_linear(instruction->linear, &step) || step.linear != instruction->linear)
        return "";
    const uint8_t *ours = ws_cross_page() + (step.linear - WS_CROSS_LINEAR);
    return memcmp(instruction->bytes, ours, step.size) ? "" : step.why;
}

const char *ws__trace_table(const struct ws_event *event)
{
    static const struct {
        uint8_t which; /* enum ws_register */
        const char *name;
    } table[] = {{WS_GDTR_BASE, "gdtr"}, {WS_IDTR_BASE, "idtr"}, {WS_LDTR, "ldtr"}, {WS_TR, "tr"}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].which == event->which)
            return table[i].name;
    return "?";
}

/* -- CSV: crossings only ------------------------------------------------------------------------------- */

static void csv_begin(struct ws_buffer *out)
{
    ws_buffer_printf(out, "kind,from,to,begin,end,instructions,changed,kept\n");
}

/* Names come from people: a field with anything special in it is quoted, RFC 4180. */
static void field_append(struct ws_buffer *out, const char *text)
{
    ws_buffer_append(out, "\"", 1);
    for (; *text; text++)
        ws_buffer_append(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    ws_buffer_append(out, "\",", 2);
}

static void categories_append(struct ws_buffer *out, uint32_t set)
{
    const char *separator = "";
    for (unsigned i = 0; i < WS_CATEGORY_COUNT; i++)
        if (set >> i & 1) {
            ws_buffer_printf(out, "%s%s", separator, ws_category_name((enum ws_category)i));
            separator = ";";
        }
}

static void csv_crossing(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_crossing *crossing)
{
    (void)style;
    ws_buffer_printf(out, "%s,", ws_crossing_kind_name((enum ws_crossing_kind)crossing->kind));
    field_append(out, crossing->from);
    field_append(out, crossing->to);
    ws_buffer_printf(out, "%llu,%llu,%llu,", (unsigned long long)crossing->begin, (unsigned long long)crossing->end,
                     (unsigned long long)crossing->instructions);
    categories_append(out, crossing->changed);
    ws_buffer_append(out, ",", 1);
    categories_append(out, crossing->kept);
    ws_buffer_append(out, "\n", 1);
}

const struct ws__trace_format ws__trace_csv = {.begin = csv_begin, .crossing = csv_crossing};

const struct ws__trace_format *ws__trace_format(unsigned format)
{
    static const struct ws__trace_format *const formats[] = {
        [WS__FORMAT_TEXT] = &ws__trace_text,
        [WS__FORMAT_JSONL] = &ws__trace_jsonl,
        [WS__FORMAT_CSV] = &ws__trace_csv,
    };
    return formats[format];
}
