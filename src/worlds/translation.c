/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading what a VMM has translated.  Its tables have symbols; their sizes tell whether they are the tables that
 * translated.h describes, and each index in them is checked before it is believed.
 */
#include "worlds/translation.h"

#include <string.h>

#include "image/symbols.h"
#include "x86/decode.h"

/* -- reading ------------------------------------------------------------------------------------------- */

static bool symbol_find(const struct ws_symbols *symbols, const char *name, size_t bytes, uint32_t *linear)
{
    size_t count;
    const struct ws__symbol *symbol = ws__symbols_list(symbols, &count);
    for (size_t i = 0; i < count; i++) {
        if (symbol[i].bytes != bytes || strcmp(symbol[i].name, name) != 0)
            continue;
        *linear = symbol[i].linear;
        return true;
    }
    return false;
}

static bool unit_is_sound(const struct ws_units_used *used, const struct ws_unit *unit)
{
    return unit->start < used->end && unit->first_record <= used->records &&
           unit->records <= used->records - unit->first_record && unit->source <= used->source &&
           unit->bytes <= used->source - unit->source;
}

/* Units are added behind one another, and so are their records. */
static bool is_sound(const struct ws__translation *t)
{
    const struct ws_units_used *used = &t->used;
    if (used->units > WS_UNITS || used->records > WS_UNIT_RECORDS || used->source > WS_UNIT_SOURCE_BYTES ||
        used->end > WS_UNIT_CACHE_BYTES)
        return false;
    for (uint32_t i = 0; i < used->units; i++)
        if (!unit_is_sound(used, &t->unit[i]) || (i && t->unit[i].start <= t->unit[i - 1].start))
            return false;
    return true;
}

bool ws__translation_read(struct ws__translation *out, const struct ws_symbols *symbols,
                          const struct ws_physical *memory, const struct ws_registers *registers)
{
    const struct {
        const char *name;
        void *to;
        size_t bytes;
    } table[] = {
        {"vmm.used", &out->used, sizeof out->used},       {"vmm.units", out->unit, sizeof out->unit},
        {"vmm.records", out->record, sizeof out->record}, {"vmm.sources", out->source, sizeof out->source},
        {"vmm.cache", out->cache, sizeof out->cache},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint32_t linear;
        if (!symbol_find(symbols, table[i].name, table[i].bytes, &linear) ||
            ws_page_read(memory, registers, linear, table[i].to, table[i].bytes) < table[i].bytes)
            return false;
    }
    return is_sound(out);
}

/* -- units --------------------------------------------------------------------------------------------- */

const struct ws_unit *ws__translation_unit_at(const struct ws__translation *translation, uint32_t place)
{
    for (uint32_t i = 0; i < translation->used.units; i++)
        if (translation->unit[i].start == place)
            return &translation->unit[i];
    return NULL;
}

static uint32_t unit_end(const struct ws__translation *t, const struct ws_unit *unit)
{
    size_t next = (size_t)(unit - t->unit) + 1;
    return next < t->used.units ? unit[1].start : t->used.end;
}

static const char *const kind_why[WS_UNIT_KINDS] = {
    [WS_UNIT_BREAKPOINT] = "a breakpoint of the virtual machine is here: hlt asks the VMM first",
    [WS_UNIT_BORROW] = "its operand is in GS or CS, which are the translator's here: it runs alone, with that GS lent",
    [WS_UNIT_UNKNOWN] = "no instruction: the VMM gives the virtual machine its #UD",
    [WS_UNIT_JUMP] = "the unit ends here, and the code goes on in another one",
    [WS_UNIT_STUB] = "where a jump leads that was not taken yet: hlt asks the VMM, who makes it go there by itself",
};

static void why_find(struct ws__translated *out)
{
    bool same =
        out->kind == WS_UNIT_COPY && out->bytes == out->code_bytes && memcmp(out->source, out->code, out->bytes) == 0;
    out->why = kind_why[out->kind];
    if (!out->why && out->bytes && !same)
        out->why = ws__translation_why(out->source, out->bytes);
}

/* A jump between units, or a stub, stands for no instruction of the VM. */
static bool is_of_instruction(const struct ws_unit_record *record)
{
    return record->kind != WS_UNIT_STUB && record->kind != WS_UNIT_JUMP;
}

/* The unit's records from number `first` on that are about one instruction: the number behind them. */
static unsigned records_end(const struct ws_unit_record *record, unsigned first, unsigned count)
{
    unsigned end = first + 1;
    while (is_of_instruction(&record[first]) && end < count && is_of_instruction(&record[end]) &&
           record[end].eip == record[first].eip)
        end++;
    return end;
}

/* Its code jumps to its target: that is no jump to what is behind it. */
static bool is_call_or_loop(const struct ws__translated *piece)
{
    struct ws__opcode is;
    if (!piece->bytes || !ws__decode_opcode(&is, piece->source, piece->bytes))
        return false;
    return is.opcode == 0xe8 || (is.opcode >= 0xe0 && is.opcode <= 0xe3);
}

/* The VM's instruction, up to the next one that has a record, or to the last that the unit has. */
static void source_find(struct ws__translated *piece, const struct ws__translation *translation,
                        const struct ws_unit *unit, const struct ws_unit_record *next)
{
    uint32_t offset = piece->eip - unit->eip, end = unit->bytes;
    if (next && is_of_instruction(next))
        end = next->eip - unit->eip;
    if (end > unit->bytes || offset >= end)
        return;
    piece->source = translation->source + unit->source + offset;
    piece->bytes = (uint8_t)(end - offset);
}

bool ws__translation_next(const struct ws__translation *translation, const struct ws_unit *unit, unsigned *record,
                          struct ws__translated *out)
{
    const struct ws_unit_record *records = &translation->record[unit->first_record], *first = &records[*record];
    uint32_t unit_bytes = unit_end(translation, unit) - unit->start, end;
    unsigned after;
    if (*record >= unit->records)
        return false;
    *out = (struct ws__translated){.eip = first->eip, .kind = first->kind};
    after = records_end(records, *record, unit->records);
    if (is_of_instruction(first))
        source_find(out, translation, unit, after < unit->records ? &records[after] : NULL);
    if (after < unit->records && records[after].kind == WS_UNIT_JUMP && is_call_or_loop(out))
        after++;
    end = after < unit->records ? records[after].at : unit_bytes;
    if (first->kind >= WS_UNIT_KINDS || end > unit_bytes || first->at > end)
        return false;
    out->place = unit->start + first->at;
    out->code = translation->cache + out->place;
    out->code_bytes = end - first->at;
    why_find(out);
    *record = after;
    return true;
}

const char *ws__unit_kind_name(enum ws_unit_kind kind)
{
    static const char *const name[WS_UNIT_KINDS] = {
#define WS_UNIT_KIND_NAME(enumerator, text, meaning) [WS_UNIT_##enumerator] = text,
        WS_UNIT_KIND_TABLE(WS_UNIT_KIND_NAME)
#undef WS_UNIT_KIND_NAME
    };
    return name[kind];
}
