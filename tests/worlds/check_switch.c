/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switches that the API asks for and the guest performs. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/crossing.h>
#include <worldswitch/exception.h>
#include <worldswitch/lab.h>
#include <worldswitch/segment.h>

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_world *host, *vmm;
static struct ws_process *a, *b;

/* 1: inc %eax; jmp 1b */
static const uint8_t counter[] = {0x40, 0xeb, 0xfd};

enum { PROGRAM = 0x08048000 };

static struct ws_process *counting_process(const char *name)
{
    struct ws_process *process;
    struct ws_registers registers;

    ck_assert_int_eq(ws_process_new(host, name, &process), WS_OK);
    ck_assert_int_eq(ws_process_map(process, PROGRAM, WS_PAGE_BYTES, 0), WS_OK);
    ck_assert_int_eq(ws_process_load(process, PROGRAM, counter, sizeof counter), WS_OK);
    ws_process_registers(process, &registers);
    registers.value[WS_EIP] = PROGRAM;
    ck_assert_int_eq(ws_process_set_registers(process, &registers), WS_OK);
    return process;
}

static void setup(void)
{
    ck_assert_int_eq(ws_lab_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_world_new(lab, &(struct ws_world_options){.name = "host"}, &host), WS_OK);
    ck_assert_int_eq(ws_world_new(lab, &(struct ws_world_options){.name = "vmm"}, &vmm), WS_OK);
    a = counting_process("A");
    b = counting_process("B");
}

static void teardown(void)
{
    ws_lab_free(lab);
}

static struct ws_registers registers_now(void)
{
    struct ws_registers registers;

    ws_machine_registers(machine, &registers);
    return registers;
}

/* All registers that a switch is responsible for must be those. */
static void expect_registers(const struct ws_registers *expected)
{
    struct ws_registers found = registers_now();
    unsigned which;

    for (which = 0; which < WS_REGISTER_COUNT; which++)
        if (which < WS_DR0)
            ck_assert_msg(found.value[which] == expected->value[which], "%s is 0x%x, not 0x%x",
                          ws_register_info(which)->name, found.value[which], expected->value[which]);
}

/* The first entry gives a world all it was built with: nothing is left of the boot world. */
START_TEST(enter_gives_the_built_registers)
{
    struct ws_registers built;

    ws_world_registers(vmm, &built);
    ck_assert_int_eq(ws_lab_enter(lab, vmm), WS_OK);
    expect_registers(&built);
    ck_assert_ptr_eq(ws_lab_running_world(lab), vmm);
    ck_assert_ptr_null(ws_lab_running_process(lab));
    ck_assert_int_eq(ws_lab_enter(lab, vmm), WS_BAD_ARGUMENT);
}
END_TEST

START_TEST(first_switch_gives_the_built_registers)
{
    struct ws_registers built;

    ws_world_registers(vmm, &built);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
    expect_registers(&built);
}
END_TEST

