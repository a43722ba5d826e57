/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading what a VMM has translated, from memory that the guest may have filled with anything.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "worlds/translation.h"

Suite *translation_suite(void);

enum { RAM = 1 << 20, USED = 0x1000, UNIT = 0x2000, RECORD = 0x20000, SOURCE = 0x40000, CACHE = 0x50000 };

/* The VM's code at 0x100, made into one unit: nop; pushf; call 0x110; the last is not chained. */
static const uint8_t guest[] = {0x90, 0x9c, 0xe8, 0x09, 0, 0, 0};
static const uint8_t translated[] = {0x90, 0x9c, 0x90, 0x68, 0x07, 0x01, 0, 0, 0xe9, 0, 0, 0, 0, 0xf4};
static const struct ws_unit_record records[] = {
    {.eip = 0x100, .at = 0, .kind = WS_UNIT_COPY},     {.eip = 0x101, .at = 1, .kind = WS_UNIT_FLAGS},
    {.eip = 0x102, .at = 3, .kind = WS_UNIT_SEQUENCE}, {.eip = 0x110, .at = 8, .kind = WS_UNIT_JUMP},
    {.eip = 0x110, .at = 13, .kind = WS_UNIT_STUB},
};
enum { RECORDS = sizeof records / sizeof records[0] };

/* A VMM's memory, with paging off: linear addresses are physical ones. */
struct fixture {
    uint8_t *ram;
    struct ws_symbols *symbols;
    struct ws_units_used *used;
    struct ws_unit *unit;
    struct ws_unit_record *record;
    struct ws__translation *translation;
};

static void symbol_add(struct fixture *f, const char *name, uint32_t at, size_t bytes)
{
    ck_assert_int_eq(ws_symbols_add(f->symbols, name, at, (uint32_t)bytes), WS_OK);
}

static struct fixture fixture_make(void)
{
    struct fixture f = {.ram = calloc(1, RAM), .translation = malloc(sizeof *f.translation)};
    ck_assert(f.ram && f.translation && ws_symbols_new(&f.symbols) == WS_OK);
    symbol_add(&f, "vmm.used", USED, sizeof(struct ws_units_used));
    symbol_add(&f, "vmm.units", UNIT, sizeof f.translation->unit);
    symbol_add(&f, "vmm.records", RECORD, sizeof f.translation->record);
    symbol_add(&f, "vmm.sources", SOURCE, sizeof f.translation->source);
    symbol_add(&f, "vmm.cache", CACHE, sizeof f.translation->cache);
    f.used = (struct ws_units_used *)(f.ram + USED);
    f.unit = (struct ws_unit *)(f.ram + UNIT);
    f.record = (struct ws_unit_record *)(f.ram + RECORD);
    *f.used =
        (struct ws_units_used){.units = 1, .records = RECORDS, .source = sizeof guest, .end = 0x20 + sizeof translated};
    *f.unit = (struct ws_unit){.eip = 0x100, .start = 0x20, .alive = true, .records = RECORDS, .bytes = sizeof guest};
    memcpy(f.record, records, sizeof records);
    memcpy(f.ram + SOURCE, guest, sizeof guest);
    memcpy(f.ram + CACHE + 0x20, translated, sizeof translated);
    return f;
}

static void fixture_free(struct fixture *f)
{
    ws_symbols_free(f->symbols);
    free(f->translation);
    free(f->ram);
}

static bool can_read(struct fixture *f, uint32_t ram)
{
    const struct ws_physical memory = {f->ram, ram};
    const struct ws_registers registers = {0};
    return ws__translation_read(f->translation, f->symbols, &memory, &registers);
}

START_TEST(a_unit_comes_in_pieces)
{
    static const struct {
        uint32_t eip, place, code_bytes;
        uint8_t bytes, kind;
        bool why;
    } wanted[] = {
        {0x100, 0x20, 1, 1, WS_UNIT_COPY, false},
        {0x101, 0x21, 2, 1, WS_UNIT_FLAGS, true},
        {0x102, 0x23, 10, 5, WS_UNIT_SEQUENCE, true}, /* the jump belongs to the call */
        {0x110, 0x2d, 1, 0, WS_UNIT_STUB, true},
    };
    struct fixture f = fixture_make();
    struct ws__translated piece;
    unsigned record = 0;
    ck_assert(can_read(&f, RAM));
    for (unsigned i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        ck_assert(ws__translation_next(f.translation, &f.translation->unit[0], &record, &piece));
        ck_assert_uint_eq(piece.eip, wanted[i].eip);
        ck_assert_uint_eq(piece.place, wanted[i].place);
        ck_assert_uint_eq(piece.code_bytes, wanted[i].code_bytes);
        ck_assert_uint_eq(piece.bytes, wanted[i].bytes);
        ck_assert_uint_eq(piece.kind, wanted[i].kind);
        ck_assert_int_eq(piece.why != NULL, wanted[i].why);
    }
    ck_assert(!ws__translation_next(f.translation, &f.translation->unit[0], &record, &piece));
    ck_assert_ptr_eq(ws__translation_unit_at(f.translation, 0x20), &f.translation->unit[0]);
    ck_assert_ptr_null(ws__translation_unit_at(f.translation, 0x21));
    fixture_free(&f);
}
END_TEST

