/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recognizer, fed with made-up events: switches between threads, where CR3 stays, and what must not be taken for
 * one.
 */
#include "watch/puppet.h"

Suite *thread_suite(void);

enum { KEPT = 0x00300000 }; /* where this kernel keeps stack pointers */

static void keep_word(uint32_t value)
{
    memcpy(puppet.ram + KEPT, &value, sizeof value);
}

static void thread_expect(unsigned count, uint32_t from, uint32_t to)
{
    ck_assert_uint_eq(puppet.crossings, count);
    ck_assert_uint_eq(puppet.crossing.kind, WS_CROSSING_THREAD);
    ck_assert_uint_eq(puppet.crossing.from_thread, from);
    ck_assert_uint_eq(puppet.crossing.to_thread, to);
    ck_assert_uint_eq(puppet.crossing.changed & 1u << WS_CATEGORY_CR3, 0);
}

/* Out to a thread that has never run, and back to the first. */
START_TEST(thread_and_back)
{
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    plain(4);
    keep_word(puppet.now.registers.value[WS_ESP] - 16);
    stack(STACK_B);
    ret(0x5500, 0);
    thread_expect(1, 1, 2);
    ck_assert_uint_eq(puppet.crossing.begin, begin);
    ck_assert_uint_eq(puppet.crossing.instructions, 6);
    keep_word(0);
    uint32_t other = puppet.now.linear + 5;
    call(0x6000);
    stack(STACK_A - 4);
    ret(back, 0);
    thread_expect(2, 2, 1); /* known by where it was left; nothing needs to be kept */
    call(0x6000);
    stack(STACK_B); /* where its call has put its return address: ESP is as it was before */
    ret(other, 0);
    thread_expect(3, 1, 2);
}
END_TEST

/* The CPU's predictor of returns is filled on the entered stack, the next one above the left one: those calls are not
 * made by the switch's callers, though their addresses are near. */
START_TEST(return_predictor_on_the_next_stack)
{
    enum { NEXT = STACK_A + 7 * 1024 };
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    keep_word(puppet.now.registers.value[WS_ESP] - 16);
    stack(NEXT);
    for (unsigned i = 0; i < 16; i++) {
        call(puppet.now.linear + 6);
        stack(NEXT);
    }
    ret(0x5500, 0);
    thread_expect(1, 1, 2);
    ck_assert_uint_eq(puppet.crossing.begin, begin);
    ck_assert_uint_eq(puppet.crossing.before.value[WS_ESP], STACK_A - 4);
    call(0x6000);
    stack(STACK_A - 4);
    ret(back, 0);
    thread_expect(2, 2, 1); /* it was left by the switch's caller */
}
END_TEST

/* What goes on where it was left, but with another address, is another thread. */
START_TEST(thread_in_the_stack_of_another)
{
    call(0x6000);
    keep_word(puppet.now.registers.value[WS_ESP] - 16);
    stack(STACK_B);
    ret(0x5500, 0);
    call(0x6000);
    keep_word(puppet.now.registers.value[WS_ESP] - 16);
    stack(STACK_A - 4);
    ret(0x5700, 0);
    thread_expect(2, 2, 3);
}
END_TEST

/* A switch routine that was called, but goes back by an iret: it has moved its return address. */
START_TEST(thread_goes_on_by_iret)
{
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    keep_word(puppet.now.registers.value[WS_ESP] - 56);
    stack(STACK_B - 12);
    iret(0x5500, STACK_B, 0x08);
    thread_expect(1, 1, 2);
    uint32_t other = puppet.now.linear + 5;
    call(0x6000);
    stack(STACK_A - 12);
    iret(back, STACK_A, 0x08);
    thread_expect(2, 2, 1);
    vector(WS_ORIGIN_EXTERNAL, 0x9000, 0); /* and a handler switches back */
    stack(STACK_B - 12);
    iret(other, STACK_B, 0x08);
    thread_expect(3, 1, 2);
}
END_TEST

/* By the iret of a handler, in ring 0. */
START_TEST(thread_preempted)
{
    vector(WS_ORIGIN_EXTERNAL, 0x9000, 0);
    plain(3);
    keep_word(puppet.now.registers.value[WS_ESP] - 32);
    stack(STACK_B - 12);
    iret(0x5500, STACK_B, 0x08);
    thread_expect(1, 1, 2);
}
END_TEST