START_TEST(set_registers_arrive)
{
    struct ws_registers set;

    ws_world_registers(vmm, &set);
    set.value[WS_EAX] = 0xa5a5a5a5;
    set.value[WS_EDI] = 0x5a5a5a5a;
    set.value[WS_ESP] -= 64;
    set.value[WS_EFLAGS] = WS_EFLAGS_FIXED | WS_EFLAGS_AC | WS_EFLAGS_CF;
    set.value[WS_CR0] |= WS_CR0_TS;
    set.value[WS_CR2] = 0x13579bdf;
    set.value[WS_CR4] |= WS_CR4_TSD;
    set.value[WS_DS] = ws_world_selector(vmm, WS_SELECTOR_KERNEL_MORE);
    set.value[WS_GS] = ws_world_selector(vmm, WS_SELECTOR_USER_DATA);
    ck_assert_int_eq(ws_world_set_registers(vmm, &set), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
    expect_registers(&set);
}
END_TEST

/* What counts crossings, as an observer from outside would. */
struct tally {
    unsigned world, context;
    uint64_t instructions;
    struct ws_crossing last;
};

static void tally_add(void *context, const struct ws_crossing *crossing)
{
    struct tally *tally = context;

    tally->instructions = crossing->instructions;
    tally->last = *crossing;
    if (crossing->kind == WS_CROSSING_WORLD)
        tally->world++;
    else
        tally->context++;
}

START_TEST(each_switch_is_one_crossing)
{
    struct ws_watcher *watcher;
    struct tally tally = {0};
    unsigned i;

    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    ck_assert_int_eq(ws_watcher_listen(watcher, tally_add, &tally), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    for (i = 1; i <= 5; i++) {
        ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
        ck_assert_uint_eq(tally.world, 2 * i);
        ck_assert_uint_eq(tally.instructions, WS_CROSS_INSTRUCTIONS);
        ck_assert_str_eq(tally.last.to, "vmm");
        ck_assert_uint_eq(tally.last.end, ws_machine_mark(machine));
        ck_assert_int_eq(ws_world_switch(host), WS_OK);
        ck_assert_uint_eq(tally.world, 2 * i + 1);
        ck_assert_uint_eq(tally.instructions, WS_CROSS_INSTRUCTIONS);
    }
    ck_assert_uint_eq(tally.context, 0);
    ck_assert_int_eq(ws_context_switch(a), WS_OK);
    ck_assert_uint_eq(tally.context, 1);
    ck_assert_int_eq(ws_context_switch(b), WS_OK);
    ck_assert_uint_eq(tally.context, 2);
    ck_assert_str_eq(tally.last.from, "A");
    ck_assert_str_eq(tally.last.to, "B");
    ck_assert_uint_eq(tally.world, 11);
    ws_watcher_free(watcher);
}
END_TEST

/* Two worlds whose kernels, tables and stacks are at the same linear addresses are two worlds all the same. */
START_TEST(worlds_may_be_at_one_address)
{
    struct ws_watcher *watcher;
    struct ws_world *twin;
    struct tally tally = {0};

    ck_assert_int_eq(
        ws_world_new(lab, &(struct ws_world_options){.name = "twin", .kernel_linear = ws_world_kernel_linear(host)},
                     &twin),
        WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    ck_assert_int_eq(ws_watcher_listen(watcher, tally_add, &tally), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_world_switch(twin), WS_OK);
    ck_assert_str_eq(tally.last.to, "twin");
    ck_assert_uint_eq(tally.last.before.value[WS_GDTR_BASE], tally.last.after.value[WS_GDTR_BASE]);
    ck_assert_int_eq(ws_world_switch(host), WS_OK);
    ck_assert_int_eq(ws_context_switch(a), WS_OK);
    ck_assert_uint_eq(tally.world, 3);
    ck_assert_uint_eq(tally.context, 1);
    /* Told that both page directories are one world's, the watcher believes that, whatever the tables are. */
    ck_assert_int_eq(ws_watcher_name(watcher, ws_process_cr3(a), "one", "first"), WS_OK);
    ck_assert_int_eq(ws_watcher_name(watcher, ws_world_cr3(vmm), "one", "second"), WS_OK);
    ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
    ck_assert_uint_eq(tally.world, 3);
    ck_assert_str_eq(tally.last.from, "first");
    ck_assert_str_eq(tally.last.to, "second");
    ws_watcher_free(watcher);
}
END_TEST

/* Interrupted in ring 3 wherever it was, a process goes on exactly there. */
START_TEST(processes_go_on_where_they_were)
{
    struct ws_registers left, found;
    unsigned i;

    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_context_switch(a), WS_OK);
    ws_machine_run(machine, 100);
    for (i = 0; i < 20; i++) {
        ck_assert_uint_eq(ws_machine_cpl(machine), 3);
        left = registers_now();
        ck_assert_int_eq(ws_context_switch(b), WS_OK);
        ws_machine_run(machine, 97 + i);
        ck_assert_int_eq(ws_context_switch(a), WS_OK);
        do
            ws_machine_run(machine, 1);
        while (ws_machine_cpl(machine) != 3);
        found = registers_now();
        ck_assert_mem_eq(&found, &left, sizeof found);
        ws_machine_run(machine, 50 + i % 2);
    }
}
END_TEST

/* The whole world is left while a process of it runs, and the process comes back with it. */
START_TEST(worlds_are_left_from_ring_3)
{
    struct ws_registers left, found;
    uint64_t mark;

    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_context_switch(b), WS_OK);
    ws_machine_run(machine, 100);
    left = registers_now();
    ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
    ck_assert_ptr_eq(ws_lab_running_world(lab), vmm);
    ws_machine_run(machine, 1000);
    ck_assert_int_eq(ws_world_switch(host), WS_OK);
    ck_assert_ptr_eq(ws_lab_running_process(lab), b);
    mark = ws_machine_mark(machine);
    do
        ws_machine_run(machine, 1);
    while (ws_machine_cpl(machine) != 3 && ws_machine_mark(machine) < mark + 1000);
    found = registers_now();
    ck_assert_mem_eq(&found, &left, sizeof found);
}
END_TEST

START_TEST(what_cannot_be_switched_is_refused)
{
    ck_assert_int_eq(ws_world_switch(vmm), WS_BAD_ARGUMENT); /* nothing runs yet */
    ck_assert_int_eq(ws_context_switch(a), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_lab_enter(lab, ws_lab_world(lab, 0)), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_world_switch(host), WS_BAD_ARGUMENT); /* it runs already */
    ck_assert_int_eq(ws_world_switch(ws_lab_world(lab, 0)), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_context_switch(a), WS_OK);
    ck_assert_int_eq(ws_context_switch(a), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
    ck_assert_int_eq(ws_context_switch(b), WS_BAD_ARGUMENT); /* its world does not run */
}
END_TEST

/* A world whose code keeps interrupts off cannot be asked for anything. */
START_TEST(deaf_worlds_time_out)
{
    static const uint8_t spin[] = {0xfa, 0xeb, 0xfe}; /* cli; jmp . */
    static const uint8_t stop[] = {0xfa, 0xf4};       /* cli; hlt */
    uint32_t code = 0xc8000000;
    struct ws_registers registers;
    struct ws_world *worlds[] = {host, vmm};
    unsigned i;

    for (i = 0; i < 2; i++) {
        ck_assert_int_eq(ws_world_map(worlds[i], code, WS_PAGE_BYTES, 0), WS_OK);
        ws_world_registers(worlds[i], &registers);
        registers.value[WS_EIP] = code;
        ck_assert_int_eq(ws_world_set_registers(worlds[i], &registers), WS_OK);
    }
    ck_assert_int_eq(ws_world_load(host, code, spin, sizeof spin), WS_OK);
    ck_assert_int_eq(ws_world_load(vmm, code, stop, sizeof stop), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, _i ? vmm : host), WS_OK);
    ws_machine_run(machine, 1); /* the cli, before the interrupt comes */
    ck_assert_int_eq(ws_world_switch(_i ? host : vmm), _i ? WS_HALTED : WS_TIMEOUT);
}
END_TEST

/* The kernels' handlers say who caught it; the world goes on where it was told, once, and then not at all. */
START_TEST(worlds_catch_their_own_exceptions)
{
    static const uint8_t faulty[] = {0x0f, 0x0b, 0x0f, 0x0b}; /* ud2; ud2 */
    uint32_t code = 0xc8000000;
    struct ws_registers registers;
    size_t bytes;

    ck_assert_int_eq(ws_world_map(vmm, code, WS_PAGE_BYTES, 0), WS_OK);
    ck_assert_int_eq(ws_world_load(vmm, code, faulty, sizeof faulty), WS_OK);
    ws_world_registers(vmm, &registers);
    registers.value[WS_EIP] = code;
    ck_assert_int_eq(ws_world_set_registers(vmm, &registers), WS_OK);
    ck_assert_int_eq(ws_world_set_resume(vmm, code + 2), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, vmm), WS_OK);
    ck_assert_int_eq(ws_machine_run(machine, 100000), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_STOPPED);
    ck_assert_str_eq(ws_machine_serial(machine, &bytes), "vmm: caught #UD at 0xc8000000\n"
                                                         "vmm: caught #UD at 0xc8000002\n"
                                                         "vmm: nobody said where to go on; halted\n");
}
END_TEST

