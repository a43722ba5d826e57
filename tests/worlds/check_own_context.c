/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Context switches of a user's own in a world's kernel. */
#include <check.h>
#include <string.h>

#include <worldswitch/audit.h>
#include <worldswitch/lab.h>

Suite *own_context_suite(void);

/* Another order than the kernel's, with EFLAGS, the CR3 before the stack, and a jump at the end. */
static const uint8_t code[] = {
    0x90,                               /*  0 nop                     so that the entry is not the first byte */
    0x8b, 0x44, 0x24, 0x04,             /*  1 mov 4(%esp), %eax       from */
    0x8b, 0x54, 0x24, 0x08,             /*  5 mov 8(%esp), %edx       to */
    0x9c, 0x57, 0x56, 0x53, 0x55,       /*  9 pushf; push %edi; push %esi; push %ebx; push %ebp */
    0x89, 0x20,                         /* 14 mov %esp, (%eax) */
    0x8b, 0x4a, 0x08,                   /* 16 mov 8(%edx), %ecx */
    0x0f, 0x22, 0xd9,                   /* 19 mov %ecx, %cr3 */
    0x8b, 0x22,                         /* 22 mov (%edx), %esp */
    0x8b, 0x4a, 0x04,                   /* 24 mov 4(%edx), %ecx */
    0x89, 0x0d, 0x04, 0x15, 0x00, 0xc0, /* 27 mov %ecx, 0xc0001504 */
    0x5d, 0x5b, 0x5e, 0x5f, 0x9d,       /* 33 pop %ebp; pop %ebx; pop %esi; pop %edi; popf */
    0xc3, 0x90, 0x90,                   /* 38 ret */
};
enum { ENTRY = 1, RET = 38, MOV_CR3 = 19, PROGRAM = 0x08048000 };

static const struct ws_cross_slot slots[] = {
    {WS_SLOT_EBP, WS_SLOT_ON_STACK, 0, 4, {0}},     {WS_SLOT_EBX, WS_SLOT_ON_STACK, 4, 4, {0}},
    {WS_SLOT_ESI, WS_SLOT_ON_STACK, 8, 4, {0}},     {WS_SLOT_EDI, WS_SLOT_ON_STACK, 12, 4, {0}},
    {WS_SLOT_EFLAGS, WS_SLOT_ON_STACK, 16, 4, {0}}, {WS_SLOT_EIP, WS_SLOT_ON_STACK, 20, 4, {0}},
};

static const struct ws_context_code sound = {
    .code = code, .bytes = sizeof code, .entry = ENTRY, .frame_bytes = 24, .slot = slots, .slots = 6};

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_world *host;
static struct ws_process *process[2];

static void lab_open(const struct ws_context_code *own)
{
    static const char *const name[] = {"A", "B"};
    struct ws_registers registers;
    ck_assert_int_eq(ws_lab_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_world_new(lab, &(struct ws_world_options){.name = "host"}, &host), WS_OK);
    ck_assert_int_eq(ws_world_set_context_switch(host, own), WS_OK);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(ws_process_new(host, name[i], &process[i]), WS_OK);
        ck_assert_int_eq(ws_process_map(process[i], PROGRAM, WS_PAGE_BYTES, 0), WS_OK);
        ck_assert_int_eq(ws_process_load(process[i], PROGRAM, "\x40\xeb\xfd", 3), WS_OK); /* 1: inc %eax; jmp 1b */
        ws_process_registers(process[i], &registers);
        registers.value[WS_EIP] = PROGRAM;
        ck_assert_int_eq(ws_process_set_registers(process[i], &registers), WS_OK);
    }
}

static void to_ring_3(void)
{
    for (unsigned i = 0; i < 1000 && ws_machine_cpl(machine) != 3; i++)
        ws_machine_run(machine, 1);
    ck_assert_uint_eq(ws_machine_cpl(machine), 3);
}

