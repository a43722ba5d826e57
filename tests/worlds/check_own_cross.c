/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cross pages with code of a user's own: its format, and what a lab refuses. */
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/segment.h>

#include "worlds/own_cross.h"

Suite *own_cross_suite(void);

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_world *host, *vmm;
static struct ws_process *a;
static struct ws_buffer file;
static struct ws_cross_code code;

static void lab_open(int variant)
{
    own_cross_read(own_cross[variant], &file, &code);
    ck_assert_int_eq(ws_lab_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_lab_set_cross(lab, &code), WS_OK);
    ck_assert_int_eq(ws_world_new(lab, &(struct ws_world_options){.name = "host"}, &host), WS_OK);
    ck_assert_int_eq(ws_world_new(lab, &(struct ws_world_options){.name = "vmm"}, &vmm), WS_OK);
    ck_assert_int_eq(ws_process_new(host, "A", &a), WS_OK);
}

static void lab_close(void)
{
    ws_lab_free(lab);
    ws_buffer_release(&file);
}

static void expect_registers(const struct ws_registers *expected)
{
    struct ws_registers found;
    unsigned which;

    ws_machine_registers(machine, &found);
    for (which = 0; which < WS_DR0; which++)
        ck_assert_msg(found.value[which] == expected->value[which], "%s is 0x%x, not 0x%x",
                      ws_register_info(which)->name, found.value[which], expected->value[which]);
}

/* -- running ----------------------------------------------------------------------------------- */

/* A world that never ran is entered through the format of the user's code, with all that it was given. */
START_TEST(worlds_begin_in_the_format)
{
    struct ws_registers built;

    lab_open(_i);
    ws_world_registers(vmm, &built);
    built.value[WS_EAX] = 0xa5a5a5a5;
    built.value[WS_ESP] -= 128;
    built.value[WS_CR2] = 0x13579bdf;
    built.value[WS_EFLAGS] |= WS_EFLAGS_CF | WS_EFLAGS_AC;
    ck_assert_int_eq(ws_world_set_registers(vmm, &built), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
    expect_registers(&built);
    ck_assert_ptr_eq(ws_lab_running_world(lab), vmm);
    lab_close();
}
END_TEST

/* Again and again, from ring 3 too; the driver stops with the first instruction outside the cross page. */
START_TEST(switches_end_however_they_end)
{
    struct ws_registers left, found;
    unsigned i;

    lab_open(_i);
    ck_assert_int_eq(ws_process_map(a, 0x08048000, WS_PAGE_BYTES, 0), WS_OK);
    ck_assert_int_eq(ws_process_load(a, 0x08048000, "\x40\xeb\xfd", 3), WS_OK); /* 1: inc %eax; jmp 1b */
    ws_process_registers(a, &left);
    left.value[WS_EIP] = 0x08048000;
    ck_assert_int_eq(ws_process_set_registers(a, &left), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_context_switch(a), WS_OK);
    ws_machine_run(machine, 1000);
    ck_assert_uint_eq(ws_machine_cpl(machine), 3);
    ws_machine_registers(machine, &left);
    for (i = 0; i < 5; i++) {
        ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
        ws_machine_run(machine, 100);
        ck_assert_int_eq(ws_world_switch(host), WS_OK);
        do {
            ck_assert_uint_ge(ws_machine_eip_linear(machine) - WS_CROSS_LINEAR, WS_CROSS_BYTES);
            ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT);
        } while (ws_machine_cpl(machine) != 3);
        ws_machine_registers(machine, &found);
        ck_assert_mem_eq(&found, &left, sizeof found);
    }
    lab_close();
}
END_TEST

/* Where the format says so, a running world's context is zero. */
START_TEST(contexts_are_wiped_as_the_format_says)
{
    uint8_t context[512], nothing[512] = {0};

    lab_open(_i);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ws_machine_run(machine, 1000);
    ck_assert_int_eq(ws_machine_read(machine, ws_world_context(host), context, code.context_bytes), WS_OK);
    ck_assert_mem_eq(context + code.wipe_offset, nothing, code.wipe_bytes);
    ck_assert_mem_ne(context, nothing, code.context_bytes); /* but the place of its TSS's descriptor is there */
    ck_assert_int_eq(ws_machine_read(machine, ws_world_context(vmm), context, code.context_bytes), WS_OK);
    ck_assert_mem_ne(context + code.wipe_offset, nothing, code.wipe_bytes);
    ck_assert_uint_eq(ws_world_context(vmm) - ws_world_context(host), code.context_bytes);
    lab_close();
}
END_TEST

