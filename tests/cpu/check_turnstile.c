/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turnstiles, in front of calls as the engine's translator makes them: whether one lets pass, and what it leaves
 * behind, is what ws__pace_pass() says and leaves behind.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "cpu/call_stage.h"

Suite *turnstile_suite(void);

static void pace_set(int64_t left, uint32_t present, uint16_t watched)
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

/* A segment register that holds what it held, and is flat, needs no look; and nobody need know that it was loaded. */
START_TEST(what_is_known_is_not_asked_about)
{
    enum { OTHERS = 1 << 8 };
    struct ws__stretch *stretch = stretch_make(call_put(&usual), 0x1000, 20, true);
    uint8_t *hidden = state + HIDDEN + _i * STRIDE, *flat = pace->flat[_i];
    uint32_t one = 1u << _i, two = one | 1u << (_i + 1) % 6;
    stretch->touches = (uint16_t)(WS__TOUCHES_KICK | two);
    ck_assert(ws__turnstile_set(&turnstiles, &usual, stretch));
    for (unsigned byte = 0; byte < sizeof pace->flat[0]; byte++)
        hidden[byte] = flat[byte] = (uint8_t)(byte + 1);
    pace_set(100, 0, (uint16_t)(one | OTHERS));
    call();
    ck_assert_uint_eq(calls, 0);
    ck_assert_uint_eq(pace->watched, OTHERS);
    ck_assert_int_eq(pace->left, 100 - stretch->instructions);
    pace_set(100, 0, (uint16_t)two); /* the other one is not known */
    ck_assert(!passes(stretch));
    pace_set(100, 0, (uint16_t)(one | WS__TOUCHES_KICK));
    ck_assert(!passes(stretch));
    for (unsigned byte = 0; byte < sizeof pace->flat[0]; byte++) {
        hidden[byte] ^= 0x80;
        pace_set(100, 0, (uint16_t)one);
        ck_assert(!passes(stretch));
        hidden[byte] ^= 0x80;
    }
    memcpy(pace->flat[(_i + 1) % 6], state + HIDDEN + (_i + 1) % 6 * STRIDE, sizeof pace->flat[0]);
    pace_set(100, 0, (uint16_t)two);
    calls = 0;
    call();
    ck_assert_uint_eq(calls, 0);
    ck_assert_uint_eq(pace->watched, 0);
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
    tcase_add_loop_test(tests, what_is_known_is_not_asked_about, 0, 6);
    tcase_add_test(tests, room_comes_to_an_end);
#endif
    tcase_add_loop_test(tests, only_the_call_is_replaced, 0, 16);
    tcase_add_test(tests, some_stretches_have_none);
    suite_add_tcase(suite, tests);
    return suite;
}