/* From the first entry on, and back where each was; with ret, and with a jump to what it would return to. */
START_TEST(processes_switch_by_it)
{
    uint8_t changed[sizeof code];
    struct ws_context_code own = sound;
    struct ws_registers built, left, found;
    memcpy(changed, code, sizeof code);
    if (_i)
        memcpy(changed + RET, "\x59\xff\xe1", 3); /* pop %ecx; jmp *%ecx */
    own.code = changed;
    lab_open(&own);
    ws_process_registers(process[0], &built);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_eq(ws_context_switch(process[0]), WS_OK);
    ck_assert_ptr_eq(ws_lab_running_process(lab), process[0]);
    to_ring_3();
    ws_machine_registers(machine, &found);
    ck_assert_mem_eq(found.value, built.value, (WS_GS + 1) * sizeof *found.value);
    for (unsigned i = 0; i < 4; i++) {
        ws_machine_run(machine, 101);
        ws_machine_registers(machine, &left);
        ck_assert_int_eq(ws_context_switch(process[1]), WS_OK);
        to_ring_3();
        ck_assert_int_eq(ws_context_switch(process[0]), WS_OK);
        to_ring_3();
        ws_machine_registers(machine, &found);
        ck_assert_mem_eq(&found, &left, sizeof found);
    }
    ws_lab_free(lab);
}
END_TEST

/* Without CR3, no process is switched to, and the audit says why. */
START_TEST(a_switch_without_cr3_is_found)
{
    uint8_t changed[sizeof code];
    struct ws_context_code own = sound;
    struct ws_watcher *watcher;
    struct ws_audit *audit;
    memcpy(changed, code, sizeof code);
    memset(changed + MOV_CR3, 0x90, 3);
    own.code = changed;
    lab_open(&own);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_audit_new(&audit, machine, watcher), WS_OK);
    ck_assert_int_eq(ws_audit_thorough(audit), WS_OK);
    ck_assert_int_eq(ws_audit_lab(audit, lab), WS_OK);
    ck_assert_int_eq(ws_lab_enter(lab, host), WS_OK);
    ck_assert_int_ne(ws_context_switch(process[0]), WS_OK);
    ck_assert_uint_ge(ws_audit_findings(audit), 1);
    ck_assert_str_eq(ws_audit_finding(audit, 0)->rule, "context-stack-owner");
    ck_assert_msg(strstr(ws_audit_finding(audit, 0)->text, "ring-0 stack of \"A\""), "%s",
                  ws_audit_finding(audit, 0)->text);
    ws_audit_free(audit);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}
END_TEST

START_TEST(context_switches_are_checked)
{
    static const struct ws_cross_slot in_context = {WS_SLOT_EBP, WS_SLOT_IN_CONTEXT, 0, 4, {0}};
    struct ws_context_code own[] = {sound, sound, sound, sound, sound, sound};
    own[0].entry = sizeof code;
    own[1].bytes = WS_PAGE_BYTES + 1;
    own[2].frame_bytes = 20;
    own[3].frame_bytes = 25;
    own[4].slot = &in_context;
    own[4].slots = 1;
    own[5].slots = 0;
    struct ws_world *other;
    lab_open(&sound);
    ck_assert_int_eq(ws_world_set_context_switch(host, &sound), WS_BAD_ARGUMENT); /* there are processes */
    ck_assert_int_eq(ws_world_set_context_switch(ws_lab_world(lab, 0), &sound), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_new(lab, &(struct ws_world_options){.name = "vmm"}, &other), WS_OK);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        ck_assert_msg(ws_world_set_context_switch(other, &own[i]) == WS_BAD_ARGUMENT, "row %zu", i);
    ck_assert_int_eq(ws_world_set_context_switch(other, &sound), WS_OK);
    ck_assert_int_eq(ws_world_set_context_switch(other, &sound), WS_BAD_ARGUMENT); /* once */
    ws_lab_free(lab);
}
END_TEST

Suite *own_context_suite(void)
{
    Suite *suite = suite_create("own context");
    TCase *runs = tcase_create("runs");
    tcase_add_loop_test(runs, processes_switch_by_it, 0, 2);
    tcase_add_test(runs, a_switch_without_cr3_is_found);
    tcase_add_test(runs, context_switches_are_checked);
    suite_add_tcase(suite, runs);
    return suite;
}
