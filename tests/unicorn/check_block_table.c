/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of blocks: a block is found by its translation, and passes only while its bytes have not changed.
 */
#include <check.h>
#include <stdlib.h>

#include <worldswitch/paging.h>

#include "unicorn/block_table.h"

enum { RAM_BYTES = 4 * WS_PAGE_BYTES, HERE = 0x1000 };

static uint8_t *ram;
static struct ws__block_table blocks;
static struct ws__budget budget;

static void setup(void)
{
    ram = calloc(1, RAM_BYTES);
    ck_assert(ws__block_table_init(&blocks));
    budget = (struct ws__budget){.table = blocks.table, .left = 100, .limit = 1100};
}

static void teardown(void)
{
    ws__block_table_release(&blocks);
    free(ram);
}

/* Add a block to the table.  Each of its instructions has three bytes; the last `second` bytes are in another page. */
static struct ws__block *put(uintptr_t translation, uint32_t phys, unsigned instructions, unsigned second)
{
    unsigned bytes = 3 * instructions;
    struct ws__block_code *code = calloc(1, sizeof *code + 2 * bytes + 1);
    code->linear = 0xc0000000 + phys;
    code->bytes = (uint16_t)bytes;
    code->in_first = (uint16_t)(bytes - second);
    code->first = ram + phys;
    code->second = second ? ram : NULL;
    code->copy = code->what + bytes + 1;
    for (unsigned i = 0; i <= bytes; i += 3)
        code->what[i] = WS__BEGINS;
    struct ws__block block = {
        .translation = translation, .code = code, .instructions = (uint16_t)instructions, .compared = true};
    return ws__block_add(&blocks, &block);
}

START_TEST(it_is_found_by_its_translation)
{
    uintptr_t translation = 0x7f0000001000;
    struct ws__block *one = put(translation, HERE, 4, 0);
    uintptr_t same_place = translation + (WS__BLOCKS << WS__BLOCK_SPACING_BITS);
    struct ws__block *other = put(same_place, HERE, 5, 0);
    ck_assert_ptr_eq(ws__block_find(&blocks, translation), one);
    ck_assert_ptr_eq(ws__block_find(&blocks, same_place), other);
    ck_assert_ptr_null(ws__block_find(&blocks, translation + (7 << WS__BLOCK_SPACING_BITS)));
    ws__block_table_clear(&blocks);
    ck_assert_ptr_null(ws__block_find(&blocks, translation));
}
END_TEST

START_TEST(the_budget_counts_whole_blocks)
{
    struct ws__block *block = put(0x7f0000001000, HERE, 4, 0);
    ck_assert(ws__budget_pass(&budget, 0x7f0000001000));
    ck_assert_ptr_eq(budget.present, block);
    ck_assert_int_eq(budget.left, 96);
    ck_assert_uint_eq(ws__budget_end(&budget), 1004);
    budget.left = 3; /* the budget ends inside the block */
    ck_assert(!ws__budget_pass(&budget, 0x7f0000001000));
}
END_TEST

START_TEST(what_is_watched_does_not_pass)
{
    struct ws__block *block = put(0x7f0000001000, HERE, 4, 0);
    block->touches = WS__TOUCHES_ALWAYS | 1;
    budget.watched |= 2;
    ck_assert(ws__budget_pass(&budget, 0x7f0000001000));
    budget.watched |= 1;
    ck_assert(!ws__budget_pass(&budget, 0x7f0000001000));
    budget.watched = WS__TOUCHES_ALWAYS;
    ck_assert(!ws__budget_pass(&budget, 0x7f0000001000));
}
END_TEST

/* A change of any byte of the block is noticed.  A change of the byte in front of the block does not matter. */
START_TEST(changed_bytes_are_noticed)
{
    static const struct {
        uint32_t phys;
        unsigned instructions, second;
    } rows[] = {{HERE, 1, 0},          {HERE + 5, 5, 0}, {HERE, 6, 0}, {HERE, 40, 0}, {2 * WS_PAGE_BYTES - 7, 5, 8},
                {RAM_BYTES - 12, 4, 0}};
    unsigned row = (unsigned)_i, bytes = 3 * rows[row].instructions, here = bytes - rows[row].second;
    struct ws__block *block = put(0x7f0000001000, rows[row].phys, rows[row].instructions, rows[row].second);
    ck_assert(ws__block_unchanged(block, NULL));
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t *byte = i < here ? ram + rows[row].phys + i : ram + i - here;
        *byte ^= 0x80;
        ck_assert_msg(!ws__block_unchanged(block, NULL), "row %u: byte %u", row, i);
        ck_assert(!ws__budget_pass(&budget, 0x7f0000001000));
        *byte ^= 0x80;
    }
    ram[rows[row].phys - 1] ^= 0x80;
    ck_assert(ws__block_unchanged(block, NULL));
    ck_assert(ws__budget_pass(&budget, 0x7f0000001000));
}
END_TEST