/* Ways to another stack that nobody means to come back from. */
START_TEST(other_stack_is_no_thread)
{
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    stack(STACK_B);
    switch (_i) {
    case 0: /* nothing is kept: a boot moves to its better stack */
        ret(0x5500, 0);
        break;
    case 1: /* it returns to its caller: the same thread, with its stack copied */
        keep_word(puppet.now.registers.value[WS_ESP] - 16);
        ret(back, 0);
        break;
    case 2: /* the first way to ring 3 */
        keep_word(STACK_A - 20);
        iret(0x5500, USER + 0x1000, 0x1b);
        break;
    default: /* what is kept is an address in the stack, of a variable say */
        memcpy(puppet.ram + STACK_A + 16, &(uint32_t){STACK_A - 20}, 4);
        ret(0x5500, 0);
    }
    ck_assert_uint_eq(puppet.crossings, 0);
}
END_TEST

/* A system call of ring 3 that returns elsewhere, from the same frame. */
static void system_call_elsewhere(uint32_t target, uint32_t esp)
{
    puppet.now.registers.value[WS_CS] = 0x1b;
    puppet.now.registers.value[WS_ESP] = USER + 0x1000;
    vector(WS_ORIGIN_SOFTWARE, 0x9000, STACK_A);
    plain(5);
    iret(target, esp, 0x1b);
}

START_TEST(signal_is_no_thread)
{
    uint32_t context[] = {puppet.now.linear, USER + 0x1000}; /* in the signal's frame */
    memcpy(puppet.ram + 0x00250000, context, sizeof context);
    system_call_elsewhere(0x5500, USER + 0x1000 - 64);
    ck_assert_uint_eq(puppet.crossings, 0);
}
END_TEST

/* A thread without an address space of its own has got one, deep in its kernel.  When it is left, that is what it
 * leaves. */
START_TEST(exec_by_a_kernel_thread)
{
    uint32_t back[6];
    call(0x6000);
    keep_word(puppet.now.registers.value[WS_ESP] - 16);
    stack(STACK_B);
    ret(0x5500, 0);
    thread_expect(1, 1, 2);
    for (unsigned i = 0; i < 6; i++) {
        back[i] = puppet.now.linear + 5;
        call(0x6100 + 0x100 * i);
    }
    control(WS_CR3, B);
    for (unsigned i = 6; i-- > 0;)
        ret(back[i], 0);
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    control(WS_CR3, KERNEL);
    stack(STACK_B + 0x10000);
    ret(0x5600, 0);
    ck_assert_uint_eq(puppet.crossings, 2);
    ck_assert_uint_eq(puppet.crossing.kind, WS_CROSSING_CONTEXT);
    ck_assert_uint_eq(puppet.crossing.begin, begin);
    ck_assert_uint_eq(puppet.crossing.before.value[WS_CR3], B);
}
END_TEST

START_TEST(exec_is_no_switch)
{
    puppet.now.registers.value[WS_CS] = 0x1b;
    puppet.now.registers.value[WS_ESP] = USER + 0x800;
    vector(WS_ORIGIN_SOFTWARE, 0x9000, STACK_A);
    if (_i)
        control(WS_CR3, B);
    plain(5);
    iret(0x5500, USER + 0x1000, 0x1b);
    ck_assert_uint_eq(puppet.crossings, 0);
}
END_TEST

/* One kernel stack for all: the frame of who goes on is copied into it, and that of who is left is kept. */
START_TEST(frames_are_copied)
{
    uint32_t context[] = {puppet.now.linear, 0x1b, 0x202, USER + 0x800, 0x23};
    memcpy(puppet.ram + KEPT, context, sizeof context);
    puppet.now.registers.value[WS_CS] = 0x1b;
    puppet.now.registers.value[WS_ESP] = USER + 0x800;
    vector(WS_ORIGIN_EXTERNAL, 0x9000, STACK_A);
    plain(5);
    iret(0x5500, USER + 0x2000, 0x1b);
    thread_expect(1, 1, 2);
    vector(WS_ORIGIN_EXTERNAL, 0x9000, STACK_A);
    plain(5);
    iret(context[0], USER + 0x800, 0x1b);
    thread_expect(2, 2, 1);
}
END_TEST

Suite *thread_suite(void)
{
    Suite *suite = suite_create("thread");
    TCase *threads = tcase_create("made-up events");
    tcase_add_checked_fixture(threads, puppet_setup, puppet_teardown);
    tcase_add_test(threads, thread_and_back);
    tcase_add_test(threads, return_predictor_on_the_next_stack);
    tcase_add_test(threads, exec_by_a_kernel_thread);
    tcase_add_test(threads, thread_in_the_stack_of_another);
    tcase_add_test(threads, thread_goes_on_by_iret);
    tcase_add_test(threads, thread_preempted);
    tcase_add_loop_test(threads, other_stack_is_no_thread, 0, 4);
    tcase_add_test(threads, signal_is_no_thread);
    tcase_add_loop_test(threads, exec_is_no_switch, 0, 2);
    tcase_add_test(threads, frames_are_copied);
    suite_add_tcase(suite, threads);
    return suite;
}
