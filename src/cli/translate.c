/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VMM's units as text, as records, and as a table: the virtual machine's code at left, what stands for it at right.
 */
#include "cli/translate.h"

#include <stdio.h>
#include <string.h>

#include "front/json.h"

enum { LEFT = 40 /* columns */, DESCRIPTION = 40 };

/* What is being written. */
struct writer {
    struct ws_buffer *out;
    struct ws_disasm *disasm;
    const struct ws__options *options;
    const struct ws__translate_seen *seen;
    const struct ws_unit *unit;
    unsigned number; /* of the unit, from 1 */
};

static bool decode(const struct writer *writer, const uint8_t *code, size_t bytes, uint32_t at,
                   struct ws_instruction *out)
{
    return ws_disasm_one(writer->disasm, code, bytes < WS_INSTRUCTION_BYTES ? bytes : WS_INSTRUCTION_BYTES, at, true,
                         (enum ws_syntax)writer->options->syntax, out);
}

static void source_decode(const struct writer *writer, const struct ws__translated *piece, struct ws_instruction *out)
{
    *out = (struct ws_instruction){.text = ""};
    if (piece->bytes)
        decode(writer, piece->source, piece->bytes, piece->eip, out);
}

/* Where a near jump of the cache leads, in words: "unit 3"; "" if it is none, or goes on within its unit. */
static void jump_describe(const struct writer *writer, const struct ws_instruction *is, char text[DESCRIPTION])
{
    unsigned displacement_at = is->bytes[0] == 0xe9 ? 1 : is->bytes[0] == 0x0f && is->bytes[1] >> 4 == 8 ? 2 : 0;
    uint32_t distance, place;
    const struct ws_unit *unit;
    *text = 0;
    if (!displacement_at || is->size != displacement_at + sizeof distance)
        return;
    memcpy(&distance, is->bytes + displacement_at, sizeof distance);
    place = is->linear + is->size + distance;
    unit = ws__translation_unit_at(&writer->seen->translation, place);
    if (!place)
        snprintf(text, DESCRIPTION, "lookup");
    else if (unit)
        snprintf(text, DESCRIPTION, "unit %u", (unsigned)(unit - writer->seen->translation.unit) + 1);
    else
        snprintf(text, DESCRIPTION, "not chained");
}

/* A dropped unit is not executed any more: in the place of its first bytes is a hlt, or a jump to its successor. */
static void entrance_describe(const struct writer *writer, char text[DESCRIPTION])
{
    struct ws_instruction is;
    const struct ws__translation *translation = &writer->seen->translation;
    uint32_t at = writer->unit->start;
    *text = 0;
    if (writer->unit->alive)
        return;
    decode(writer, translation->cache + at, WS_UNIT_CACHE_BYTES - at, at, &is);
    jump_describe(writer, &is, text);
    if (!*text)
        snprintf(text, DESCRIPTION, "the VMM");
}

/* The next piece of the unit, if it is alive. */
static bool next(const struct writer *writer, unsigned *record, struct ws__translated *piece)
{
    return writer->unit->alive && ws__translation_next(&writer->seen->translation, writer->unit, record, piece);
}

/* Calls `line` with each instruction of the cache that the piece has. */
typedef void line_writer(void *context, const struct writer *writer, const struct ws_instruction *is);

static void code_write(const struct writer *writer, const struct ws__translated *piece, line_writer *line,
                       void *context)
{
    struct ws_instruction is;
    for (uint32_t at = 0; at < piece->code_bytes; at += is.size) {
        decode(writer, piece->code + at, piece->code_bytes - at, piece->place + at, &is);
        line(context, writer, &is);
    }
}

/* -- text ---------------------------------------------------------------------------------------------- */

/* The first line of a piece has the VM's instruction, the others have nothing there. */
static void line_text(void *context, const struct writer *writer, const struct ws_instruction *is)
{
    char *left = context, jump[DESCRIPTION];
    jump_describe(writer, is, jump);
    ws_buffer_printf(writer->out, "  %-*s %05x  %s%s%s%s\n", LEFT, left, is->linear, is->text, *jump ? "  (" : "", jump,
                     *jump ? ")" : "");
    *left = 0;
}

static void piece_text(const struct writer *writer, const struct ws__translated *piece)
{
    char left[LEFT + WS_INSTRUCTION_TEXT] = "";
    struct ws_instruction source;
    source_decode(writer, piece, &source);
    if (piece->bytes)
        snprintf(left, sizeof left, "%08x  %s", piece->eip, source.text);
    else
        snprintf(left, sizeof left, "(%08x)", piece->eip);
    code_write(writer, piece, line_text, left);
    if (piece->why && piece->kind != WS_UNIT_STUB)
        ws_buffer_printf(writer->out, "      %s\n", piece->why);
}

static void unit_text(const struct writer *writer)
{
    struct ws__translated piece;
    char entrance[DESCRIPTION];
    entrance_describe(writer, entrance);
    ws_buffer_printf(writer->out, "\nunit %u of %s, for 0x%08x%s%s\n", writer->number, writer->seen->world,
                     writer->unit->eip, *entrance ? ": dropped, its entrance leads to " : "", entrance);
    for (unsigned record = 0; next(writer, &record, &piece);)
        piece_text(writer, &piece);
}

