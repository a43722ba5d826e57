/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Delivery of interrupts from outside the CPU, and what a guest program cannot see itself: the pushed bytes, RF,
 * events, and that nothing has changed when a delivery fails.  Causes that a guest program can make are tested in
 * tests/guest.
 */
#include "cpu/stage.h"

static const uint8_t nop_loop[] = {0x90, 0xeb, 0xfd};

enum { IF = WS_EFLAGS_IF | WS_EFLAGS_FIXED };

/* -- from outside ------------------------------------------------------------------------------ */

START_TEST(external_in_ring_0)
{
    struct stage stage = stage_make(0, IF, nop_loop, sizeof nop_loop);
    ws_machine_interrupt(stage.machine, VECTOR);
    ws_machine_run(stage.machine, 1);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), HANDLERS + 16 * VECTOR);
    ck_assert_uint_eq(value_of(stage.machine, WS_ESP), KERNEL_STACK - 12);
    ck_assert_uint_eq(value_of(stage.machine, WS_EFLAGS) & WS_EFLAGS_IF, 0);
    frame_expect(stage.machine, (uint32_t[]){stage.start, KERNEL_CODE, IF}, 3);
    ws_machine_free(stage.machine);
}
END_TEST

/* The gate has DPL 0: this forbids `int` in ring 3, but not interrupts. */
START_TEST(external_in_ring_3)
{
    struct stage stage = stage_make(3, IF, nop_loop, sizeof nop_loop);
    ws_machine_interrupt(stage.machine, VECTOR);
    ws_machine_run(stage.machine, 1);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), HANDLERS + 16 * VECTOR);
    ck_assert_uint_eq(ws_machine_cpl(stage.machine), 0);
    ck_assert_uint_eq(value_of(stage.machine, WS_ESP), ESP0 - 20);
    ck_assert_uint_eq(value_of(stage.machine, WS_SS), KERNEL_DATA);
    frame_expect(stage.machine, (uint32_t[]){stage.start, USER_CODE, IF, USER_STACK, USER_DATA}, 5);
    ws_machine_free(stage.machine);
}
END_TEST

START_TEST(trap_gate_keeps_if)
{
    struct stage stage = stage_make(0, IF, nop_loop, sizeof nop_loop);
    struct ws_gate gate = gate_plain(VECTOR);
    gate.type = WS_TYPE_TRAP_GATE32;
    gate_put(stage.machine, VECTOR, &gate);
    ws_machine_interrupt(stage.machine, VECTOR);
    ws_machine_run(stage.machine, 1);
    ck_assert_uint_eq(value_of(stage.machine, WS_EFLAGS), IF);
    ws_machine_free(stage.machine);
}
END_TEST

/* -- what cannot be delivered ------------------------------------------------------------------ */

/* Each function makes one thing wrong.  The table below says with which exception an external interrupt in ring 3 then
 * ends. */
static void no_gate(struct ws_machine *machine)
{
    struct ws_gate gate = gate_plain(VECTOR);
    gate.present = false;
    gate_put(machine, VECTOR, &gate);
}

static void call_gate(struct ws_machine *machine)
{
    struct ws_gate gate = gate_plain(VECTOR);
    gate.type = WS_TYPE_CALL_GATE32;
    gate_put(machine, VECTOR, &gate);
}

static void null_selector(struct ws_machine *machine)
{
    struct ws_gate gate = gate_plain(VECTOR);
    gate.selector = 2;
    gate_put(machine, VECTOR, &gate);
}

static void selector_beyond(struct ws_machine *machine)
{
    struct ws_gate gate = gate_plain(VECTOR);
    gate.selector = GDT_BYTES;
    gate_put(machine, VECTOR, &gate);
}

static void code_spare(struct ws_machine *machine, struct ws_descriptor descriptor)
{
    struct ws_gate gate = gate_plain(VECTOR);
    gate.selector = SPARE;
    gate_put(machine, VECTOR, &gate);
    descriptor_put(machine, SPARE, &descriptor);
}

static void code_absent(struct ws_machine *machine)
{
    code_spare(machine, (struct ws_descriptor){.limit = UINT32_MAX, .type = WS_TYPE_CODE, .big = true});
}