/* -- what no translator writes ------------------------------------------------------------------------- */

static void units_many(struct fixture *f)
{
    f->used->units = WS_UNITS + 1;
}

static void cache_long(struct fixture *f)
{
    f->used->end = WS_UNIT_CACHE_BYTES + 1;
}

static void start_far(struct fixture *f)
{
    f->unit->start = f->used->end;
}

static void record_far(struct fixture *f)
{
    f->unit->first_record = 1;
}

static void source_far(struct fixture *f)
{
    f->unit->source = 0xffffffff;
}

static void order_wrong(struct fixture *f)
{
    f->unit[1] = f->unit[0];
    f->used->units = 2;
}

START_TEST(bad_tables_are_refused)
{
    static void (*const spoil[])(struct fixture *) = {units_many, cache_long, start_far,
                                                      record_far, source_far, order_wrong};
    for (unsigned i = 0; i < sizeof spoil / sizeof spoil[0]; i++) {
        struct fixture f = fixture_make();
        ck_assert(can_read(&f, RAM));
        spoil[i](&f);
        ck_assert_msg(!can_read(&f, RAM), "number %u was believed", i);
        fixture_free(&f);
    }
}
END_TEST

/* Records are looked at one by one: the pieces end in front of a bad one. */
START_TEST(bad_records_end_a_unit)
{
    static const struct ws_unit_record bad[] = {
        {.eip = 0x101, .at = 0xffff, .kind = WS_UNIT_FLAGS},
        {.eip = 0x101, .at = 0, .kind = WS_UNIT_KINDS},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fixture f = fixture_make();
        struct ws__translated piece;
        unsigned record = 0, pieces = 0;
        f.record[1] = bad[i];
        ck_assert(can_read(&f, RAM));
        while (ws__translation_next(f.translation, &f.translation->unit[0], &record, &piece))
            ck_assert_uint_lt(pieces++, 2);
        fixture_free(&f);
    }
}
END_TEST

START_TEST(other_memory_is_refused)
{
    struct fixture f = fixture_make();
    ck_assert(!can_read(&f, CACHE));
    ws_symbols_free(f.symbols);
    ck_assert_int_eq(ws_symbols_new(&f.symbols), WS_OK);
    symbol_add(&f, "vmm.used", USED, sizeof(struct ws_units_used) + 4); /* another VMM's */
    ck_assert(!can_read(&f, RAM));
    fixture_free(&f);
}
END_TEST

/* -- reasons ------------------------------------------------------------------------------------------- */

static bool has_reason(const char *code, size_t bytes)
{
    return ws__translation_why((const uint8_t *)code, bytes) != NULL;
}

START_TEST(what_misbehaves_has_a_reason)
{
    ck_assert(has_reason("\x9d", 1));         /* popf */
    ck_assert(has_reason("\x66\x9c", 2));     /* pushfw */
    ck_assert(has_reason("\x0f\x01\x00", 3)); /* sgdt (%eax) */
    ck_assert(has_reason("\x0f\x22\xd8", 3)); /* mov %eax, %cr3 */
    ck_assert(has_reason("\x8e\xd0", 2));     /* mov %eax, %ss */
    ck_assert(has_reason("\xff\xe0", 2));     /* jmp *%eax */
    ck_assert(!has_reason("\xff\x00", 2));    /* incl (%eax) */
    ck_assert(!has_reason("\x8e\xd8", 2));    /* mov %eax, %ds */
    ck_assert(!has_reason("\x89\xc8", 2));    /* mov %ecx, %eax */
    ck_assert(!has_reason("\x0f", 1));        /* cut off */
}
END_TEST

Suite *translation_suite(void)
{
    Suite *suite = suite_create("translation");
    TCase *tcase = tcase_create("translation");
    tcase_add_test(tcase, a_unit_comes_in_pieces);
    tcase_add_test(tcase, bad_tables_are_refused);
    tcase_add_test(tcase, bad_records_end_a_unit);
    tcase_add_test(tcase, other_memory_is_refused);
    tcase_add_test(tcase, what_misbehaves_has_a_reason);
    suite_add_tcase(suite, tcase);
    return suite;
}
