/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that the CPU keeps, as they are copied and read.  What they do to guests is in tests/cli/tlb.sh, and
 * that all ways to run come to the same in tests/fuzz.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/machine.h>

#include "cpu/kept.h"

#define PAGE    (WS_PTE_P | WS_PTE_A)
#define LARGE   (PAGE | WS_PTE_PS)
#define PLACE_1 WS__KEPT_PAGES

static const struct {
    const char *name;
    struct ws__kept_place place[2];
    size_t count;
    bool sound;
} rows[] = {
    {"none", {{0, 0}}, 0, true},
    {"a page, and a large one", {{5, 0x1000 | PAGE}, {PLACE_1, LARGE}}, 2, true},
    {"a directory entry", {{PLACE_1 + 1023, 0x1000 | PAGE}}, 1, true},
    {"not ascending", {{5, PAGE}, {5, PAGE}}, 2, false},
    {"behind the last place", {{WS__KEPT_PLACES, PAGE}}, 1, false},
    {"not present", {{5, WS_PTE_A}}, 1, false},
    {"never used", {{5, WS_PTE_P}}, 1, false},
    {"a large page in a small one's place", {{5, LARGE}}, 1, false},
    {"a bit of the map's own", {{5, PAGE | 1 << 9}}, 1, false},
};

START_TEST(soundness)
{
    ck_assert_msg(ws__kept_is_sound(rows[_i].place, rows[_i].count) == rows[_i].sound, "%s", rows[_i].name);
}
END_TEST

START_TEST(copies)
{
    const struct ws__kept_place place[] = {{5, PAGE}, {7, 0x2000 | PAGE}, {PLACE_1 + 3, LARGE}};
    struct ws_buffer copy = WS_BUFFER_INIT;
    struct ws__kept kept;
    uint32_t linear;
    ck_assert(ws__kept_init(&kept));
    ws__kept_replace(&kept, &place[1], 2);
    ws__kept_replace(&kept, place, 3);
    ws__kept_copy(&kept, &copy);
    ck_assert_uint_eq(copy.size, sizeof place);
    ck_assert_mem_eq(copy.data, place, sizeof place);
    ck_assert_uint_eq(ws__kept_at(&kept, 6), 0);
    ck_assert(ws__kept_linear(&kept, PLACE_1 + 3, &linear));
    ck_assert_uint_eq(linear, 3 * WS_BIG_PAGE_BYTES);
    ck_assert(!ws__kept_linear(&kept, PLACE_1 + 4, &linear));
    ws_buffer_release(&copy);
    ws__kept_release(&kept);
}
END_TEST

/* A machine that keeps translations takes no state of one that does not, and the other way round. */
START_TEST(other_machines)
{
    const struct ws_machine_options keeps = {.memory_bytes = 1 << 20, .tlb = WS_TLB_KEEP},
                                    coherent = {.memory_bytes = 1 << 20}, wrong = {.tlb = WS_TLB_KEEP + 1};
    struct ws_machine *one, *two;
    struct ws_snapshot *start, *other_start;
    struct ws_buffer saved = WS_BUFFER_INIT;
    ck_assert_int_eq(ws_machine_new(&one, &wrong), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_machine_new(&one, &keeps), WS_OK);
    ck_assert_int_eq(ws_machine_new(&two, &coherent), WS_OK);
    ck_assert_int_eq(ws_machine_tlb(one), WS_TLB_KEEP);
    ck_assert_int_eq(ws_machine_tlb(two), WS_TLB_COHERENT);
    ck_assert_int_eq(ws_snapshot_take(&start, one), WS_OK);
    ck_assert_int_eq(ws_snapshot_take(&other_start, two), WS_OK);
    ck_assert_int_eq(ws_machine_save(one, start, &saved), WS_OK);
    ck_assert_int_eq(ws_machine_load(two, saved.data, saved.size), WS_BAD_IMAGE);
    ck_assert_int_eq(ws_machine_save(two, other_start, &saved), WS_OK);
    ck_assert_int_eq(ws_machine_load(one, saved.data, saved.size), WS_BAD_IMAGE);
    ws_buffer_release(&saved);
    ws_snapshot_free(start);
    ws_snapshot_free(other_start);
    ws_machine_free(one);
    ws_machine_free(two);
}
END_TEST

Suite *kept_suite(void)
{
    Suite *suite = suite_create("kept translations");
    TCase *cases = tcase_create("kept");
    tcase_add_loop_test(cases, soundness, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(cases, copies);
    tcase_add_test(cases, other_machines);
    suite_add_tcase(suite, cases);
    return suite;
}