static void code_is_data(struct ws_machine *machine)
{
    code_spare(machine, (struct ws_descriptor){.limit = UINT32_MAX, .type = WS_TYPE_WRITABLE, .present = true});
}

static void code_short(struct ws_machine *machine)
{
    code_spare(machine, (struct ws_descriptor){.limit = 0xff, .type = WS_TYPE_CODE, .present = true, .big = true});
}

static void stack_beyond(struct ws_machine *machine)
{
    struct ws_gate gate = gate_plain(VECTOR);
    gate_put(machine, VECTOR, &gate);
    word_put(machine, TSS + 8, GDT_BYTES);
}

static void page_of_idt_absent(struct ws_machine *machine)
{
    word_put(machine, TABLE + 4 * (IDT >> 12), 0);
}

static void task_gate(struct ws_machine *machine)
{
    struct ws_gate gate = gate_plain(VECTOR);
    gate.type = WS_TYPE_TASK_GATE;
    gate.selector = TSS_SELECTOR;
    gate_put(machine, VECTOR, &gate);
}

enum { TRIPLE = 0x100 };

static const struct {
    const char *name;
    void (*spoil)(struct ws_machine *machine);
    uint16_t vector; /* or TRIPLE */
    uint32_t error_code;
} spoilt_rows[] = {
    {"gate not present", no_gate, WS_VECTOR_NP, VECTOR * 8 | WS_ERROR_IDT | WS_ERROR_EXT},
    {"a call gate", call_gate, WS_VECTOR_GP, VECTOR * 8 | WS_ERROR_IDT | WS_ERROR_EXT},
    {"null selector", null_selector, WS_VECTOR_GP, WS_ERROR_EXT},
    {"selector beyond the GDT", selector_beyond, WS_VECTOR_GP, GDT_BYTES | WS_ERROR_EXT},
    {"code not present", code_absent, WS_VECTOR_NP, SPARE | WS_ERROR_EXT},
    {"data for code", code_is_data, WS_VECTOR_GP, SPARE | WS_ERROR_EXT},
    {"offset beyond the limit", code_short, WS_VECTOR_GP, WS_ERROR_EXT},
    {"no stack: neither for #TS nor for #DF", stack_beyond, TRIPLE, 0},
    {"the IDT's page not present", page_of_idt_absent, TRIPLE, 0},
    {"a task gate to the task that runs", task_gate, WS_VECTOR_GP, TSS_SELECTOR | WS_ERROR_EXT},
};

START_TEST(external_cannot_be_delivered)
{
    struct stage stage = stage_make(3, IF, nop_loop, sizeof nop_loop);
    const struct ws_halt *halt = ws_machine_halt(stage.machine);
    uint64_t mark = ws_machine_mark(stage.machine);
    spoilt_rows[_i].spoil(stage.machine);
    ws_machine_run(stage.machine, 3);
    ws_machine_interrupt(stage.machine, VECTOR);
    enum ws_stop stop = ws_machine_run(stage.machine, 1);
    if (spoilt_rows[_i].vector >= TRIPLE) {
        ck_assert_int_eq(stop, WS_STOP_HALT);
        ck_assert_uint_eq(halt->reason, WS_HALT_TRIPLE_FAULT);
        ck_assert_uint_eq(halt->vector, VECTOR);
        ck_assert_uint_eq(halt->mark, mark + 3);
    } else {
        ck_assert_msg(value_of(stage.machine, WS_EIP) == HANDLERS + 16u * spoilt_rows[_i].vector, "%s: EIP %x",
                      spoilt_rows[_i].name, value_of(stage.machine, WS_EIP));
        frame_expect(stage.machine,
                     (uint32_t[]){spoilt_rows[_i].error_code, stage.start + 1, USER_CODE, IF | WS_EFLAGS_RF, USER_STACK,
                                  USER_DATA},
                     6);
    }
    ws_machine_free(stage.machine);
}
END_TEST

/* -- all or nothing ---------------------------------------------------------------------------- */

