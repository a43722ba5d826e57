/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recognizer, fed with made-up events: switches in the styles in which people write them, and what must not be
 * taken for one.
 */
#include "watch/puppet.h"

Suite *crossing_suite(void);

static void crossing_expect(unsigned count, enum ws_crossing_kind kind, uint64_t begin, uint64_t instructions)
{
    ck_assert_uint_eq(puppet.crossings, count);
    if (!count)
        return;
    ck_assert_uint_eq(puppet.crossing.kind, kind);
    ck_assert_uint_eq(puppet.crossing.begin, begin);
    ck_assert_uint_eq(puppet.crossing.end, puppet.now.mark);
    ck_assert_uint_eq(puppet.crossing.instructions, instructions);
    ck_assert_uint_eq(puppet.crossing.changed & puppet.crossing.kept, 0);
    ck_assert(puppet.crossing.changed & 1u << WS_CATEGORY_CR3);
}

/* One routine does it all: CR3, then the stack, then it returns as another process. */
START_TEST(one_routine)
{
    plain(10);
    uint32_t calls_from = puppet.now.linear;
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    plain(4);
    control(WS_CR3, B);
    stack(STACK_B);
    plain(4);
    ret(0x5500, 8);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 11);
    ck_assert_uint_eq(puppet.crossing.resume.linear, calls_from + 5);
    ck_assert_uint_eq(puppet.crossing.resume.esp, STACK_A);
    ck_assert_uint_eq(puppet.crossing.popped, 8);
    ck_assert_uint_eq(puppet.crossing.before.value[WS_CR3], A);
    ck_assert_uint_eq(puppet.crossing.after.value[WS_CR3], B);
}
END_TEST

/* CR3 is loaded by a helper that the routine calls. */
START_TEST(helper_loads_cr3)
{
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    plain(3);
    uint32_t back = puppet.now.linear + 5;
    call(0x6100);
    control(WS_CR3, B);
    ret(back, 0);
    stack(STACK_B);
    ret(0x5500, 0);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 8);
    ck_assert_uint_eq(puppet.crossing.before.value[WS_ESP], STACK_A - 4);
}
END_TEST

/* As in xv6: one routine loads CR3 and returns, the next one swaps stacks. `helpers`: how many stand between. */
static void split_switch(unsigned helpers)
{
    uint32_t back[4];
    for (unsigned i = 0; i <= helpers; i++) {
        back[i] = puppet.now.linear + 5;
        call(0x6000 + 0x100 * i);
    }
    control(WS_CR3, B);
    for (unsigned i = helpers + 1; i-- > 0;)
        ret(back[i], 0);
    plain(2);
    call(0x6800);
    uint64_t begin = puppet.now.mark;
    plain(5);
    stack(STACK_B);
    plain(4);
    ret(0x5500, 0);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 11);
    ck_assert_uint_eq(puppet.crossing.before.value[WS_CR3], A);
}

START_TEST(split)
{
    split_switch((unsigned)_i);
}
END_TEST

/* xv6's scheduler has a directory of its own: A, then the kernel's, then B, and only then the stack. */
START_TEST(split_by_way_of_kernel)
{
    call(0x6800); /* swtch to the scheduler: another stack, but CR3 stays */
    stack(STACK_B - 0x8000);
    ret(0x5800, 0);
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    control(WS_CR3, KERNEL);
    ret(back, 0);
    plain(100);
    back = puppet.now.linear + 5;
    call(0x6100);
    control(WS_CR3, B);
    ret(back, 0);
    call(0x6800);
    uint64_t begin = puppet.now.mark;
    stack(STACK_B);
    ret(0x5500, 0);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 2);
    ck_assert_uint_eq(puppet.crossing.before.value[WS_CR3], A);
    ck_assert_uint_eq(puppet.crossing.after.value[WS_CR3], B);
}
END_TEST

