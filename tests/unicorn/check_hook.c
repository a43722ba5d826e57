/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block hook in assembly language decides as ws__budget_pass() does.  And ws__engine_jump_set() replaces a call of
 * the block hook by a jump, but nothing else.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include "unicorn/jump.h"
#include "unicorn/parts.h"

Suite *hook_suite(void);

enum {
    CODE_BYTES = 4096,
    FIRST = 256,   /* offset of a call; there must be bytes in front of it, since call_find() reads them */
    SECOND = 1024, /* offset of another call */
    INSTRUCTIONS = 3
};

static uint8_t *code;
static struct ws__block table[WS__BLOCKS];
static struct ws__budget budget;
static struct ws__engine engine;
static struct {
    unsigned calls;
    uint64_t linear;
    uintptr_t translation;
} asked;

static bool enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    ck_assert_ptr_eq(context, &asked);
    ck_assert_uint_eq(bytes, 5);
    asked.calls++;
    asked.linear = linear;
    asked.translation = translation;
    return true;
}

static void setup(void)
{
    code = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(code != MAP_FAILED);
    memset(table, 0, sizeof table);
    memset(&asked, 0, sizeof asked);
    budget = (struct ws__budget){.table = table};
    engine = (struct ws__engine){
        .budget = &budget,
        .client = {.context = &asked, .enter = enter},
        .pointer.tried = true,
    };
}

static void teardown(void)
{
    munmap(code, CODE_BYTES);
}

/* -- a call, as Unicorn's translator makes it -------------------------------------------------------- */

static uint8_t *put(uint8_t *at, const void *bytes, size_t count)
{
    memcpy(at, bytes, count);
    return at + count;
}

static uint8_t *constant_put(uint8_t *at, unsigned which, uint64_t value)
{
    int64_t distance = (int64_t)(value - ((uintptr_t)at + 7));
    const uint8_t mov = (uint8_t)(0xb8 | which), wide[] = {0x48, mov}, lea[] = {0x48, 0x8d, (uint8_t)(5 | which << 3)};
    if (value <= UINT32_MAX)
        return put(put(at, &mov, 1), &value, 4);
    if (distance == (int32_t)distance)
        return put(put(at, lea, 3), &distance, 4);
    return put(put(at, wide, 2), &value, 8);
}

/* Make a function that calls the block hook with these arguments, and returns.  Sets call->end. */
static void call_put(unsigned offset, struct ws__engine_call *call)
{
    static const uint8_t begin[] = {0x55}, end[] = {0x5d, 0xc3}; /* push %rbp; pop %rbp, ret */
    static const uint8_t through_memory[] = {0xff, 0x15};
    void (*const target)(uc_engine *, uint64_t, uint32_t, void *) = ws__engine_block_hook;
    uint8_t *at = put(code + offset, begin, sizeof begin), *holder = code + CODE_BYTES - sizeof target;
    at = constant_put(at, 7, call->uc);
    at = constant_put(at, 6, call->linear);
    at = constant_put(at, 2, call->bytes);
    at = constant_put(at, 1, call->context);
    int32_t distance = (int32_t)(holder - (at + 6));
    at = put(put(at, through_memory, 2), &distance, 4);
    memcpy(holder, &target, sizeof target);
    call->end = at;
    put(at, end, sizeof end);
}

static void call(unsigned offset)
{
    void (*function)(void);
    const void *at = code + offset;
    memcpy(&function, &at, sizeof function);
    function();
}

static struct ws__engine_call usual(void)
{
    return (struct ws__engine_call){
        .uc = 0x555500001000, .linear = 0x2c0001000, .bytes = 5, .context = (uintptr_t)&engine};
}

static struct ws__block *block_put(uintptr_t translation)
{
    struct ws__block *block = &table[(translation >> WS__BLOCK_SPACING_BITS) % WS__BLOCKS];
    static struct ws__block_code nothing = {0};
    *block = (struct ws__block){
        .translation = translation, .code = &nothing, .touches = 4, .loads = 0x108, .instructions = INSTRUCTIONS};
    return block;
}

/* -- the hook ---------------------------------------------------------------------------------- */

#ifdef __x86_64__