/* The frame crosses into a page that is not present: not one byte of the frame may be written. */
START_TEST(frame_is_pushed_whole_or_not)
{
    uint32_t before[8], after[8];
    struct stage stage = stage_make(3, IF, nop_loop, sizeof nop_loop);
    word_put(stage.machine, TSS + 4, 0x9008);
    word_put(stage.machine, TABLE + 4 * 8, 0);
    memset(before, 0x5a, sizeof before);
    put(stage.machine, 0x9000, before, sizeof before);
    ws_machine_interrupt(stage.machine, VECTOR);
    ck_assert_int_eq(ws_machine_run(stage.machine, 1), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(stage.machine)->reason, WS_HALT_TRIPLE_FAULT);
    ck_assert_int_eq(ws_machine_read(stage.machine, 0x9000, after, sizeof after), WS_OK);
    ck_assert_mem_eq(before, after, sizeof before);
    ck_assert_uint_eq(value_of(stage.machine, WS_CR2), 0x8ffc);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), stage.start);
    ck_assert_uint_eq(value_of(stage.machine, WS_ESP), USER_STACK);
    ck_assert_uint_eq(ws_machine_cpl(stage.machine), 3);
    ws_machine_free(stage.machine);
}
END_TEST

/* Loading the handler's segment sets its accessed bit.  If the GDT's page is read-only and CR0.WP is set, that is a
 * page fault. */
START_TEST(accessed_bit_needs_a_writable_table)
{
    /* clang-format off */
    struct ws_descriptor code = {
        .limit = UINT32_MAX, .type = WS_TYPE_CODE | WS_TYPE_READABLE, .present = true, .big = true};
    struct stage stage = stage_make(3, IF, nop_loop, sizeof nop_loop);
    code_spare(stage.machine, code);
    word_put(stage.machine, TABLE + 4 * (GDT >> 12), GDT | WS_PTE_P | WS_PTE_US);
    ws_machine_interrupt(stage.machine, VECTOR);
    ws_machine_run(stage.machine, 1);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), HANDLERS + 16 * WS_VECTOR_PF);
    ck_assert_uint_eq(value_of(stage.machine, WS_CR2), GDT + SPARE + 5);
    frame_expect(stage.machine, (uint32_t[]){WS_PF_P | WS_PF_W, stage.start, USER_CODE}, 3);
    ws_machine_free(stage.machine);
}
END_TEST

/* -- the flags in the frame -------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint8_t code[6];
    uint8_t vector;
    uint8_t behind; /* EIP in the frame, counted from the code's start */
    bool error_code;
    bool resume; /* RF is set in the frame: a fault, not a trap */
} image_rows[] = {
    {"ud2", {0x0f, 0x0b}, WS_VECTOR_UD, 0, false, true},
    {"hlt", {0xf4}, WS_VECTOR_GP, 0, true, true},
    {"div by zero", {0x31, 0xc9, 0xf7, 0xf1}, WS_VECTOR_DE, 2, false, true},
    {"read of a page that is not there", {0x36, 0xa1, 0, 0, 0, 0xf0}, /* DS is null */
     WS_VECTOR_PF, 0, true, true},
    {"int1", {0xf1}, WS_VECTOR_DB, 1, false, false},
};
/* clang-format on */

START_TEST(faults_set_rf)
{
    struct stage stage = stage_make(3, IF, image_rows[_i].code, sizeof image_rows[_i].code);
    uint32_t frame[3], esp;
    ws_machine_run(stage.machine, image_rows[_i].vector == WS_VECTOR_DE ? 2 : 1);
    ck_assert_msg(value_of(stage.machine, WS_EIP) == HANDLERS + 16u * image_rows[_i].vector, "%s: EIP %x",
                  image_rows[_i].name, value_of(stage.machine, WS_EIP));
    esp = value_of(stage.machine, WS_ESP) + (image_rows[_i].error_code ? 4 : 0);
    ck_assert_int_eq(ws_machine_read(stage.machine, esp, frame, sizeof frame), WS_OK);
    ck_assert_uint_eq(frame[0], stage.start + image_rows[_i].behind);
    ck_assert_msg(!(frame[2] & WS_EFLAGS_RF) == !image_rows[_i].resume, "%s: EFLAGS %x", image_rows[_i].name, frame[2]);
    ck_assert_uint_eq(value_of(stage.machine, WS_EFLAGS) & WS_EFLAGS_RF, 0);
    ws_machine_free(stage.machine);
}
END_TEST

