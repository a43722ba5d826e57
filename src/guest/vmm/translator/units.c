/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Units: made, found, and dropped when what they were made of is no longer so.
 *
 *     cache   ┌────────┬──────┬────────┬──────┬─────────────┐
 *             │ lookup │ unit │ dropped│ unit │ free        │   units are added behind one another;
 *             └────────┴──▲───┴──hlt───┴──────┴─────────────┘   when there is no room, all go
 *        hash of EIP ─────┘        jumps to it ask the VMM, who lets it jump to its successor
 *
 * A unit follows from bytes of the VM's memory and from page tables.  So the frames with its bytes are traced: after a
 * write, units whose bytes are others now are dropped.  And after each change of the page tables the pages that
 * code is on are walked again: if one leads elsewhere, what came from it is dropped.  Dropping takes no space away,
 * since the CPU may be in the midst of the unit: it only shuts the entrance.
 */
#include "guest/vmm/translator/translator.h"

enum { HASH = 1024, PAGES = 256 };

uint8_t cache[WS_UNIT_CACHE_BYTES] __attribute__((aligned(4096)));
struct words words __attribute__((aligned(4096)));

static struct ws_unit units[WS_UNITS];
static struct ws_unit_record records[WS_UNIT_RECORDS];
static uint8_t sources[WS_UNIT_SOURCE_BYTES];
static uint16_t hash[HASH];                /* by EIP: the newest unit, plus 1 */
static uint16_t in_frame[HOSTED_VM_PAGES]; /* the newest unit of a frame, plus 1 */

/* Pages from which units were made, and where they lay then. */
static struct page {
    uint32_t linear, frame;
    uint32_t table; /* the page table's frame, or NO_FRAME */
} pages[PAGES];

static struct ws_units_used used;

uint32_t cache_age(void)
{
    return used.age;
}

/* -- emptying ---------------------------------------------------------------------------------- */

/* No EIP belongs into a row in which the lowest bit is another one. */
void rows_clear(void)
{
    for (uint32_t i = 0; i < WORDS_ROW_COUNT; i++)
        words.rows[i].minus_eip = -(i ^ 1);
}

void translator_forget(void)
{
    for (uint32_t frame = 0; frame < HOSTED_VM_PAGES; frame++)
        trace_clear(frame, TRACE_CODE | TRACE_CODE_TABLE);
    memset(hash, 0, sizeof hash);
    memset(in_frame, 0, sizeof in_frame);
    memcpy(cache, lookup_begin, (size_t)(lookup_end - lookup_begin));
    used.units = used.records = used.source = used.pages = 0;
    used.end = (uint32_t)(lookup_end - lookup_begin);
    used.age++;
    rows_clear();
}

static bool room(void)
{
    return used.units < WS_UNITS && used.records + UNIT_RECORDS_MOST <= WS_UNIT_RECORDS &&
           used.source + 256 <= WS_UNIT_SOURCE_BYTES && used.pages + 2 <= PAGES &&
           used.end + UNIT_BYTES_MOST <= WS_UNIT_CACHE_BYTES;
}

/* -- finding ----------------------------------------------------------------------------------- */

static uint32_t hash_of(uint32_t eip)
{
    return (eip ^ eip >> 10) % HASH;
}

static bool is_for(const struct ws_unit *unit, const struct ws_unit_code *code, uint32_t eip)
{
    return unit->eip == eip && unit->code.selector == code->selector && unit->code.descriptor == code->descriptor;
}

/* Dropped ones, too: the newest. */
static struct ws_unit *unit_find(const struct ws_unit_code *code, uint32_t eip)
{
    for (unsigned number = hash[hash_of(eip)]; number; number = units[number - 1].in_hash)
        if (is_for(&units[number - 1], code, eip))
            return &units[number - 1];
    return NULL;
}

const struct ws_unit *unit_at(uint32_t place, const struct ws_unit_record **record)
{
    uint32_t low = 0, high = used.units; /* the unit is in low .. high - 1 */

    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (units[middle].start <= place)
            low = middle;
        else
            high = middle;
    }
    *record = &records[units[low].first_record];
    for (unsigned i = 1; i < units[low].records && (*record)[1].at <= place - units[low].start; i++)
        ++*record;
    return &units[low];
}

/* -- making ------------------------------------------------------------------------------------ */

struct ws_unit_record *record_add(struct ws_unit *unit)
{
    unit->records++;
    return &records[used.records++];
}

static void page_note(uint32_t linear, const struct walk *found)
{
    for (uint32_t i = 0; i < used.pages; i++)
        if (pages[i].linear == linear)
            return;
    pages[used.pages++] = (struct page){linear, found->frame, found->table};
    trace_set(found->table, TRACE_CODE_TABLE);
}

