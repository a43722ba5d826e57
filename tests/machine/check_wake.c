/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sleep, and what wakes from it: interrupts that wait, shadows that hold them back, NMI.
 */
#include "machine/small.h"

START_TEST(hlt_sleeps_until_an_interrupt)
{
    /* mov $0xff,%al; out %al,$0x21: not even the timer; sti; hlt; nop; hlt */
    static const uint8_t code[] = {0xb0, 0xff, 0xe6, 0x21, 0xfb, 0xf4, 0x90, 0xf4};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_ASLEEP);
    eip_expect(machine, BEGIN + 6, BEGIN_MARK + 4);
    ck_assert_int_eq(ws_machine_run(machine, 5), WS_STOP_HALT);
    eip_expect(machine, BEGIN + 6, BEGIN_MARK + 4);
    ws_machine_interrupt(machine, 0x40);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT); /* incl, iret, nop, hlt */
    ck_assert_uint_eq(word_at(machine, COUNTER), 1);
    eip_expect(machine, BEGIN + 8, BEGIN_MARK + 8);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_ASLEEP);
    ws_machine_free(machine);
}
END_TEST

START_TEST(hlt_with_interrupts_off_is_woken_by_nmi_only)
{
    static const uint8_t code[] = {0xf4, 0x90, 0xf4};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_STOPPED);
    ws_machine_interrupt(machine, 0x40);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    eip_expect(machine, BEGIN + 1, BEGIN_MARK + 1);
    ws_machine_nmi(machine);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(word_at(machine, COUNTER), 1);
    eip_expect(machine, BEGIN + 3, BEGIN_MARK + 5);
    ws_machine_free(machine);
}
END_TEST

/* Code in which an interrupt waits from the start, and where it is taken. */
static const struct {
    const char *name;
    uint8_t size;
    uint8_t code[16];
    uint8_t taken; /* EIP in the frame, from BEGIN */
    uint8_t begun; /* instructions before it */
} shadow_rows[] = {
    {"interrupts off, then sti: after the next instruction", 4, {0x90, 0xfb, 0x90, 0x90}, 3, 3},
    {"sti twice: the second one opens no new shadow", 5, {0xfb, 0xfb, 0x90, 0x90, 0x90}, 2, 2},
    {"sti, cli: never", 4, {0xfb, 0xfa, 0xeb, 0xfe}, 0xff, 0},
    {"popf sets IF: at once", 5, {0x68, 0x02, 0x02, 0x00, 0x00}, 6, 2},
    {"mov ss behind sti's shadow: after the next instruction", 6, {0xfb, 0x8e, 0xd2, 0x90, 0x90, 0x90}, 4, 3},
    {"mov ss, later: after the next instruction", 8, {0xfb, 0x8e, 0xd2, 0x8e, 0xd2, 0x90, 0x90, 0x90}, 6, 4},
};

START_TEST(shadow_holds_back)
{
    uint8_t code[32] = {0x66, 0xba, 0x10, 0x00}; /* mov $0x10,%dx: what `mov ss` loads */
    struct ws_machine *machine;
    size_t size = shadow_rows[_i].size;
    memcpy(code + 4, shadow_rows[_i].code, size);
    if (code[4] == 0x68)
        code[4 + size++] = 0x9d; /* the popf behind push */
    memset(code + 4 + size, 0x90, sizeof code - 4 - size);
    machine = interrupt_machine_make(code, sizeof code);
    ws_machine_run(machine, 1);
    ws_machine_interrupt(machine, 0x40);
    ws_machine_break_add(machine, HANDLER);
    enum ws_stop stop = ws_machine_run(machine, 10);
    if (shadow_rows[_i].taken == 0xff) {
        ck_assert_msg(stop == WS_STOP_COUNT, "%s: it is taken", shadow_rows[_i].name);
    } else {
        ck_assert_msg(stop == WS_STOP_BREAKPOINT, "%s: it is not taken", shadow_rows[_i].name);
        uint32_t eip = word_at(machine, register_of(machine, WS_ESP));
        ck_assert_msg(eip == BEGIN + 4u + shadow_rows[_i].taken, "%s: taken at +%d", shadow_rows[_i].name,
                      (int)(eip - BEGIN - 4));
        ck_assert_uint_eq(ws_machine_mark(machine), BEGIN_MARK + 1u + shadow_rows[_i].begun);
    }
    ws_machine_free(machine);
}
END_TEST

