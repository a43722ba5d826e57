/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces as lists of runs.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/paging.h>

#include "x86/page_difference.h"

enum {
    RAM_BYTES = 0x10000,
    DIRECTORY_A = 0x1000,
    DIRECTORY_B = 0x2000,
    TABLE_A = 0x3000,
    TABLE_B = 0x4000,
    LAST_PAGE = RAM_BYTES - 0x1000
};

static uint8_t ram[RAM_BYTES];
static const struct ws_physical memory = {ram, RAM_BYTES};

static void entry_put(uint32_t table, uint32_t index, uint32_t entry)
{
    memcpy(ram + table + 4 * index, &entry, sizeof entry);
}

static struct ws_registers registers_of(uint32_t directory)
{
    struct ws_registers registers = {{0}};
    registers.value[WS_CR0] = WS_CR0_PE | WS_CR0_PG;
    registers.value[WS_CR3] = directory;
    registers.value[WS_CR4] = WS_CR4_PSE | WS_CR4_PGE;
    return registers;
}

static struct ws_page_map map_read(uint32_t directory)
{
    struct ws_registers registers = registers_of(directory);
    struct ws_page_map map;
    ck_assert_int_eq(ws_page_map_read(&map, &memory, &registers), WS_OK);
    return map;
}

static void map_expect(const struct ws_page_map *map, const struct ws_mapping *wanted, size_t count)
{
    ck_assert_uint_eq(map->count, count);
    for (size_t i = 0; i < count; i++) {
        const struct ws_mapping *run = &map->run[i];
        ck_assert_msg(run->linear == wanted[i].linear && run->phys == wanted[i].phys && run->bytes == wanted[i].bytes &&
                          run->user == wanted[i].user && run->writable == wanted[i].writable &&
                          run->global == wanted[i].global && run->big == wanted[i].big,
                      "run %zu: linear 0x%x phys 0x%x bytes 0x%llx user %d writable %d global %d big %d", i,
                      run->linear, run->phys, (unsigned long long)run->bytes, run->user, run->writable, run->global,
                      run->big);
    }
}

START_TEST(pages_with_equal_rights_are_one_run)
{
    static const struct ws_mapping wanted[] = {
        {.linear = 0x2000, .phys = 0x8000, .bytes = 0x3000, .user = true, .writable = true},
        {.linear = 0x5000, .phys = 0xb000, .bytes = 0x1000, .user = true},
        {.linear = 0x6000, .phys = 0x8000, .bytes = 0x1000, .user = true},
        {.linear = 0x7000, .phys = 0x9000, .bytes = 0x1000, .global = true},
        {.linear = 0x003ff000, .phys = 0x003ff000, .bytes = 0x1000, .writable = true},
        {.linear = 0x00400000, .phys = 0x00400000, .bytes = 0x00800000, .writable = true, .big = true},
        {.linear = 0xffc00000, .phys = 0x00000000, .bytes = 0x00400000, .user = true, .big = true},
    };
    memset(ram, 0, sizeof ram);
    entry_put(DIRECTORY_A, 0, TABLE_A | 7);
    entry_put(TABLE_A, 2, 0x8007);
    entry_put(TABLE_A, 3, 0x9067); /* accessed and dirty do not count */
    entry_put(TABLE_A, 4, 0xa007);
    entry_put(TABLE_A, 5, 0xb005);
    entry_put(TABLE_A, 6, 0x8005);
    entry_put(TABLE_A, 7, 0x9101);
    entry_put(TABLE_A, 1023, 0x003ff003);
    entry_put(DIRECTORY_A, 1, 0x00400083);
    entry_put(DIRECTORY_A, 2, 0x00800083);
    entry_put(DIRECTORY_A, 3, 0x00e00083); /* a reserved bit: not mapped */
    entry_put(DIRECTORY_A, 1023, 0x00000085);
    struct ws_page_map map = map_read(DIRECTORY_A);
    map_expect(&map, wanted, sizeof wanted / sizeof *wanted);
    ws_page_map_release(&map);
    ck_assert_ptr_null(map.run);
}
END_TEST

START_TEST(without_paging_all_is_one_run)
{
    static const struct ws_mapping all = {.bytes = UINT64_C(1) << 32, .user = true, .writable = true};
    struct ws_registers registers = {{0}};
    struct ws_page_map map;
    ck_assert_int_eq(ws_page_map_read(&map, &memory, &registers), WS_OK);
    map_expect(&map, &all, 1);
    ws_page_map_release(&map);
}
END_TEST