/* Where its code is: see writes there, remember the bytes. */
static void unit_watch(struct ws_unit *unit)
{
    uint16_t number = (uint16_t)(unit - units + 1);

    unit->source = used.source;
    linear_peek(unit->linear, sources + used.source, unit->bytes);
    used.source += unit->bytes;
    for (unsigned i = 0; i < 2; i++) {
        uint32_t linear = unit->linear + (i ? unit->bytes - 1u : 0);
        struct walk found;

        walk(linear, &found);
        page_note(linear / WS_PAGE_BYTES, &found);
        if (found.frame >= HOSTED_VM_PAGES)
            break; /* no memory, no writes */
        unit->frame[i] = (uint16_t)found.frame;
        trace_set(found.frame, TRACE_CODE);
        if (i && unit->frame[1] == unit->frame[0])
            break;
        unit->in_frame[i] = in_frame[found.frame];
        in_frame[found.frame] = number;
    }
}

void displacement_set(uint8_t *site, uint32_t place)
{
    uint32_t distance = place - (uint32_t)(site + sizeof distance - cache);

    memcpy(site, &distance, sizeof distance);
}

/* Whoever jumps to the dropped unit goes on to this one. */
static void forward(const struct ws_unit *from, const struct ws_unit *to)
{
    cache[from->start] = JMP;
    displacement_set(cache + from->start + 1, to->start);
}

const struct ws_unit *unit_get(void)
{
    const struct ws_unit_code code = {segment_descriptor(SEGMENT_CS).whole, segment_selector(SEGMENT_CS)};
    uint32_t eip = vcpu.frame->eip, end;
    struct ws_unit *unit = unit_find(&code, eip), *before = unit;

    if (unit && unit->alive)
        return unit;
    if (!used.end || !room()) {
        translator_forget();
        before = NULL;
    }
    unit = &units[used.units];
    *unit = (struct ws_unit){.code = code, .eip = eip, .start = used.end, .first_record = (uint16_t)used.records};
    unit->linear = segment_base(SEGMENT_CS) + eip;
    end = unit_translate(unit);
    if (!end) {
        used.records = unit->first_record;
        return NULL;
    }
    unit->alive = true;
    used.end = end;
    used.units++;
    unit_watch(unit);
    unit->in_hash = hash[hash_of(eip)];
    hash[hash_of(eip)] = (uint16_t)used.units;
    if (before)
        forward(before, unit);
    vcpu.counters.units++;
    return unit;
}

/* -- dropping ---------------------------------------------------------------------------------- */

static void unit_drop(struct ws_unit *unit)
{
    uint32_t row = unit->eip % WORDS_ROW_COUNT;

    if (!unit->alive)
        return;
    unit->alive = false;
    cache[unit->start] = HLT;
    if (words.rows[row].minus_eip == -unit->eip)
        words.rows[row].minus_eip = -(row ^ 1);
    vcpu.counters.dropped++;
}

/* Are the bytes what they were? Those that the frame has of them. */
static bool unit_stands(const struct ws_unit *unit)
{
    uint8_t now[256];

    if (linear_peek(unit->linear, now, unit->bytes) < unit->bytes)
        return false;
    for (unsigned i = 0; i < unit->bytes; i++)
        if (now[i] != sources[unit->source + i])
            return false;
    return true;
}

/* May its bytes be among those of the page that were written? */
static bool unit_touched(const struct ws_unit *unit, uint32_t from, uint32_t to)
{
    uint32_t first = unit->linear % WS_PAGE_BYTES, end = first + unit->bytes;

    return end > WS_PAGE_BYTES || (first < to && end > from);
}

void code_written(uint32_t frame, uint32_t from, uint32_t to)
{
    for (unsigned number = in_frame[frame]; number;) {
        struct ws_unit *unit = &units[number - 1];

        if (unit->alive && unit_touched(unit, from, to) && !unit_stands(unit))
            unit_drop(unit);
        number = unit->in_frame[unit->frame[0] != frame];
    }
}

static void page_drop(uint32_t linear)
{
    for (uint32_t i = 0; i < used.units; i++)
        if (units[i].linear / WS_PAGE_BYTES == linear ||
            (units[i].linear + units[i].bytes - 1) / WS_PAGE_BYTES == linear)
            unit_drop(&units[i]);
}

/* A page that is no longer marked accessed counts as another one, since running its code marks it again. */
static bool page_stands(struct page *page)
{
    struct walk found;

    walk(page->linear * WS_PAGE_BYTES, &found);
    if (!found.present || found.frame != page->frame || (found.table_entry && !(*found.table_entry & WS_PTE_A)))
        return false;
    if (page->table != found.table)
        trace_set(found.table, TRACE_CODE_TABLE);
    page->table = found.table;
    return true;
}

void code_moved(void)
{
    for (uint32_t i = 0; i < used.pages;) {
        if (page_stands(&pages[i])) {
            i++;
            continue;
        }
        page_drop(pages[i].linear);
        pages[i] = pages[--used.pages];
    }
}