static void vectors_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    uint8_t *next = context;
    (void)machine;
    next[1 + next[0]++] = (uint8_t)event->which;
}

START_TEST(lowest_vector_goes_first)
{
    static const uint8_t code[] = {0xfb, 0x90, 0x90, 0x90, 0xfa, 0xf4};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    uint8_t seen[16] = {0};
    ws_machine_listen(machine, WS_EVENT_MASK(VECTOR), vectors_note, seen);
    ws_machine_interrupt(machine, 0x80);
    ws_machine_interrupt(machine, 0x21);
    ws_machine_interrupt(machine, 0xff);
    ws_machine_interrupt(machine, 0x21); /* the same one waits once */
    ws_machine_nmi(machine);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(seen[0], 4);
    ck_assert_uint_eq(seen[1], 2);
    ck_assert_uint_eq(seen[2], 0x21);
    ck_assert_uint_eq(seen[3], 0x80);
    ck_assert_uint_eq(seen[4], 0xff);
    ck_assert_uint_eq(word_at(machine, COUNTER), 4);
    ws_machine_free(machine);
}
END_TEST

START_TEST(nmi_waits_for_iret)
{
    static const uint8_t code[] = {0x90, 0x90, 0x90, 0x90};
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ws_machine_nmi(machine);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT); /* incl */
    ck_assert_uint_eq(register_of(machine, WS_EIP), HANDLER + 6);
    ws_machine_nmi(machine);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT); /* iret, not the second one */
    ck_assert_uint_eq(register_of(machine, WS_EIP), BEGIN);
    ck_assert_uint_eq(word_at(machine, COUNTER), 1);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT);
    ck_assert_uint_eq(word_at(machine, COUNTER), 2);
    ws_machine_free(machine);
}
END_TEST

/* mov $0x34,%al; out %al,$0x43; mov $16,%al; out %al,$0x40; xor %al,%al; out %al,$0x40: a tick each 16 counts */
#define TIMER 0xb0, 0x34, 0xe6, 0x43, 0xb0, 16, 0xe6, 0x40, 0x30, 0xc0, 0xe6, 0x40
/* mov $5000,%ecx; loop . */
#define SPEND 0xb9, 0x88, 0x13, 0, 0, 0xe2, 0xfe
/* ICW1 to ICW4 for the first controller, which forgets what was requested, and its mask; all by mov $V,%al; out %al */
#define CONTROLLER(mask)                                                                                              \
    0xb0, 0x11, 0xe6, 0x20, 0xb0, 0x40, 0xe6, 0x21, 0xb0, 0x04, 0xe6, 0x21, 0xb0, 0x01, 0xe6, 0x21, 0xb0, mask, 0xe6, \
        0x21
#define NOTHING                                                                   \
    "it executed hlt, and no device that could interrupt it has anything to do; " \
    "IRQ 1 is not masked, but no key is pressed"

/* Why a sleep has no end.  The handler of all vectors sends no end of interrupt. */
static const struct {
    const char *name;
    uint8_t size;
    uint8_t code[40];
    const char *why;
} sleep_rows[] = {
    {"cli; hlt", 2, {0xfa, 0xf4}, "it executed hlt with IF = 0, so that no interrupt can wake it"},
    {"the timer waits for its count", 26, {0xb0, 0x30, 0xe6, 0x43, CONTROLLER(0), 0xfb, 0xf4}, NOTHING},
    {"the timer is masked", 34, {TIMER, CONTROLLER(0xff), 0xfb, 0xf4}, "the timer runs, but its IRQ 0 is masked"},
    {"it is masked when it has ticked",
     25,
     {TIMER, SPEND, 0xb0, 0xff, 0xe6, 0x21, 0xfb, 0xf4},
     "IRQ 0 waits, but is masked (bit 0 at port 0x21)"},
    {"a tick is not ended",
     16,
     {TIMER, 0xfb, 0xf4, 0xeb, 0xfd},
     "IRQ 0 waits, but an earlier one is still in service: no end of interrupt at port 0x20"},
};