/* If a block runs again directly after itself and writes nothing (_i is 0), its bytes are not compared again.
 * Otherwise they are. */
START_TEST(a_loop_that_writes_nothing_is_believed)
{
    struct ws__block *loop = put(0x7f0000001000, HERE, 20, 0), *other = put(0x7f0000002000, HERE + 0x100, 20, 0);
    loop->code->writes = _i;
    ck_assert(ws__budget_pass(&budget, 0x7f0000001000));
    ram[HERE] ^= 1;
    ck_assert_int_eq(ws__budget_pass(&budget, 0x7f0000001000), !_i);
    ck_assert(ws__budget_pass(&budget, 0x7f0000002000));
    ck_assert_ptr_eq(budget.present, other);
    ck_assert(!ws__budget_pass(&budget, 0x7f0000001000));
}
END_TEST

START_TEST(what_is_loaded_is_watched)
{
    struct ws__block *loads = put(0x7f0000001000, HERE, 4, 0), *uses = put(0x7f0000002000, HERE + 0x100, 4, 0);
    loads->loads = 4;
    uses->touches = WS__TOUCHES_ALWAYS | 4;
    ck_assert(ws__budget_pass(&budget, 0x7f0000002000));
    ck_assert(ws__budget_pass(&budget, 0x7f0000001000));
    ck_assert_uint_eq(budget.watched, 4);
    ck_assert(!ws__budget_pass(&budget, 0x7f0000002000));
    ck_assert(ws__budget_pass(&budget, 0x7f0000001000));
}
END_TEST

START_TEST(instructions_are_found_by_address)
{
    const struct ws__block *block = put(0x7f0000001000, HERE, 6, 0);
    struct ws__block_code *code = block->code;
    unsigned bytes = 0;
    code->what[6] |= WS__HOOK_POINT;
    ck_assert_int_eq(ws__block_index(block, code->linear + 12, &bytes), 4);
    ck_assert_uint_eq(bytes, 3);
    ck_assert_int_eq(ws__block_index(block, code->linear + 15, &bytes), 5);
    ck_assert_uint_eq(bytes, 3);
    ck_assert_int_eq(ws__block_index(block, code->linear + 4, &bytes), -1);
    ck_assert_int_eq(ws__block_index(block, code->linear + 18, &bytes), -1);
    ck_assert_int_eq(ws__block_index(block, code->linear - 3, &bytes), -1);
    ck_assert_uint_eq(ws__block_what(block, code->linear + 6), WS__BEGINS | WS__HOOK_POINT);
}
END_TEST

/* Instruction 1 is a hook point; instruction 2 comes behind one that may write into the block. */
START_TEST(an_instruction_may_begin_without_asking)
{
    struct ws__block *block = put(0x7f0000001000, HERE, 4, 0);
    uint32_t first = block->code->linear;
    block->code->what[3] |= WS__HOOK_POINT;
    block->code->what[6] |= WS__COMPARES;
    ck_assert(!ws__budget_lets_begin(&budget, first)); /* no block is present */
    ck_assert(ws__budget_pass(&budget, 0x7f0000001000));
    ck_assert(ws__budget_lets_begin(&budget, first));
    ck_assert(!ws__budget_lets_begin(&budget, first + 1));
    ck_assert(!ws__budget_lets_begin(&budget, first + 3));
    ck_assert(ws__budget_lets_begin(&budget, first + 6));
    ck_assert(!ws__budget_lets_begin(&budget, first + 12));
    ram[HERE + 9] ^= 1;
    ck_assert(ws__budget_lets_begin(&budget, first));
    ck_assert(!ws__budget_lets_begin(&budget, first + 6));
    budget.step_mode = true;
    ck_assert(!ws__budget_lets_begin(&budget, first));
}
END_TEST

Suite *block_suite(void);

Suite *block_suite(void)
{
    Suite *suite = suite_create("block");
    TCase *tests = tcase_create("table");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, it_is_found_by_its_translation);
    tcase_add_test(tests, the_budget_counts_whole_blocks);
    tcase_add_test(tests, what_is_watched_does_not_pass);
    tcase_add_loop_test(tests, changed_bytes_are_noticed, 0, 6);
    tcase_add_loop_test(tests, a_loop_that_writes_nothing_is_believed, 0, 2);
    tcase_add_test(tests, what_is_loaded_is_watched);
    tcase_add_test(tests, instructions_are_found_by_address);
    tcase_add_test(tests, an_instruction_may_begin_without_asking);
    suite_add_tcase(suite, tests);
    return suite;
}