/* -- the event --------------------------------------------------------------------------------- */

static void event_keep(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)machine;
    *(struct ws_event *)context = *event;
}

static const struct {
    const char *name;
    uint8_t code[2];
    bool external;
    struct ws_event event; /* what is expected; mark and linear are the start's */
} event_rows[] = {
    {"a fault",
     {0xf4},
     false,
     {.which = WS_VECTOR_GP, .origin = WS_ORIGIN_EXCEPTION, .has_error_code = 1, .esp = ESP0 - 24}},
    {"int3", {0xcc}, false, {.which = WS_VECTOR_BP, .origin = WS_ORIGIN_SOFTWARE, .esp = ESP0 - 20}},
    {"an interrupt", {0x90}, true, {.which = VECTOR, .origin = WS_ORIGIN_EXTERNAL, .esp = ESP0 - 20}},
};

START_TEST(vector_is_reported)
{
    struct ws_event event = {0}, expected = event_rows[_i].event;
    struct stage stage = stage_make(3, IF, event_rows[_i].code, sizeof event_rows[_i].code);
    uint64_t mark = ws_machine_mark(stage.machine);
    struct ws_gate gate = gate_plain(WS_VECTOR_BP);
    gate.dpl = 3;
    gate_put(stage.machine, WS_VECTOR_BP, &gate);
    ws_machine_listen(stage.machine, WS_EVENT_MASK(VECTOR), event_keep, &event);
    if (event_rows[_i].external)
        ws_machine_interrupt(stage.machine, VECTOR);
    ws_machine_run(stage.machine, 1);
    ck_assert_uint_eq(event.kind, WS_EVENT_VECTOR);
    ck_assert_uint_eq(event.mark, mark);
    ck_assert_uint_eq(event.linear, stage.start);
    ck_assert_uint_eq(event.which, expected.which);
    ck_assert_uint_eq(event.before, stage.start);
    ck_assert_uint_eq(event.after, HANDLERS + 16 * expected.which);
    ck_assert_uint_eq(event.esp, expected.esp);
    ck_assert_uint_eq(event.cpl, 3);
    ck_assert_uint_eq(event.origin, expected.origin);
    ck_assert_uint_eq(event.has_error_code, expected.has_error_code);
    ws_machine_free(stage.machine);
}
END_TEST

/* The handler's code segment may be execute-only. */
START_TEST(handler_may_be_execute_only)
{
    struct stage stage = stage_make(0, IF, nop_loop, sizeof nop_loop);
    struct ws_descriptor segment;
    code_spare(stage.machine,
               (struct ws_descriptor){.limit = UINT32_MAX, .type = WS_TYPE_CODE, .present = true, .big = true});
    ws_machine_interrupt(stage.machine, VECTOR);
    ck_assert_int_eq(ws_machine_run(stage.machine, 4), WS_STOP_COUNT);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), HANDLERS + 16 * VECTOR);
    ck_assert_uint_eq(value_of(stage.machine, WS_CS), SPARE);
    ws_machine_segment(stage.machine, WS_CS, &segment);
    ck_assert_uint_eq(segment.type, WS_TYPE_CODE | WS_TYPE_ACCESSED);
    ws_machine_free(stage.machine);
}
END_TEST

Suite *delivery_suite(void)
{
    Suite *suite = suite_create("delivery");
    TCase *tcase = tcase_create("delivery");
    tcase_add_test(tcase, external_in_ring_0);
    tcase_add_test(tcase, external_in_ring_3);
    tcase_add_test(tcase, trap_gate_keeps_if);
    tcase_add_loop_test(tcase, external_cannot_be_delivered, 0, sizeof spoilt_rows / sizeof spoilt_rows[0]);
    tcase_add_test(tcase, frame_is_pushed_whole_or_not);
    tcase_add_test(tcase, accessed_bit_needs_a_writable_table);
    tcase_add_loop_test(tcase, faults_set_rf, 0, sizeof image_rows / sizeof image_rows[0]);
    tcase_add_loop_test(tcase, vector_is_reported, 0, sizeof event_rows / sizeof event_rows[0]);
    tcase_add_test(tcase, handler_may_be_execute_only);
    suite_add_tcase(suite, tcase);
    return suite;
}