/* An interrupt handler that calls nothing: it swaps stacks and leaves by iret, even to the same addresses. */
START_TEST(interrupt_driven)
{
    puppet.now.registers.value[WS_CS] = 0x1b;
    puppet.now.registers.value[WS_ESP] = USER + 0x1000;
    uint32_t interrupted = puppet.now.linear;
    vector(WS_ORIGIN_EXTERNAL, 0x9000, STACK_A);
    uint64_t begin = puppet.now.mark;
    plain(1);
    stack(STACK_B);
    control(WS_CR3, B);
    plain(1);
    iret(interrupted, USER + 0x1000, 0x1b);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 5);
    ck_assert_uint_eq(puppet.crossing.resume.linear, interrupted);
    ck_assert_uint_eq(puppet.crossing.resume.esp, USER + 0x1000);
}
END_TEST

/* The same stack pointer and the same return address in another world: only the memory behind them differs. */
START_TEST(same_addresses_other_world)
{
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    control(WS_CR3, OTHER);
    control(WS_CR4, WS_CR4_PSE | WS_CR4_PGE);
    table(WS_GDTR_BASE, 0x7800);
    table(WS_IDTR_BASE, 0x8800);
    ret(back, 0);
    crossing_expect(1, WS_CROSSING_WORLD, begin, 5);
    ck_assert(puppet.crossing.flushed_globals);
    ck_assert_uint_eq(puppet.crossing.resume.linear, back);
    ck_assert(puppet.crossing.changed & 1u << WS_CATEGORY_IDTR);
    ck_assert(puppet.crossing.kept & 1u << WS_CATEGORY_LDTR);
}
END_TEST

/* CS is reloaded in the midst of it by `lret` to the next instruction. */
START_TEST(code_segment_reloaded)
{
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    control(WS_CR3, OTHER);
    table(WS_GDTR_BASE, 0x7800);
    stack(STACK_B - 8);
    lret(puppet.now.linear + 1);
    stack(STACK_B);
    /* A near return to the next instruction is none of these: here, he goes on right behind the switch. */
    ret(puppet.now.linear + 1, 0);
    crossing_expect(1, WS_CROSSING_WORLD, begin, 6);
}
END_TEST

/* A handler that comes and goes in between is not counted. */
START_TEST(handler_in_between)
{
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    control(WS_CR3, B);
    uint32_t interrupted = puppet.now.linear, esp = puppet.now.registers.value[WS_ESP];
    vector(WS_ORIGIN_EXTERNAL, 0x9000, 0);
    plain(2 * WS_CROSSING_LIMIT);
    uint32_t back = puppet.now.linear + 5;
    call(0x9100);
    ret(back, 0);
    iret(interrupted, esp, 0x08);
    stack(STACK_B);
    ret(0x5500, 0);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 3);
}
END_TEST

/* A switch that jumps out is seen after a while, by its stack. */
START_TEST(ends_by_jump)
{
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    control(WS_CR3, B);
    uint64_t end = puppet.now.mark;
    stack(STACK_B);
    plain(WS_CROSSING_LIMIT + 1);
    call(0xa000);
    ck_assert_uint_eq(puppet.crossings, 1);
    ck_assert_uint_eq(puppet.crossing.begin, begin);
    ck_assert_uint_eq(puppet.crossing.end, end);
}
END_TEST

/* Nothing of this is a crossing. */
static void reload_at_boot(void)
{
    uint32_t outer = puppet.now.linear + 5;
    call(0x6000);
    uint32_t inner = puppet.now.linear + 5;
    call(0x6100);
    control(WS_CR3, KERNEL);
    ret(inner, 0);
    ret(outer, 0);
    plain(WS_CROSSING_LIMIT);
    plain(2);
    call(0x6200);
    stack(STACK_B);
    ret(0x5500, 0); /* a change of threads, long after it */
}

