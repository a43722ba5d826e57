/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbol tables.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "image/image_made.h"

static struct ws_symbols *symbols;

static void setup(void)
{
    ck_assert_int_eq(ws_symbols_new(&symbols), WS_OK);
}

static void teardown(void)
{
    ws_symbols_free(symbols);
}

static const struct {
    const char *name;
    uint32_t linear, bytes;
} made[] = {
    {"main", 0x2000, 0x100}, {"start", 0x1000, 0}, {"alias", 0x2000, 0},     {"top", 0xfffff800, 0},
    {"tail", 0x2100, 4},     {"label", 0x3000, 0}, {"label_too", 0x3000, 0}, {"sized", 0x3000, 0x10},
};

static const struct {
    uint32_t linear;
    const char *name;
    uint32_t offset;
} lookups[] = {
    {0, NULL, 0},
    {0xfff, NULL, 0},
    {0x1000, "start", 0},
    {0x1fff, "start", 0xfff},
    {0x2000, "main", 0}, /* a size is worth more than an alias without */
    {0x20ff, "main", 0xff},
    {0x2100, "tail", 0},
    {0x2104, NULL, 0}, /* behind its size */
    {0x300f, "sized", 0xf},
    {0x3010, "label", 0x10}, /* only the labels reach so far; the first of them */
    {0x4000, NULL, 0},       /* a label without size is believed for 4 KiB */
    {0xffffffff, "top", 0x7ff},
};

START_TEST(the_nearest_symbol_that_reaches_is_found)
{
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        ck_assert_int_eq(ws_symbols_add(symbols, made[i].name, made[i].linear, made[i].bytes), WS_OK);
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        uint32_t offset = 0;
        const char *name = ws_symbols_at(symbols, lookups[i].linear, &offset);
        bool same = name && lookups[i].name ? strcmp(name, lookups[i].name) == 0 : name == lookups[i].name;
        ck_assert_msg(same && offset == lookups[i].offset, "0x%x: %s + 0x%x", lookups[i].linear, name ? name : "none",
                      offset);
    }
}
END_TEST

START_TEST(names_are_found)
{
    uint32_t linear = 0;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        ck_assert_int_eq(ws_symbols_add(symbols, made[i].name, made[i].linear, made[i].bytes), WS_OK);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        ck_assert_msg(ws_symbols_find(symbols, made[i].name, &linear) == WS_OK && linear == made[i].linear, "%s: 0x%x",
                      made[i].name, linear);
    }
    ck_assert_int_eq(ws_symbols_find(symbols, "mai", &linear), WS_NOT_FOUND);
}
END_TEST

START_TEST(an_empty_table_knows_nothing)
{
    uint32_t offset;
    ck_assert_ptr_null(ws_symbols_at(symbols, 0x1000, &offset));
    ck_assert_int_eq(ws_symbols_find(symbols, "main", &offset), WS_NOT_FOUND);
    ws_symbols_free(NULL);
}
END_TEST

START_TEST(many_symbols_in_any_order_are_sorted)
{
    for (uint32_t i = 0; i < 2000; i++) {
        char name[16];
        uint32_t linear = i * 7919 % 2000 * 16; /* each multiple of 16 once */
        snprintf(name, sizeof name, "s%x", linear);
        ck_assert_int_eq(ws_symbols_add(symbols, name, linear, 16), WS_OK);
    }
    for (uint32_t linear = 0; linear < 2000 * 16; linear += 5) {
        char name[16];
        uint32_t offset;
        const char *seen = ws_symbols_at(symbols, linear, &offset);
        snprintf(name, sizeof name, "s%x", linear / 16 * 16);
        ck_assert_msg(seen && strcmp(seen, name) == 0 && offset == linear % 16, "0x%x: %s", linear,
                      seen ? seen : "none");
    }
}
END_TEST