/* A handler that comes while the switch is on its way out does not end it: the interrupt waits until the entered world
 * has interrupts on, which is before the last instruction of some. */
START_TEST(handlers_do_not_end_a_switch)
{
    enum { VECTOR = 0xf0, HANDLER = 0xf0000000 }; /* behind the request in the order of vectors */
    struct ws_registers built;
    uint8_t served;

    lab_open(_i);
    ws_world_registers(vmm, &built);
    ck_assert_int_eq(ws_world_map(vmm, HANDLER, WS_PAGE_BYTES, WS_MAP_WRITE), WS_OK);
    /* incb %ss:0xf0000fff; iret */
    ck_assert_int_eq(ws_world_load(vmm, HANDLER, "\x36\xfe\x05\xff\x0f\x00\xf0\xcf", 8), WS_OK);
    ck_assert_int_eq(ws_world_set_gate(vmm, VECTOR, HANDLER, 0, WS_TYPE_INTERRUPT_GATE32), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ws_machine_interrupt(machine, VECTOR);
    ck_assert_int_eq(ws_world_switch(vmm), WS_OK);
    expect_registers(&built);
    ws_machine_run(machine, 8);
    ck_assert_int_eq(ws_machine_read(machine, HANDLER + 0xfff, &served, 1), WS_OK);
    ck_assert_uint_eq(served, 1);
    lab_close();
}
END_TEST

/* -- what is refused --------------------------------------------------------------------------- */

static const struct {
    const char *what;
    struct ws_cross_code change; /* what is not 0 replaces what a sound one has */
    struct ws_cross_slot slot;   /* likewise its first slot, if it has bytes */
    enum ws_status status;
} refused[] = {
    {"nothing changed", {0}, {0}, WS_OK},
    {"entry behind the code", {.entry = 0x3ff}, {0}, WS_BAD_ARGUMENT},
    {"code up to the contexts", {.bytes = 0x404}, {0}, WS_BAD_ARGUMENT},
    {"contexts not aligned", {.contexts_offset = 0x402}, {0}, WS_BAD_ARGUMENT},
    {"contexts in the mailbox", {.contexts_offset = 0x808}, {0}, WS_BAD_ARGUMENT},
    {"contexts in what is reserved", {.contexts_offset = 0xf04}, {0}, WS_BAD_ARGUMENT},
    {"contexts behind the mailbox", {.contexts_offset = 0x810}, {0}, WS_OK},
    {"contexts outside the page", {.contexts_offset = 0x1000}, {0}, WS_BAD_ARGUMENT},
    {"a context too large", {.context_bytes = 516}, {0}, WS_BAD_ARGUMENT},
    {"two contexts only", {.context_bytes = 344}, {0}, WS_NO_ROOM},
    {"three contexts", {.context_bytes = 340}, {0}, WS_OK},
    {"wiped beyond the context", {.wipe_offset = 48, .wipe_bytes = 64}, {0}, WS_BAD_ARGUMENT},
    {"a frame too large", {.frame_bytes = 516}, {0}, WS_BAD_ARGUMENT},
    {"a slot outside", {0}, {WS_SLOT_EAX, WS_SLOT_IN_CONTEXT, 102, 4, {0}}, WS_BAD_ARGUMENT},
    {"a slot on no stack", {0}, {WS_SLOT_EAX, WS_SLOT_ON_STACK, 0, 4, {0}}, WS_BAD_ARGUMENT},
    {"a slot of 3 bytes", {0}, {WS_SLOT_EAX, WS_SLOT_IN_CONTEXT, 0, 3, {0}}, WS_BAD_ARGUMENT},
    {"a slot of nothing", {0}, {0x42, WS_SLOT_IN_CONTEXT, 0, 4, {0}}, WS_BAD_ARGUMENT},
    {"a slot nowhere", {0}, {WS_SLOT_EAX, 2, 0, 4, {0}}, WS_BAD_ARGUMENT},
};

START_TEST(codes_are_checked)
{
    struct ws_cross_slot slot[WS_SLOT_CR4 + 3];
    struct ws_lab *other;

    own_cross_read("iret", &file, &code);
    ck_assert_uint_le(code.slots, sizeof slot / sizeof *slot);
    memcpy(slot, code.slot, code.slots * sizeof *slot);
#define TAKE(field) code.field = refused[_i].change.field ? refused[_i].change.field : code.field
    TAKE(bytes);
    TAKE(entry);
    TAKE(contexts_offset);
    TAKE(context_bytes);
    TAKE(wipe_offset);
    TAKE(wipe_bytes);
    TAKE(frame_bytes);
    if (refused[_i].slot.bytes)
        slot[0] = refused[_i].slot;
    code.slot = slot;
    ck_assert_int_eq(ws_lab_new(&other, NULL), WS_OK);
    enum ws_status status = ws_lab_set_cross(other, &code);
    ck_assert_msg(status == refused[_i].status, "%s: %s", refused[_i].what, ws_status_text(status));
    ws_lab_free(other);
    ws_buffer_release(&file);
}
END_TEST

START_TEST(a_cross_page_comes_before_worlds)
{
    lab_open(0);
    ck_assert_int_eq(ws_lab_set_cross(lab, &code), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_lab_set_cross(lab, ws_cross_built_in()), WS_BAD_ARGUMENT);
    ck_assert_uint_eq(ws_lab_cross(lab)->context_bytes, code.context_bytes);
    lab_close();
}
END_TEST

/* As many worlds as contexts have room, the boot world counted. */
START_TEST(contexts_limit_the_worlds)
{
    struct ws_world *world;
    char name[16];
    unsigned i, places;

    lab_open(0);
    places = (WS_CROSS_MAILBOX_OFFSET - code.contexts_offset) / code.context_bytes;
    for (i = 3; i < places; i++) {
        snprintf(name, sizeof name, "w%u", i);
        ck_assert_int_eq(ws_world_new(lab, &(struct ws_world_options){.name = name}, &world), WS_OK);
    }
    ck_assert_int_eq(ws_world_new(lab, &(struct ws_world_options){.name = "more"}, &world), WS_NO_ROOM);
    lab_close();
}
END_TEST

START_TEST(files_are_checked)
{
    struct ws_cross_code read;

    own_cross_read("ret", &file, &code);
    ck_assert_int_eq(ws_cross_code_read(&read, file.data, 4096), WS_BAD_IMAGE);
    ck_assert_int_eq(ws_cross_code_read(&read, file.data, 4097), WS_OK);
    ck_assert_int_eq(ws_cross_code_read(&read, ws_cross_page(), WS_CROSS_BYTES), WS_BAD_IMAGE);
    file.data[28] = file.data[29] = 0xff; /* the number of slots */
    ck_assert_int_eq(ws_cross_code_read(&read, file.data, file.size), WS_BAD_IMAGE);
    ws_buffer_release(&file);
}
END_TEST

/* Steps have numbers where they are executed, and nowhere else. */
START_TEST(steps_belong_to_the_built_in_code)
{
    uint8_t page[WS_CROSS_BYTES] = {0};

    own_cross_read(own_cross[_i], &file, &code);
    memcpy(page, code.code, code.bytes);
    ck_assert(!ws_cross_is_built_in(page));
    memcpy(page, ws_cross_page(), sizeof page);
    ck_assert(ws_cross_is_built_in(page));
    page[0] = 0x90;
    ck_assert(ws_cross_is_built_in(page));
    ws_buffer_release(&file);
}
END_TEST

Suite *own_cross_suite(void)
{
    Suite *suite = suite_create("own cross");
    TCase *runs = tcase_create("runs"), *checks = tcase_create("checks");

    tcase_add_loop_test(runs, worlds_begin_in_the_format, 0, OWN_CROSSES);
    tcase_add_loop_test(runs, switches_end_however_they_end, 0, OWN_CROSSES);
    tcase_add_loop_test(runs, contexts_are_wiped_as_the_format_says, 0, OWN_CROSSES);
    tcase_add_loop_test(runs, handlers_do_not_end_a_switch, 0, OWN_CROSSES);
    suite_add_tcase(suite, runs);
    tcase_add_loop_test(checks, codes_are_checked, 0, sizeof refused / sizeof *refused);
    tcase_add_test(checks, a_cross_page_comes_before_worlds);
    tcase_add_test(checks, contexts_limit_the_worlds);
    tcase_add_test(checks, files_are_checked);
    tcase_add_loop_test(checks, steps_belong_to_the_built_in_code, 0, OWN_CROSSES);
    suite_add_tcase(suite, checks);
    return suite;
}