/* The largest map that a guest can make: every page maps the same frame, so each page is a run. */
START_TEST(a_directory_of_nonsense_can_be_read)
{
    memset(ram, 0, sizeof ram);
    for (uint32_t i = 0; i < 1024; i++)
        entry_put(DIRECTORY_A, i, 0x7ffff007); /* tables beyond RAM: all ones */
    struct ws_page_map map = map_read(DIRECTORY_A);
    ck_assert_uint_eq(map.count, 1024 * 1024);
    ws_page_map_release(&map);
}
END_TEST

/* What ws__page_difference_find() says of two address spaces is what their maps say. */
static void difference_compare(const struct ws_physical *seen, const struct ws_registers *left,
                               const struct ws_registers *entered, const char *what)
{
    struct ws_page_map a, b;
    ck_assert_int_eq(ws_page_map_read(&a, seen, left), WS_OK);
    ck_assert_int_eq(ws_page_map_read(&b, seen, entered), WS_OK);
    bool user = ws_page_map_differs(&a, &b, true), kernel = ws_page_map_differs(&a, &b, false);
    struct ws__page_difference there = ws__page_difference_find(seen, left, entered),
                               back = ws__page_difference_find(seen, entered, left);
    ck_assert_msg(there.user == user && there.kernel == kernel && back.user == user && back.kernel == kernel,
                  "%s: maps: %d and %d; there: %d and %d, back: %d and %d", what, user, kernel, there.user,
                  there.kernel, back.user, back.kernel);
    ws_page_map_release(&a);
    ws_page_map_release(&b);
}

static const struct {
    const char *what;
    uint32_t a[4], b[4]; /* PTEs 0 to 3 */
    bool user_differs, kernel_differs;
} pairs[] = {
    {"nothing mapped", {0}, {0}, false, false},
    {"equal", {0x5007, 0x6003}, {0x5007, 0x6003}, false, false},
    {"accessed and dirty", {0x5007}, {0x5067}, false, false},
    {"global", {0x5003}, {0x5103}, false, false},
    {"another user frame", {0x5007, 0x6003}, {0x7007, 0x6003}, true, false},
    {"another kernel frame", {0x5007, 0x6003}, {0x5007, 0x7003}, false, true},
    {"user page gone", {0x5007, 0x6003}, {0, 0x6003}, true, false},
    {"one page more", {0x5003}, {0x5003, 0x6003}, false, true},
    {"read-only", {0x5007}, {0x5005}, true, false},
    {"moved", {0x5007, 0}, {0, 0x5007}, true, false},
    {"given to ring 3", {0x5003}, {0x5007}, true, true},
    {"a kernel page between", {0x5007, 0x6007, 0x7007}, {0x5007, 0x6003, 0x7007}, true, true},
    {"all different", {0x5007, 0x6003}, {0x8003, 0x9007}, true, true},
};

START_TEST(differences_are_found_on_the_side_where_they_are)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        memset(ram, 0, sizeof ram);
        entry_put(DIRECTORY_A, 5, TABLE_A | 7);
        entry_put(DIRECTORY_B, 5, TABLE_B | 7);
        for (uint32_t j = 0; j < 4; j++) {
            entry_put(TABLE_A, j, pairs[i].a[j]);
            entry_put(TABLE_B, j, pairs[i].b[j]);
        }
        struct ws_page_map a = map_read(DIRECTORY_A), b = map_read(DIRECTORY_B);
        bool user = ws_page_map_differs(&a, &b, true), kernel = ws_page_map_differs(&a, &b, false);
        ck_assert_msg(user == pairs[i].user_differs && kernel == pairs[i].kernel_differs, "%s: user %d, kernel %d",
                      pairs[i].what, user, kernel);
        ck_assert_msg(ws_page_map_differs(&b, &a, true) == user, "%s, the other way", pairs[i].what);
        ws_page_map_release(&a);
        ws_page_map_release(&b);
        struct ws_registers left = registers_of(DIRECTORY_A), entered = registers_of(DIRECTORY_B);
        difference_compare(&(struct ws_physical){ram, RAM_BYTES}, &left, &entered, pairs[i].what);
    }
}
END_TEST