static void head_text(const struct writer *writer)
{
    const struct ws__translation *translation = &writer->seen->translation;
    unsigned dropped = 0;
    for (uint32_t i = 0; i < translation->used.units; i++)
        dropped += !translation->unit[i].alive;
    ws_buffer_printf(writer->out,
                     "%s%s at mark %llu: %u units, %u of them dropped; the cache is used up to %05x of %05x\n"
                     "hlt asks the VMM. A jump that was never taken leads to one at its unit's end.\n",
                     writer->out->size ? "\n" : "", writer->seen->world, (unsigned long long)writer->seen->mark,
                     translation->used.units, dropped, translation->used.end, WS_UNIT_CACHE_BYTES);
}

/* -- records ------------------------------------------------------------------------------------------- */

struct json_lines {
    struct ws__json *json;
    json_t *list;
};

static void line_json(void *context, const struct writer *writer, const struct ws_instruction *is)
{
    struct json_lines *lines = context;
    struct ws__json json = ws__json_begin(NULL);
    char jump[DESCRIPTION];
    jump_describe(writer, is, jump);
    ws__json_address(&json, "place", is->linear);
    ws__json_text(&json, "text", is->text);
    if (*jump)
        ws__json_text(&json, "to", jump);
    ws__json_list_record(lines->json, lines->list, json);
}

static struct ws__json piece_json(const struct writer *writer, const struct ws__translated *piece)
{
    struct ws__json json = ws__json_begin(NULL);
    struct json_lines lines = {.json = &json};
    struct ws_instruction source;
    source_decode(writer, piece, &source);
    ws__json_address(&json, "eip", piece->eip);
    if (piece->bytes)
        ws__json_text(&json, "text", source.text);
    ws__json_text(&json, "kind", ws__unit_kind_name((enum ws_unit_kind)piece->kind));
    if (piece->why)
        ws__json_text(&json, "why", piece->why);
    lines.list = ws__json_list(&json, "translated");
    code_write(writer, piece, line_json, &lines);
    return json;
}

static void unit_json(const struct writer *writer)
{
    struct ws__json json = ws__json_begin("unit");
    struct ws__translated piece;
    char entrance[DESCRIPTION];
    entrance_describe(writer, entrance);
    ws__json_text(&json, "world", writer->seen->world);
    ws__json_number(&json, "at", writer->seen->mark);
    ws__json_number(&json, "unit", writer->number);
    ws__json_address(&json, "eip", writer->unit->eip);
    ws__json_address(&json, "place", writer->unit->start);
    if (*entrance)
        ws__json_text(&json, "dropped_for", entrance);
    json_t *list = ws__json_list(&json, "pieces");
    for (unsigned record = 0; next(writer, &record, &piece);)
        ws__json_list_record(&json, list, piece_json(writer, &piece));
    ws__json_write(&json, writer->out);
}

/* -- a table ------------------------------------------------------------------------------------------- */

static void line_csv(void *context, const struct writer *writer, const struct ws_instruction *is)
{
    bool *first = context;
    ws_buffer_printf(writer->out, "%s%s", *first ? "" : "; ", is->text);
    *first = false;
}

/* No text here has a quotation mark. */
static void unit_csv(const struct writer *writer)
{
    struct ws__translated piece;
    for (unsigned record = 0; next(writer, &record, &piece);) {
        struct ws_instruction source;
        bool first = true;
        source_decode(writer, &piece, &source);
        ws_buffer_printf(writer->out, "%s,%u,0x%08x,\"%s\",%s,\"%s\",\"", writer->seen->world, writer->number,
                         piece.eip, source.text, ws__unit_kind_name((enum ws_unit_kind)piece.kind),
                         piece.why ? piece.why : "");
        code_write(writer, &piece, line_csv, &first);
        ws_buffer_printf(writer->out, "\"\n");
    }
}

void ws__translate_head(struct ws_buffer *out, const struct ws__options *options)
{
    if (options->format == WS__FORMAT_CSV)
        ws_buffer_printf(out, "world,unit,eip,text,kind,why,translated\n");
}

/* -- all of them --------------------------------------------------------------------------------------- */

static bool is_wanted(const struct ws_unit *unit, const struct ws__options *options)
{
    return options->eip == WS__NO_ADDRESS || (options->eip >= unit->eip && options->eip - unit->eip < unit->bytes);
}

unsigned ws__translate_write(struct ws_buffer *out, const struct ws__translate_seen *seen, struct ws_disasm *disasm,
                             const struct ws__options *options)
{
    static void (*const write[])(const struct writer *) = {unit_text, unit_json, unit_csv};
    struct writer writer = {.out = out, .disasm = disasm, .options = options, .seen = seen};
    unsigned written = 0;
    if (options->format == WS__FORMAT_TEXT)
        head_text(&writer);
    for (uint32_t i = 0; i < seen->translation.used.units; i++) {
        writer.unit = &seen->translation.unit[i];
        writer.number = i + 1;
        if (!is_wanted(writer.unit, options))
            continue;
        write[options->format](&writer);
        written++;
    }
    return written;
}