START_TEST(what_an_image_was_written_with_is_read_back)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    uint32_t linear;
    ck_assert_int_eq(image_make(&image), WS_OK);
    ck_assert_int_eq(ws_symbols_read(symbols, image.data, image.size), WS_OK);
    ck_assert_int_eq(ws_symbols_find(symbols, "start", &linear), WS_OK);
    ck_assert_uint_eq(linear, MADE_ENTRY);
    ck_assert_int_eq(ws_symbols_find(symbols, "stop", &linear), WS_OK);
    ck_assert_uint_eq(linear, MADE_ENTRY + 4);
    ck_assert_int_eq(ws_symbols_find(symbols, "far_away", &linear), WS_OK);
    ck_assert_uint_eq(linear, 0xc0000000);
    ws_buffer_release(&image);
}
END_TEST

static const struct {
    const char *what;
    const char *bytes;
    size_t size;
} no_elf[] = {{"nothing", "", 0}, {"text", "hello, world, and so on", 23}, {"a shred", "\177ELF\1\1\1", 7}};

START_TEST(what_is_no_elf_file_is_refused)
{
    for (size_t i = 0; i < sizeof no_elf / sizeof *no_elf; i++)
        ck_assert_msg(ws_symbols_read(symbols, no_elf[i].bytes, no_elf[i].size) == WS_BAD_IMAGE, "%s", no_elf[i].what);
}
END_TEST

static const char map[] = "00000000 A a_constant\n"
                          "c1000000 T _stext\r\n"
                          "c1000100 t local\t[module]\n"
                          "00000000 T hidden\n"
                          "00001234 A pid_max\n"
                          "c0ffff00 D data";

START_TEST(a_system_map_is_read)
{
    uint32_t linear, offset;
    ck_assert_int_eq(ws_symbols_read_map(symbols, map, sizeof map - 1), WS_OK);
    ck_assert_str_eq(ws_symbols_at(symbols, 0xc10000ff, &offset), "_stext");
    ck_assert_uint_eq(offset, 0xff);
    ck_assert_str_eq(ws_symbols_at(symbols, 0xc1000100, NULL), "local");
    ck_assert_str_eq(ws_symbols_at(symbols, 0xc0ffff00, NULL), "data");
    ck_assert_int_eq(ws_symbols_find(symbols, "hidden", &linear), WS_NOT_FOUND);
    ck_assert_int_eq(ws_symbols_find(symbols, "pid_max", &linear), WS_NOT_FOUND);
}
END_TEST

static const char *const no_map[] = {
    "",
    "\n",
    "c1000000 T _stext\n\n",
    "c1000000 T ",
    "c1000000 T",
    "c1000000",
    "c100000g T x\n",
    "C1000000 T x\n",
    "ffffffff81000000 T _text\n",
    "c1000000 T _stext\nx",
    "00000000 T all\n00000000 T hidden\n",
    "ffffff90dc59bb8ae0f9cd9bfc0b3ab5  The real System.map is in the linux-image-<version>-dbg package\n",
};

START_TEST(other_texts_are_no_map)
{
    ck_assert_int_eq(ws_symbols_read_map(symbols, no_map[_i], strlen(no_map[_i])), WS_BAD_IMAGE);
    ck_assert_ptr_null(ws_symbols_at(symbols, 0xc1000000, NULL));
}
END_TEST

START_TEST(a_map_with_a_nul_in_a_name_is_none)
{
    ck_assert_int_eq(ws_symbols_read_map(symbols, "c1000000 T a\0b\n", 15), WS_BAD_IMAGE);
}
END_TEST

Suite *symbols_suite(void)
{
    Suite *suite = suite_create("symbols");
    TCase *tables = tcase_create("tables");
    tcase_add_checked_fixture(tables, setup, teardown);
    tcase_add_test(tables, the_nearest_symbol_that_reaches_is_found);
    tcase_add_test(tables, names_are_found);
    tcase_add_test(tables, an_empty_table_knows_nothing);
    tcase_add_test(tables, many_symbols_in_any_order_are_sorted);
    tcase_add_test(tables, what_an_image_was_written_with_is_read_back);
    tcase_add_test(tables, what_is_no_elf_file_is_refused);
    tcase_add_test(tables, a_system_map_is_read);
    tcase_add_loop_test(tables, other_texts_are_no_map, 0, (int)(sizeof no_map / sizeof *no_map));
    tcase_add_test(tables, a_map_with_a_nul_in_a_name_is_none);
    suite_add_tcase(suite, tables);
    return suite;
}