/* Two maps are equal if their pages lead to the same place, whatever the pages' size. */
START_TEST(a_big_page_equals_its_small_ones)
{
    memset(ram, 0, sizeof ram);
    entry_put(DIRECTORY_A, 1, 0x00400083);
    entry_put(DIRECTORY_B, 1, TABLE_B | 3);
    for (uint32_t i = 0; i < 1024; i++)
        entry_put(TABLE_B, i, 0x00400003 + i * WS_PAGE_BYTES);
    struct ws_page_map a = map_read(DIRECTORY_A), b = map_read(DIRECTORY_B);
    struct ws_registers left = registers_of(DIRECTORY_A), entered = registers_of(DIRECTORY_B);
    ck_assert(!ws_page_map_differs(&a, &b, false));
    difference_compare(&memory, &left, &entered, "equal");
    ws_page_map_release(&b);
    entry_put(TABLE_B, 77, 0);
    b = map_read(DIRECTORY_B);
    ck_assert(ws_page_map_differs(&a, &b, false));
    difference_compare(&memory, &left, &entered, "a hole");
    memset(ram, 0, sizeof ram);
    entry_put(DIRECTORY_A, 1, 0x00800083);
    entry_put(DIRECTORY_B, 1, 0x00800003);
    difference_compare(&memory, &left, &entered, "a big page, and a table at the same address");
    ws_page_map_release(&a);
    ws_page_map_release(&b);
}
END_TEST

/* -- any tables ---------------------------------------------------------------------------------------- */

