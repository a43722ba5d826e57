/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turnstiles, in front of calls as the engine's translator makes them: whether one lets pass, and what it leaves
 * behind, is what ws__pace_pass() says and leaves behind.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include <worldswitch/paging.h>

#include "cpu/turnstile.h"

enum {
    RAM_BYTES = 4 * WS_PAGE_BYTES,
    SITE_BYTES = 4096,
    SITE = 256, /* where code is: the translator has data in front of it */
    MOST = 144  /* bytes that a turnstile compares */
};

static uint8_t *ram, *site;
static struct ws__stretches stretches;
static struct ws__turnstiles turnstiles;
static struct ws__pace *pace;
static struct ws__turnstile_call asked; /* what the hook was called with */
static unsigned calls;

static void hook(uint64_t uc, uint64_t linear, uint64_t bytes, uint64_t context)
{
    asked = (struct ws__turnstile_call){uc, linear, bytes, context};
    calls++;
}

static void *memory_make(size_t bytes, int protection)
{
    void *memory = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(memory != MAP_FAILED);
    return memory;
}

static void setup(void)
{
    ram = memory_make(RAM_BYTES, PROT_READ | PROT_WRITE);
    site = memory_make(SITE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
    for (unsigned i = 0; i < RAM_BYTES; i++)
        ram[i] = (uint8_t)(i * 7 + i / 256);
    ck_assert(ws__stretches_init(&stretches, ram, RAM_BYTES));
    ck_assert(ws__turnstiles_init(&turnstiles));
    pace = turnstiles.pace;
    pace->table = stretches.table;
    calls = 0;
}

static void teardown(void)
{
    ws__turnstiles_release(&turnstiles);
    ws__stretches_release(&stretches);
    munmap(ram, RAM_BYTES);
    munmap(site, SITE_BYTES);
}

/* -- a call, as the translator makes it -------------------------------------------------------- */

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

/* Returns where the call returns to. */
static uint8_t *call_put_at(uint8_t *at, const struct ws__turnstile_call *call)
{
    static const uint8_t begin[] = {0x48, 0x83, 0xec, 0x08}, end[] = {0x48, 0x83, 0xc4, 0x08, 0xc3}; /* stack */
    static const uint8_t through_memory[] = {0xff, 0x15};
    void (*const target)(uint64_t, uint64_t, uint64_t, uint64_t) = hook;
    at = put(at, begin, sizeof begin);
    at = constant_put(at, 7, call->uc);
    at = constant_put(at, 6, call->linear);
    at = constant_put(at, 2, call->bytes);
    at = constant_put(at, 1, call->context);
    int32_t distance = (int32_t)(site + SITE_BYTES - sizeof target - (at + 6));
    at = put(put(at, through_memory, 2), &distance, 4);
    memcpy(site + SITE_BYTES - sizeof target, &target, sizeof target);
    put(at, end, sizeof end);
    return at;
}

static uint8_t *call_put(const struct ws__turnstile_call *call)
{
    return call_put_at(site + SITE, call);
}

static void call(void)
{
    void (*function)(void);
    const void *code = site + SITE;
    memcpy(&function, &code, sizeof function);
    function();
}

/* -- stretches --------------------------------------------------------------------------------- */

static struct ws__stretch *stretch_make(uint8_t *translation, uint32_t phys, unsigned bytes, bool writes)
{
    struct ws__stretch_code *code = calloc(1, sizeof *code + 2 * bytes);
    *code = (struct ws__stretch_code){
        .linear = 0xc0000000 + phys, .bytes = (uint16_t)bytes,
        .in_first = (uint16_t)bytes, .first = ram + phys, .writes = writes,
    };
    code->copy = code->length + bytes;
    struct ws__stretch stretch = {
        .translation = (uintptr_t)translation, .code = code, .touches = 4, .instructions = (uint16_t)((bytes + 2) / 3),
    };
    return ws__stretch_add(&stretches, &stretch);
}

static const struct ws__turnstile_call usual = {0x555500001000, 0x2c0001000, 5, 0x555500002000};

/* One whose call may pass through a turnstile. */
static struct ws__stretch *stretch_set(uint32_t phys, unsigned bytes, bool writes)
{
    struct ws__stretch *stretch = stretch_make(call_put(&usual), phys, bytes, writes);
#ifdef __x86_64__
    ck_assert(ws__turnstile_set(&turnstiles, &usual, stretch));
#else
    ck_assert(!ws__turnstile_set(&turnstiles, &usual, stretch));
#endif
    return stretch;
}

static void pace_set(int64_t left, uint32_t present, uint8_t watched)
{
    pace->left = left;
    pace->present = present;
    pace->watched = watched;
}

/* Enter the stretch; returns whether it passed, which ws__pace_pass() has to say, too.  One that is too long may
 * ask all the same. */
static bool passes(const struct ws__stretch *stretch)
{
    struct ws__pace before = *pace, expected = before;
    bool pass = ws__pace_pass(&expected, stretch->translation);
    calls = 0;
    call();
    if (calls && stretch->code->bytes > MOST) {
        expected = before;
        pass = false;
    }
    ck_assert_uint_eq(calls, !pass);
    ck_assert_int_eq(pace->left, expected.left);
    ck_assert_uint_eq(pace->present, expected.present);
    ck_assert_uint_eq(pace->watched, expected.watched);
    if (!pass)
        ck_assert(memcmp(&asked, &usual, sizeof asked) == 0);
    return pass;
}

#ifdef __x86_64__

START_TEST(it_decides_as_the_pace_does)
{
    static const uint8_t watched[] = {0, 3, 4, WS__TOUCHES_KICK, 0xff};
    unsigned bytes = (unsigned)_i % (MOST + 1) + 1; /* one more than it can compare */
    bool writes = _i > MOST;
    if (bytes > MOST && writes)
        return; /* it has none */
    struct ws__stretch *stretch = stretch_set(0x1000, bytes, writes);
    uint32_t name = ws__pace_name(pace, stretch);
    for (unsigned i = 0; i < sizeof watched; i++) {
        for (int64_t left = -1; left <= stretch->instructions + 1; left++) {
            for (uint32_t present = 0; present <= 1; present++) {
                if (present && stretch->touches & watched[i])
                    continue; /* what is watched is not entered, and then watched while it is under way */
                pace_set(left, present * name, watched[i]);
                bool pass = passes(stretch);
                if (bytes <= MOST || (present && !writes))
                    ck_assert_int_eq(pass, left >= stretch->instructions && !(stretch->touches & watched[i]));
            }
        }
    }
}
END_TEST

/* At either end of a page, and each byte. */
START_TEST(changed_bytes_are_noticed)
{
    unsigned bytes = (unsigned)_i % MOST + 1;
    uint32_t phys = _i < MOST ? 2 * WS_PAGE_BYTES : 2 * WS_PAGE_BYTES - bytes;
    struct ws__stretch *stretch = stretch_set(phys, bytes, true);
    for (unsigned i = 0; i < bytes; i++) {
        ram[phys + i] ^= 1 << i % 8;
        pace_set(100, ws__pace_name(pace, stretch), 0);
        ck_assert(!passes(stretch));
        ram[phys + i] ^= 1 << i % 8;
    }
    ram[phys - 1] ^= 0xff; /* those beside are none of it */
    ram[phys + bytes] ^= 0xff;
    ck_assert(passes(stretch));
}
END_TEST

START_TEST(what_follows_itself_is_believed_if_it_writes_nothing)
{
    struct ws__stretch *stretch = stretch_set(0x1000, 20, _i);
    ram[0x1005] ^= 1;
    pace_set(100, ws__pace_name(pace, stretch), 0);
    ck_assert_int_eq(passes(stretch), !_i);
    pace_set(100, 0, 0);
    ck_assert(!passes(stretch));
}
END_TEST

START_TEST(what_is_loaded_is_watched)
{
    struct ws__stretch *stretch = stretch_make(call_put(&usual), 0x1000, 20, true);
    stretch->loads = 8;
    ck_assert(ws__turnstile_set(&turnstiles, &usual, stretch));
    pace_set(100, 0, 1);
    ck_assert(passes(stretch));
    ck_assert_uint_eq(pace->watched, 9);
    pace_set(0, 0, 1);
    ck_assert(!passes(stretch));
    ck_assert_uint_eq(pace->watched, 1);
}
END_TEST

/* It is told of each instruction only when each counts. */
START_TEST(a_wicket_asks_when_each_instruction_counts)
{
    const uint8_t *end = call_put(&usual);
    struct ws__turnstile_call other = usual;
    other.linear++;
    ck_assert(!ws__wicket_set(&turnstiles, &other, end));
    call();
    ck_assert_uint_eq(calls, 1);
    ck_assert(ws__wicket_set(&turnstiles, &usual, end));
    for (unsigned i = 0; i < 4; i++) {
        pace->closely = i % 2;
        calls = 0;
        memset(&asked, 0, sizeof asked);
        call();
        ck_assert_uint_eq(calls, i % 2);
        ck_assert_int_eq(memcmp(&asked, &usual, sizeof asked) == 0, i % 2);
    }
}
END_TEST

/* What is entered is the other one, with its call. */
START_TEST(a_stretch_can_be_executed_elsewhere)
{
    enum { OTHER = 512 };
    struct ws__turnstile_call other = usual, wrong = usual;
    other.linear += 1;
    wrong.bytes++;
    const uint8_t *from = call_put(&usual), *to = call_put_at(site + SITE + OTHER, &other);
    ck_assert(!ws__turnstile_redirect(&wrong, from, &other, to));
    ck_assert(!ws__turnstile_redirect(&usual, from, &wrong, to));
    call();
    ck_assert(memcmp(&asked, &usual, sizeof asked) == 0);
    ck_assert(ws__turnstile_redirect(&usual, from, &other, to));
    call();
    ck_assert_uint_eq(calls, 2);
    ck_assert(memcmp(&asked, &other, sizeof asked) == 0);
    ck_assert(!ws__turnstile_redirect(&usual, from, &other, to)); /* there is no call any more */
}
END_TEST

/* Then calls stay, and nothing is written beyond the room. */
START_TEST(room_comes_to_an_end)
{
    struct ws__stretch *stretch = NULL;
    unsigned set = 0;
    while (set < WS__STRETCHES) {
        ws__stretches_clear(&stretches);
        stretch = stretch_make(call_put(&usual), 0x1000, MOST, true);
        if (!ws__turnstile_set(&turnstiles, &usual, stretch))
            break;
        set++;
    }
    ck_assert_uint_gt(set, 10000);
    ck_assert_uint_lt(set, WS__STRETCHES);
    pace_set(1000, 0, 0);
    call();
    ck_assert_uint_eq(calls, 1);
    ws__turnstiles_clear(&turnstiles);
    ck_assert(ws__turnstile_set(&turnstiles, &usual, stretch));
    call();
    ck_assert_uint_eq(calls, 1);
}
END_TEST

#endif

/* Operands of every length; a call with other operands, or something else. */
START_TEST(only_the_call_is_replaced)
{
    static const uint64_t values[] = {1, 0xffffffff, 0x555500001000, 0 /* near */};
    struct ws__turnstile_call one = usual;
    uint64_t *operand[] = {&one.uc, &one.linear, &one.bytes, &one.context};
    uint64_t *changed = operand[_i / 4];
    *changed = _i % 4 == 3 ? (uintptr_t)ram : values[_i % 4];
    struct ws__stretch *stretch = stretch_make(call_put(&one), 0x1000, 5, true);
    (*changed)++;
    ck_assert(!ws__turnstile_set(&turnstiles, &one, stretch));
    (*changed)--;
    ((uint8_t *)stretch->translation)[-5] ^= 1; /* ff 14 */
    ck_assert(!ws__turnstile_set(&turnstiles, &one, stretch));
    ((uint8_t *)stretch->translation)[-5] ^= 1;
    pace_set(0, 0, 0);
    calls = 0;
    bool set = ws__turnstile_set(&turnstiles, &one, stretch);
    call();
    ck_assert_uint_eq(calls, 1);
    ck_assert(memcmp(&asked, &one, sizeof asked) == 0);
#ifdef __x86_64__
    ck_assert(set);
    pace_set(2, 0, 0);
    call();
    ck_assert_uint_eq(calls, 1);
    ck_assert_int_eq(pace->left, 0);
#else
    ck_assert(!set);
#endif
}
END_TEST

/* What cannot be compared, and cannot be believed either. */
START_TEST(some_stretches_have_none)
{
    uint8_t *translation = call_put(&usual);
    struct ws__stretch *stretch = stretch_make(translation, 0x1000, MOST + 1, true);
    ck_assert(!ws__turnstile_set(&turnstiles, &usual, stretch));
    stretch->code->bytes = 6;
    stretch->code->in_first = 3;
    stretch->code->second = ram;
    ck_assert(!ws__turnstile_set(&turnstiles, &usual, stretch));
    pace_set(100, 0, 0);
    call();
    ck_assert_uint_eq(calls, 1);
}
END_TEST

Suite *turnstile_suite(void);

Suite *turnstile_suite(void)
{
    Suite *suite = suite_create("turnstile");
    TCase *tests = tcase_create("calls");
    tcase_add_checked_fixture(tests, setup, teardown);
#ifdef __x86_64__
    tcase_add_loop_test(tests, it_decides_as_the_pace_does, 0, 2 * (MOST + 1));
    tcase_add_loop_test(tests, changed_bytes_are_noticed, 0, 2 * MOST);
    tcase_add_loop_test(tests, what_follows_itself_is_believed_if_it_writes_nothing, 0, 2);
    tcase_add_test(tests, what_is_loaded_is_watched);
    tcase_add_test(tests, a_wicket_asks_when_each_instruction_counts);
    tcase_add_test(tests, a_stretch_can_be_executed_elsewhere);
    tcase_add_test(tests, room_comes_to_an_end);
#endif
    tcase_add_loop_test(tests, only_the_call_is_replaced, 0, 16);
    tcase_add_test(tests, some_stretches_have_none);
    suite_add_tcase(suite, tests);
    return suite;
}