START_TEST(a_sleep_without_end_has_its_reason)
{
    struct ws_machine *machine = interrupt_machine_make(sleep_rows[_i].code, sleep_rows[_i].size);
    struct ws_buffer why = WS_BUFFER_INIT;
    ws_machine_sleep_explain(machine, &why);
    ck_assert_uint_eq(why.size, 0);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ws_machine_sleep_explain(machine, &why);
    ck_assert_msg(!strcmp(ws_buffer_text(&why), sleep_rows[_i].why), "%s: \"%s\"", sleep_rows[_i].name,
                  ws_buffer_text(&why));
    ws_buffer_release(&why);
    ws_machine_free(machine);
}
END_TEST

#define NO_KEY "; IRQ 1 is not masked, but no key is pressed"

/* Why a loop that waits for an interrupt waits still. */
static const struct {
    const char *name;
    uint8_t size;
    uint8_t code[40];
    const char *why;
} loop_rows[] = {
    {"interrupts are off", 2, {0xeb, 0xfe}, "IF = 0: no interrupt is taken"},
    {"the timer has not ticked yet",
     35,
     {TIMER, CONTROLLER(0), 0xfb, 0xeb, 0xfe},
     "IF = 1, and no interrupt came: the timer runs, and its next IRQ 0 is still to come" NO_KEY},
    {"the timer is masked",
     35,
     {TIMER, CONTROLLER(0xfd), 0xfb, 0xeb, 0xfe},
     "IF = 1, and no interrupt came: the timer runs, but its IRQ 0 is masked" NO_KEY},
    {"the timer waits for its count",
     27,
     {0xb0, 0x30, 0xe6, 0x43, CONTROLLER(0), 0xfb, 0xeb, 0xfe},
     "IF = 1, and no interrupt came: no device that could interrupt has anything to do yet" NO_KEY},
};

START_TEST(a_loop_that_waits_has_its_reason)
{
    struct ws_machine *machine = interrupt_machine_make(loop_rows[_i].code, loop_rows[_i].size);
    struct ws_buffer why = WS_BUFFER_INIT;
    ck_assert_int_eq(ws_machine_run(machine, 25), WS_STOP_COUNT);
    ws_machine_interrupts_explain(machine, &why);
    ck_assert_msg(!strcmp(ws_buffer_text(&why), loop_rows[_i].why), "%s: \"%s\"", loop_rows[_i].name,
                  ws_buffer_text(&why));
    ws_buffer_release(&why);
    ws_machine_free(machine);
}
END_TEST

Suite *wake_suite(void)
{
    Suite *suite = suite_create("wake");
    TCase *small = tcase_create("wake");
    tcase_add_test(small, hlt_sleeps_until_an_interrupt);
    tcase_add_test(small, hlt_with_interrupts_off_is_woken_by_nmi_only);
    tcase_add_loop_test(small, shadow_holds_back, 0, sizeof shadow_rows / sizeof shadow_rows[0]);
    tcase_add_test(small, lowest_vector_goes_first);
    tcase_add_test(small, nmi_waits_for_iret);
    tcase_add_loop_test(small, a_sleep_without_end_has_its_reason, 0, sizeof sleep_rows / sizeof sleep_rows[0]);
    tcase_add_loop_test(small, a_loop_that_waits_has_its_reason, 0, sizeof loop_rows / sizeof loop_rows[0]);
    suite_add_tcase(suite, small);
    return suite;
}