static uint32_t chance(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Fill a table as a guest may: holes, runs, and now and then something else.  Bits that do not decide are random. */
static void table_scatter(uint32_t table, uint32_t *state)
{
    uint32_t entry = 0;
    for (uint32_t i = 0; i < 1024; i++) {
        uint32_t dice = chance(state) % 64;
        if (dice < 4)
            entry = chance(state) % 2 ? 0 : chance(state) << 12 | (chance(state) & 0x1ff);
        else if (dice == 5)
            entry = 0xffffe000 | (chance(state) & 7); /* a run that reaches the end of the physical address space */
        else if (entry & WS_PTE_P)
            entry += WS_PAGE_BYTES;
        entry_put(table, i, entry ^ (entry & WS_PTE_P ? chance(state) & (WS_PTE_A | WS_PTE_D) : 0));
    }
}

static void directory_scatter(uint32_t *state)
{
    static const uint32_t leads_to[] = {TABLE_A, TABLE_A, TABLE_B, TABLE_B, LAST_PAGE, 0x7ffff000, 0x00800000};
    memset(ram, 0, sizeof ram);
    for (uint32_t i = chance(state) % 40; i < 1024; i += 1 + chance(state) % 40) {
        uint32_t rights = chance(state) & (WS_PTE_US | WS_PTE_RW | WS_PTE_G | WS_PTE_PS);
        entry_put(DIRECTORY_A, i, leads_to[chance(state) % 7] | rights | (chance(state) % 8 ? WS_PTE_P : 0));
    }
    table_scatter(TABLE_A, state);
    table_scatter(TABLE_B, state);
    table_scatter(LAST_PAGE, state);
}

static bool runs_are_one(const struct ws_mapping *a, const struct ws_mapping *b)
{
    return a->linear + a->bytes == b->linear && a->phys + a->bytes == b->phys && a->user == b->user &&
           a->writable == b->writable && a->global == b->global && a->big == b->big;
}

/* Each page must be in a run if and only if the page walk finds it, with the walk's result; and no run could be
 * longer. */
static void map_compare(const struct ws_page_map *map, const struct ws_physical *seen,
                        const struct ws_registers *registers, unsigned round)
{
    size_t at = 0;
    for (uint64_t linear = 0; linear < UINT64_C(1) << 32; linear += WS_PAGE_BYTES) {
        struct ws_translation walk;
        bool mapped = ws_page_walk(&walk, seen, registers, (uint32_t)linear, WS_ACCESS_READ, false);
        while (at < map->count && map->run[at].linear + map->run[at].bytes <= linear)
            at++;
        const struct ws_mapping *run = at < map->count && map->run[at].linear <= linear ? &map->run[at] : NULL;
        bool agrees = mapped ? run && run->phys + (linear - run->linear) == walk.phys && run->user == walk.user &&
                                   run->writable == walk.writable && run->global == walk.global &&
                                   run->big == (walk.page_bytes == WS_BIG_PAGE_BYTES)
                             : !run;
        if (!agrees) /* a million calls of ck_assert() take long */
            ck_abort_msg("round %u: 0x%08x is said to be mapped otherwise", round, (uint32_t)linear);
    }
    for (size_t i = 1; i < map->count; i++)
        if (runs_are_one(&map->run[i - 1], &map->run[i]))
            ck_abort_msg("round %u: run %zu continues the one before", round, i);
}

START_TEST(a_map_says_what_the_walk_says)
{
    enum { ROUNDS = 12 };
    uint32_t state = 3;
    for (unsigned round = 0; round < ROUNDS; round++) {
        /* In each third round, RAM ends in the middle of a table. */
        struct ws_physical seen = {ram, RAM_BYTES - (round % 3 == 2 ? 0x123 : 0)};
        struct ws_registers registers = {{0}};
        struct ws_page_map map;
        directory_scatter(&state);
        registers.value[WS_CR0] = WS_CR0_PE | WS_CR0_PG;
        registers.value[WS_CR3] = round == ROUNDS - 1 ? 0x7ffff000 : DIRECTORY_A;
        registers.value[WS_CR4] = chance(&state) & (WS_CR4_PSE | WS_CR4_PGE);
        ck_assert_int_eq(ws_page_map_read(&map, &seen, &registers), WS_OK);
        map_compare(&map, &seen, &registers, round);
        ws_page_map_release(&map);
    }
}
END_TEST

/* Change bits of the first entry from `index` on that is present. */
static void entry_flip(uint32_t table, uint32_t index, uint32_t bits)
{
    uint32_t entry = 0;
    for (; index < 1024 && !(entry & WS_PTE_P); index++)
        memcpy(&entry, ram + table + 4 * index, sizeof entry);
    if (entry & WS_PTE_P)
        entry_put(table, index - 1, entry ^ bits);
}

/* Another address space that differs from DIRECTORY_A in a few entries of the directory, or of one of its tables. */
static void directory_vary(uint32_t *state)
{
    static const uint32_t leads_to[] = {TABLE_A, TABLE_B, LAST_PAGE, 0x7ffff000, 0x00800000};
    memcpy(ram + DIRECTORY_B, ram + DIRECTORY_A, WS_PAGE_BYTES);
    if (chance(state) % 2)
        memcpy(ram + TABLE_B, ram + TABLE_A, WS_PAGE_BYTES);
    for (unsigned i = chance(state) % 4; i > 0; i--)
        entry_put(DIRECTORY_B, chance(state) % 1024, leads_to[chance(state) % 5] | (chance(state) & 0x1ff));
    for (unsigned i = chance(state) % 3; i > 0; i--)
        entry_flip(DIRECTORY_B, chance(state) % 1024, chance(state) & (WS_PTE_RW | WS_PTE_US | WS_PTE_PS));
    for (unsigned i = chance(state) % 3; i > 0; i--)
        entry_put(TABLE_B, chance(state) % 1024, chance(state) << 12 | (chance(state) & 0x1ff));
}

static void registers_vary(struct ws_registers *registers, uint32_t *state)
{
    if (chance(state) % 8 == 0)
        registers->value[WS_CR0] = WS_CR0_PE;
    if (chance(state) % 8 == 0)
        registers->value[WS_CR4] ^= WS_CR4_PSE;
    if (chance(state) % 16 == 0)
        registers->value[WS_CR3] = 0x7ffff000;
}

START_TEST(differences_are_those_of_the_maps)
{
    enum { ROUNDS = 150 };
    uint32_t state = 5;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct ws_physical seen = {ram, RAM_BYTES - (round % 3 == 2 ? 0x123 : 0)};
        struct ws_registers left = registers_of(DIRECTORY_A), entered = registers_of(DIRECTORY_B);
        char what[32];
        directory_scatter(&state);
        directory_vary(&state);
        registers_vary(&left, &state);
        registers_vary(&entered, &state);
        snprintf(what, sizeof what, "round %u", round);
        difference_compare(&seen, &left, &entered, what);
    }
}
END_TEST

Suite *page_map_suite(void)
{
    Suite *suite = suite_create("page map");
    TCase *maps = tcase_create("maps");
    tcase_add_test(maps, pages_with_equal_rights_are_one_run);
    tcase_add_test(maps, without_paging_all_is_one_run);
    tcase_add_test(maps, a_directory_of_nonsense_can_be_read);
    tcase_add_test(maps, differences_are_found_on_the_side_where_they_are);
    tcase_add_test(maps, a_big_page_equals_its_small_ones);
    tcase_add_test(maps, a_map_says_what_the_walk_says);
    tcase_add_test(maps, differences_are_those_of_the_maps);
    suite_add_tcase(suite, maps);
    return suite;
}