static void callers_return(void)
{
    uint32_t back[4];
    for (unsigned i = 0; i < 4; i++) {
        back[i] = puppet.now.linear + 5;
        call(0x6000 + 0x100 * i);
    }
    control(WS_CR3, KERNEL);
    for (unsigned i = 4; i-- > 0;)
        ret(back[i], 0);
    call(0x6800);
    stack(STACK_B);
    ret(0x5500, 0);
}

static void other_space_for_a_while(void)
{
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    control(WS_CR3, KERNEL);
    plain(5);
    control(WS_CR3, A);
    ret(back, 0);
    call(0x6800);
    stack(STACK_B);
    ret(0x5500, 0);
}

static void same_value_again(void)
{
    call(0x6000);
    control(WS_CR3, A);
    stack(STACK_B);
    ret(0x5500, 0);
}

static void paging_off(void)
{
    puppet.now.registers.value[WS_CR0] = WS_CR0_PE;
    call(0x6000);
    control(WS_CR3, B);
    stack(STACK_B);
    ret(0x5500, 0);
}

static void threads_of_one_space(void)
{
    call(0x6800);
    stack(STACK_B);
    ret(0x5500, 0);
    /* The other thread loads a new program and returns to a caller that we never saw called. */
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    control(WS_CR3, KERNEL);
    ret(back, 0);
    ret(0x5600, 0);
}

static void boot_into_first_process(void)
{
    control(WS_CR3, B);
    iret(USER, USER + 0x1000, 0x1b);
}

static void handler_changes_eip(void)
{
    uint32_t esp = puppet.now.registers.value[WS_ESP];
    call(0x6000);
    vector(WS_ORIGIN_EXCEPTION, 0x9000, 0);
    control(WS_CR3, KERNEL);
    iret(0x7777, esp - 4, 0x08);
}

static void position_asked_for(void)
{
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    control(WS_CR3, KERNEL);
    call(puppet.now.linear + 5);
    stack(puppet.now.registers.value[WS_ESP] + 4);
    ret(back, 0);
}

/* "call 1f; ...; 1: mov %eax, (%esp); ret": compilers jump so to where EAX points, against Spectre. */
static void retpoline(uint32_t target)
{
    call(puppet.now.linear + 8);
    plain(1);
    ret(target, 0);
}

/* Linux patches its code in an address space of its own, by functions that it calls through pointers. */
static void pointer_called_in_other_space(void)
{
    control(WS_CR3, KERNEL);
    uint32_t back = puppet.now.linear + 5;
    call(0x6000);
    retpoline(0x6100);
    plain(3);
    ret(back, 0);
    control(WS_CR3, A);
    plain(WS_CROSSING_LIMIT);
    call(0x6200);
}

static const struct {
    const char *name;
    void (*happen)(void);
} innocent[] = {
    {"CR3 reloaded while booting", reload_at_boot},
    {"CR3 loaded, and all callers return", callers_return},
    {"another address space, and back", other_space_for_a_while},
    {"CR3 written with the value it has", same_value_again},
    {"CR3 written with paging off", paging_off},
    {"threads of one address space", threads_of_one_space},
    {"boot code enters its first process", boot_into_first_process},
    {"a handler that returns elsewhere", handler_changes_eip},
    {"a call that asks for EIP", position_asked_for},
    {"a retpoline in another address space", pointer_called_in_other_space},
};

START_TEST(no_crossing)
{
    innocent[_i].happen();
    ck_assert_msg(puppet.crossings == 0, "%s: taken for a crossing", innocent[_i].name);
}
END_TEST

/* A routine that fills the CPU's predictor of returns on the new stack: 16 calls, each to behind the next byte, whose
 * return addresses it takes off the stack at once. */
START_TEST(return_predictor_filled)
{
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    control(WS_CR3, B);
    stack(STACK_B);
    for (unsigned i = 0; i < 16; i++)
        call(puppet.now.linear + 6);
    stack(STACK_B - 20); /* and it has pushed a few words */
    uint32_t back = puppet.now.linear + 5;
    call(0x6400);
    ret(back, 0);
    stack(STACK_B);
    ret(0x5500, 0);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 23);
    ck_assert_uint_eq(puppet.crossing.before.value[WS_ESP], STACK_A - 4);
}
END_TEST