/* Call the hook, and compare its effect on the budget with that of the C function. */
static void expect_as_in_c(struct ws__budget present, uintptr_t translation, bool passes)
{
    budget = present;
    struct ws__budget expected = present;
    asked.calls = 0;
    ck_assert_int_eq(ws__budget_pass(&expected, translation), passes);
    call(FIRST);
    ck_assert_uint_eq(asked.calls, !passes);
    ck_assert_int_eq(budget.left, expected.left);
    ck_assert_ptr_eq(budget.present, expected.present);
    ck_assert_uint_eq(budget.watched, expected.watched);
    if (!passes)
        ck_assert_uint_eq(asked.translation, translation);
}

START_TEST(it_decides_as_the_budget_does)
{
    static const uint32_t watched[] = {0, 3, 4, WS__TOUCHES_ALWAYS, 0xff, 0x100};
    struct ws__engine_call one = usual();
    call_put(FIRST, &one);
    uintptr_t translation = (uintptr_t)one.end;
    struct ws__block *block = block_put(translation);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        for (int64_t left = -1; left <= INSTRUCTIONS + 1; left++) {
            struct ws__budget present = {.table = table, .left = left, .watched = watched[i]};
            expect_as_in_c(present, translation, left >= INSTRUCTIONS && !(watched[i] & block->touches));
        }
    }
    const struct ws__budget plenty = {.table = table, .left = INT64_MAX};
    block->asks = true;
    expect_as_in_c(plenty, translation, false);
    block->asks = false;
    expect_as_in_c(plenty, translation, true);
    block->translation++;
    expect_as_in_c(plenty, translation, false);
}
END_TEST

#endif

/* -- jumps to another call --------------------------------------------------------------------- */

START_TEST(a_block_can_be_executed_elsewhere)
{
    struct ws__engine_call from = usual(), to = usual();
    to.linear++;
    call_put(FIRST, &from);
    call_put(SECOND, &to);
    struct ws__engine_call wrong = from;
    wrong.bytes++;
    ck_assert(!ws__engine_jump_set(&wrong, &to));
    wrong = to;
    wrong.linear++;
    ck_assert(!ws__engine_jump_set(&from, &wrong));
    call(FIRST);
    ck_assert_uint_eq(asked.linear, from.linear);
    bool set = ws__engine_jump_set(&from, &to);
    call(FIRST);
    ck_assert_uint_eq(asked.calls, 2);
#ifdef __x86_64__
    ck_assert(set);
    ck_assert_uint_eq(asked.linear, to.linear);
    ck_assert_uint_eq(asked.translation, (uintptr_t)to.end);
#else
    ck_assert(!set);
#endif
    ck_assert(!ws__engine_jump_set(&from, &to)); /* there is no call any more, but a jump */
}
END_TEST

/* Arguments of every length are recognized.  A call with other arguments is not replaced, and neither are other
 * bytes. */
START_TEST(only_the_call_is_replaced)
{
    static const uint64_t values[] = {1, 0xffffffff, 0x555500001000, 0 /* near */};
    struct ws__engine_call from = usual(), to = usual();
    uint64_t *operand[] = {&from.uc, &from.linear};
    uint64_t *changed = operand[_i / 4];
    *changed = _i % 4 == 3 ? (uintptr_t)code : values[_i % 4];
    call_put(FIRST, &from);
    call_put(SECOND, &to);
    (*changed)++;
    ck_assert(!ws__engine_jump_set(&from, &to));
    (*changed)--;
    uint8_t *last = code + (from.end - code) - 5;
    *last ^= 1; /* ff 14 */
    ck_assert(!ws__engine_jump_set(&from, &to));
    *last ^= 1;
    call(FIRST);
    ck_assert_uint_eq(asked.calls, 1);
    ck_assert_uint_eq(asked.linear, from.linear);
}
END_TEST

Suite *hook_suite(void)
{
    Suite *suite = suite_create("hook");
    TCase *tests = tcase_create("calls");
    tcase_add_checked_fixture(tests, setup, teardown);
#ifdef __x86_64__
    tcase_add_test(tests, it_decides_as_the_budget_does);
#endif
    tcase_add_test(tests, a_block_can_be_executed_elsewhere);
    tcase_add_loop_test(tests, only_the_call_is_replaced, 0, 8);
    suite_add_tcase(suite, tests);
    return suite;
}