/* A gate of one's own replaces the kernel's. */
START_TEST(gates_can_be_replaced)
{
    static const uint8_t handler[] = {0xb0, 0x2a, 0xe6, 0xf4}; /* mov $42, %al; out %al, $0xf4 */
    static const uint8_t fault[] = {0x0f, 0x0b};
    uint32_t code = 0xc8000000;
    struct ws_registers registers;

    ck_assert_int_eq(ws_world_map(host, code, WS_PAGE_BYTES, 0), WS_OK);
    ck_assert_int_eq(ws_world_load(host, code, handler, sizeof handler), WS_OK);
    ck_assert_int_eq(ws_world_load(host, code + 0x100, fault, sizeof fault), WS_OK);
    ck_assert_int_eq(ws_world_set_gate(host, WS_VECTOR_UD, code, 0, WS_TYPE_INTERRUPT_GATE32), WS_OK);
    ws_world_registers(host, &registers);
    registers.value[WS_EIP] = code + 0x100;
    ck_assert_int_eq(ws_world_set_registers(host, &registers), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_machine_run(machine, 1000), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_EXIT);
    ck_assert_uint_eq(ws_machine_halt(machine)->exit_value, 42);
}
END_TEST

/* While a world runs, the cross page has no saved context of it; its place is kept, though. */
START_TEST(running_worlds_have_no_saved_context)
{
    struct ws_cross_context context[2];
    unsigned i;

    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
    ck_assert_int_eq(ws_world_switch(host), WS_OK);
    ws_machine_run(machine, 1000);
    for (i = 0; i < 2; i++)
        ck_assert_int_eq(ws_machine_read(machine, ws_world_context(i ? vmm : host), &context[i], sizeof *context),
                         WS_OK);
    ck_assert_uint_ne(context[0].tss_descriptor, 0);
    context[0].tss_descriptor = 0;
    ck_assert_mem_eq(&context[0], &(struct ws_cross_context){0}, sizeof *context);
    ck_assert_uint_eq(context[1].cr3, ws_world_cr3(vmm));
}
END_TEST

Suite *switch_suite(void);

Suite *switch_suite(void)
{
    Suite *suite = suite_create("switch");
    TCase *asked = tcase_create("asked");

    tcase_add_checked_fixture(asked, setup, teardown);
    tcase_add_test(asked, enter_gives_the_built_registers);
    tcase_add_test(asked, first_switch_gives_the_built_registers);
    tcase_add_test(asked, set_registers_arrive);
    tcase_add_test(asked, each_switch_is_one_crossing);
    tcase_add_test(asked, worlds_may_be_at_one_address);
    tcase_add_test(asked, processes_go_on_where_they_were);
    tcase_add_test(asked, worlds_are_left_from_ring_3);
    tcase_add_test(asked, what_cannot_be_switched_is_refused);
    tcase_add_loop_test(asked, deaf_worlds_time_out, 0, 2);
    tcase_add_test(asked, worlds_catch_their_own_exceptions);
    tcase_add_test(asked, gates_can_be_replaced);
    tcase_add_test(asked, running_worlds_have_no_saved_context);
    suite_add_tcase(suite, asked);
    return suite;
}