/* A routine that was left by a jump far up its stack does not count any more. */
START_TEST(jump_far_up_the_stack)
{
    call(0x6000);
    stack(STACK_A - 4096);
    call(0x6100);
    stack(STACK_A - 64); /* longjmp: nobody returns */
    call(0x6200);
    ck_assert_uint_eq(puppet.recognizer.calls.count, 2);
    ck_assert_uint_eq(puppet.recognizer.calls.frame[1].stack_linear, STACK_A - 68);
}
END_TEST

/* The same routine, entered through a pointer. */
START_TEST(switch_by_retpoline)
{
    uint32_t calls_from = puppet.now.linear;
    call(0x6000);
    uint64_t begin = puppet.now.mark;
    retpoline(0x6100);
    control(WS_CR3, B);
    stack(STACK_B);
    ret(0x5500, 0);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 6);
    ck_assert_uint_eq(puppet.crossing.resume.linear, calls_from + 5);
}
END_TEST

/* Deeper nesting than the recognizer remembers must not confuse what is inside it. */
START_TEST(deep_nesting)
{
    uint32_t back = 0;
    puppet.now.registers.value[WS_ESP] = STACK_A + 0x8000;
    for (int i = 0; i < 3 * WS__FRAMES; i++) {
        back = puppet.now.linear + 5;
        call(0x6000 + 0x10 * (uint32_t)i);
    }
    ret(back, 0);
    call(0xc000);
    uint64_t begin = puppet.now.mark;
    control(WS_CR3, B);
    stack(STACK_B + 0x8000);
    ret(0x5500, 0);
    crossing_expect(1, WS_CROSSING_CONTEXT, begin, 3);
}
END_TEST

START_TEST(hardware_task)
{
    struct ws_registers before = puppet.now.registers;
    struct ws_event event = event_begin(WS_EVENT_TASK);
    puppet.now.registers.value[WS_CR3] = B;
    puppet.now.mark++;
    ck_assert(ws__recognizer_task(&puppet.recognizer, &event, &puppet.now, &before, &puppet.crossing));
    puppet.crossings++;
    crossing_expect(1, WS_CROSSING_CONTEXT, 1000, 1);
    ck_assert(ws__recognizer_task(&puppet.recognizer, &event, &puppet.now, &puppet.now.registers, &puppet.crossing));
    ck_assert_uint_eq(puppet.crossing.kind, WS_CROSSING_THREAD); /* CR3 has stayed */
}
END_TEST

Suite *crossing_suite(void)
{
    Suite *suite = suite_create("crossing");
    TCase *made_up = tcase_create("made-up events");
    tcase_add_checked_fixture(made_up, puppet_setup, puppet_teardown);
    tcase_add_test(made_up, one_routine);
    tcase_add_test(made_up, helper_loads_cr3);
    tcase_add_loop_test(made_up, split, 0, 2);
    tcase_add_test(made_up, split_by_way_of_kernel);
    tcase_add_test(made_up, interrupt_driven);
    tcase_add_test(made_up, same_addresses_other_world);
    tcase_add_test(made_up, code_segment_reloaded);
    tcase_add_test(made_up, handler_in_between);
    tcase_add_test(made_up, ends_by_jump);
    tcase_add_loop_test(made_up, no_crossing, 0, (int)(sizeof(innocent) / sizeof(innocent[0])));
    tcase_add_test(made_up, return_predictor_filled);
    tcase_add_test(made_up, switch_by_retpoline);
    tcase_add_test(made_up, jump_far_up_the_stack);
    tcase_add_test(made_up, deep_nesting);
    tcase_add_test(made_up, hardware_task);
    suite_add_tcase(suite, made_up);
    return suite;
}
