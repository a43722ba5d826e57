/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The context switch without each of its instructions: does what its texts promise happen?  And those texts of the
 * world switch that promise values, not exceptions.
 *
 * The laboratory is run up to a switch of its host; then the instruction becomes a nop, and the rest is executed one by
 * one.  Removals of 1 and 2 are not seen while the compiler leaves the arguments in EAX and EDX, so there the
 * instruction becomes one that clears the register.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/cross.h>
#include <worldswitch/exception.h>

#include "ablation/ablation.h"
#include "worlds/context_steps.h"
#include "worlds/layout.h"

Suite *context_suite(void);

enum { INSTRUCTIONS = 18, FRAME = 16, CR3_WRITE = 13 };

/* A switch of the host that is about to begin, and who takes part in it. */
static struct ws__trial trial;
static struct ws__context_step step[WS__CONTEXT_STEPS];
static uint32_t code_linear, code_phys;
static struct ws_process_block from, to;
static uint32_t from_linear, to_linear, return_address;
static struct ws_registers before;

static void word_read(uint32_t linear, uint32_t *word)
{
    ck_assert_int_eq(ws_machine_read(trial.machine, linear, word, sizeof *word), WS_OK);
}

static void code_find(void)
{
    uint8_t code[WS__CONTEXT_CODE];
    ck_assert_int_eq(ws_symbols_find(ws_lab_symbols(trial.lab), "host.context_switch", &code_linear), WS_OK);
    ck_assert(ws__trial_phys(&trial, ws_lab_system_first(trial.lab), code_linear, &code_phys));
    ck_assert_int_eq(ws_machine_read_phys(trial.machine, code_phys, code, sizeof code), WS_OK);
    ck_assert_uint_eq(ws__context_steps(code, step), INSTRUCTIONS);
}

/* To the `times`th switch: from the host's thread to A, which never ran; A to B; B back to A. */
static void switch_reach(unsigned times)
{
    ck_assert_int_eq(ws__trial_open(&trial, WS_TLB_COHERENT), WS_OK);
    ck_assert_int_eq(ws_audit_thorough(trial.audit), WS_OK);
    code_find();
    ck_assert_int_eq(ws_machine_break_add(trial.machine, code_linear), WS_OK);
    for (unsigned at = 0; at < times; at++)
        ck_assert_int_eq(ws_machine_run(trial.machine, 0), WS_STOP_BREAKPOINT);
    ws_machine_break_remove(trial.machine, code_linear);
    ws_machine_registers(trial.machine, &before);
    word_read(before.value[WS_ESP], &return_address);
    word_read(before.value[WS_ESP] + 4, &from_linear);
    word_read(before.value[WS_ESP] + 8, &to_linear);
    ck_assert_int_eq(ws_machine_read(trial.machine, from_linear, &from, sizeof from), WS_OK);
    ck_assert_int_eq(ws_machine_read(trial.machine, to_linear, &to, sizeof to), WS_OK);
}

/* Without instruction `number`; `poison`: with one in its place that clears EAX or EDX. */
static void instruction_remove(unsigned number, bool poison)
{
    uint8_t bytes[8] = {0};
    const struct ws__context_step *one = &step[number - 1];
    ws__nop_put(bytes, one->size);
    if (poison)
        memcpy(bytes, (uint8_t[]){0x31, number == 1 ? 0xc0 : 0xd2, 0x90, 0x90}, 4); /* xor %eax, %eax; xor %edx, %edx */
    ck_assert_int_eq(ws_machine_write_phys(trial.machine, code_phys + one->offset, bytes, one->size), WS_OK);
}

static struct ws_registers behind(unsigned instructions)
{
    struct ws_registers now;
    ws_machine_run(trial.machine, instructions);
    ws_machine_registers(trial.machine, &now);
    return now;
}

static bool found(const char *rule)
{
    for (size_t at = 0; at < ws_audit_findings(trial.audit); at++)
        if (strcmp(ws_audit_finding(trial.audit, at)->rule, rule) == 0)
            return true;
    return false;
}

/* -- the whole one ------------------------------------------------------------------------------------- */

START_TEST(every_instruction_has_its_texts)
{
    struct ws_registers now;
    switch_reach(2);
    unsigned offset = 0;
    for (unsigned at = 0; at < INSTRUCTIONS; at++) {
        ck_assert_uint_eq(step[at].offset, offset);
        ck_assert(*step[at].why && *step[at].without && *step[at].phase);
        offset += step[at].size;
    }
    now = behind(INSTRUCTIONS);
    ck_assert_uint_eq(now.value[WS_CR3], to.cr3);
    ck_assert_uint_eq(now.value[WS_ESP], to.esp + FRAME + 4);
    ws__trial_close(&trial);
}
END_TEST

/* Another routine has no texts. */
START_TEST(another_routine_has_no_texts)
{
    uint8_t code[WS__CONTEXT_CODE];
    ck_assert_int_eq(ws__trial_open(&trial, WS_TLB_COHERENT), WS_OK);
    code_find();
    ck_assert_int_eq(ws_machine_read_phys(trial.machine, code_phys, code, sizeof code), WS_OK);
    code[step[4].offset] = 0x50;
    ck_assert_uint_eq(ws__context_steps(code, step), 0);
    ws__trial_close(&trial);
}
END_TEST

/* -- one by one ---------------------------------------------------------------------------------------- */

/* EAX is not from: ESP is saved elsewhere.  EDX is not to: ESP gets another value. */
START_TEST(arguments)
{
    uint32_t saved;
    switch_reach(2);
    instruction_remove(1, true);
    (void)behind(7); /* a fault, if nothing is mapped there */
    word_read(from_linear, &saved);
    ck_assert_uint_eq(saved, from.esp);
    ws__trial_close(&trial);
    switch_reach(2);
    instruction_remove(2, true);
    ck_assert_uint_ne(behind(8).value[WS_ESP], to.esp);
    ws__trial_close(&trial);
}
END_TEST

/* The process whose registers were not pushed comes back: a register has its neighbour's value, EBP the return
 * address, and the next instruction is not where it should be. */
START_TEST(pushes)
{
    struct ws_registers now;
    uint32_t back;
    switch_reach(2);
    back = return_address;
    struct ws_registers left = before;
    instruction_remove((unsigned)_i, false);
    ck_assert_int_eq(ws_machine_break_add(trial.machine, code_linear + step[INSTRUCTIONS - 1].offset), WS_OK);
    do {
        ck_assert_int_eq(ws_machine_run(trial.machine, 0), WS_STOP_BREAKPOINT);
        ws_machine_registers(trial.machine, &now);
    } while (now.value[WS_CR3] != left.value[WS_CR3]);
    ck_assert_uint_eq(now.value[WS_EBP], back);
    ck_assert(_i < 4 || now.value[WS_EBX] == left.value[WS_EBP]);
    ck_assert(_i < 5 || now.value[WS_ESI] == left.value[WS_EBX]);
    ck_assert(_i < 6 || now.value[WS_EDI] == left.value[WS_ESI]);
    ck_assert_uint_ne(behind(1).value[WS_EIP], back);
    ws__trial_close(&trial);
}
END_TEST

/* 7: this process comes back with the ESP that was saved before.  8: the stack stays, and so does who goes on. */
START_TEST(stack)
{
    uint32_t saved;
    switch_reach(2);
    instruction_remove(7, false);
    (void)behind(INSTRUCTIONS);
    word_read(from_linear, &saved);
    ck_assert_uint_eq(saved, from.esp);
    ws__trial_close(&trial);
    switch_reach(2);
    instruction_remove(8, false);
    struct ws_registers now = behind(INSTRUCTIONS);
    ck_assert_uint_eq(now.value[WS_EIP], return_address);
    ck_assert_uint_eq(now.value[WS_CR3], to.cr3);
    ck_assert_uint_eq(now.value[WS_ESP], before.value[WS_ESP] + 4);
    ws__trial_close(&trial);
}
END_TEST

/* 9: written to wherever EBX points.  10: the TSS gets what ECX held.  11: it keeps the left process's. */
START_TEST(task)
{
    struct ws_registers now;
    struct ws_resident resident;
    uint32_t linear, esp0;
    switch_reach(2);
    ck_assert_int_eq(ws_symbols_find(ws_lab_symbols(trial.lab), "host.resident", &linear), WS_OK);
    ck_assert_int_eq(ws_machine_read(trial.machine, linear, &resident, sizeof resident), WS_OK);
    instruction_remove((unsigned)_i, false);
    now = behind(10);
    ck_assert(_i != 9 || now.value[WS_EBX] == before.value[WS_EBX]);
    ck_assert(_i != 10 || now.value[WS_ECX] == before.value[WS_ECX]);
    (void)behind(1);
    word_read(resident.tss + WS_TSS_ESP0, &esp0);
    ck_assert_uint_eq(esp0, _i == 10 ? before.value[WS_ECX] : from.esp0);
    ck_assert_uint_ne(esp0, to.esp0);
    ws_machine_run(trial.machine, 0);
    ck_assert(_i != 11 || found("context-ring0-stack"));
    ck_assert(_i != 10 || ws_machine_halt(trial.machine)->reason == WS_HALT_TRIPLE_FAULT);
    ws__trial_close(&trial);
}
END_TEST

/* 12: CR3 gets the top of a stack, and nothing is mapped.  13: the left process's memory stays. */
START_TEST(space)
{
    struct ws_translation walk;
    switch_reach(2);
    instruction_remove(12, false);
    ck_assert_uint_eq(behind(12).value[WS_ECX], to.esp0);
    ws_machine_run(trial.machine, 1);
    ck_assert(!ws_machine_translate(trial.machine, code_linear, WS_ACCESS_READ, false, &walk));
    ws_machine_run(trial.machine, 0);
    ck_assert_uint_eq(ws_machine_halt(trial.machine)->reason, WS_HALT_TRIPLE_FAULT);
    ws__trial_close(&trial);
    switch_reach(2);
    instruction_remove(CR3_WRITE, false);
    ck_assert_uint_eq(behind(INSTRUCTIONS).value[WS_CR3], from.cr3);
    ws_machine_run(trial.machine, 0);
    ck_assert(found("context-stack-owner"));
    ws__trial_close(&trial);
}
END_TEST

/* Of EDI, ESI, EBX, EBP the value goes to the next one, and ret takes EBP's. */
START_TEST(pops)
{
    static const uint8_t order[] = {WS_EDI, WS_ESI, WS_EBX, WS_EBP};
    uint32_t word[5];
    switch_reach(3); /* B to A, which was left with values that differ */
    ck_assert_int_eq(ws_machine_read(trial.machine, to.esp, word, sizeof word), WS_OK);
    instruction_remove((unsigned)_i, false);
    struct ws_registers now = behind(INSTRUCTIONS - 1);
    for (unsigned at = (unsigned)_i - 14 + 1; at < 4; at++)
        ck_assert_uint_eq(now.value[order[at]], word[at - 1]);
    ws_machine_run(trial.machine, 1);
    ws_machine_registers(trial.machine, &now);
    ck_assert_uint_ne(now.value[WS_EIP], word[4]);
    ws__trial_close(&trial);
}
END_TEST

/* Without ret the CPU runs on. */
START_TEST(end)
{
    switch_reach(2);
    instruction_remove(INSTRUCTIONS, false);
    ck_assert_uint_eq(behind(INSTRUCTIONS).value[WS_EIP],
                      code_linear + step[INSTRUCTIONS - 1].offset + step[INSTRUCTIONS - 1].size);
    ws__trial_close(&trial);
}
END_TEST

/* -- the world switch ---------------------------------------------------------------------------------- */

/* To the switch from the host to the VMM, without an instruction. */
static void world_reach(unsigned number, uint32_t argument[3])
{
    struct ws_cross_step removed;
    uint32_t phys;
    uint8_t nop[8];
    ck_assert_int_eq(ws__trial_open(&trial, WS_TLB_COHERENT), WS_OK);
    ck_assert_int_eq(ws_machine_break_add(trial.machine, WS_CROSS_LINEAR), WS_OK);
    ck_assert_int_eq(ws_machine_run(trial.machine, 0), WS_STOP_BREAKPOINT); /* boot to host */
    ck_assert_int_eq(ws_machine_run(trial.machine, 0), WS_STOP_BREAKPOINT);
    ws_machine_registers(trial.machine, &before);
    for (unsigned at = 0; at < 3; at++)
        word_read(before.value[WS_ESP] + 8 + 4 * at, &argument[at]);
    ck_assert(ws_cross_step_get(number, &removed));
    ck_assert(ws__trial_phys(&trial, ws_lab_system_first(trial.lab), removed.linear, &phys));
    ws__nop_put(nop, removed.size);
    ck_assert_int_eq(ws_machine_write_phys(trial.machine, phys, nop, removed.size), WS_OK);
}

/* "8 finds the second, 9 neither" */
START_TEST(world_arguments)
{
    static const uint8_t removed[] = {1, 4, 5, 6, 7};
    uint32_t argument[3];
    world_reach(removed[_i], argument);
    struct ws_registers now = behind(9);
    ck_assert_uint_eq(now.value[WS_EAX], argument[1]);
    ck_assert_uint_eq(now.value[WS_EDX], argument[2]);
    ws__trial_close(&trial);
}
END_TEST

/* "whatever ECX held is saved as CR0"; "CR4 is saved as CR3"; and so on. */
START_TEST(world_saves)
{
    static const struct {
        uint8_t removed, offset;
        uint8_t held; /* enum ws_register: whose value stands there */
    } rows[] = {
        {14, WS_CONTEXT_CR0, WS_ECX},
        {16, WS_CONTEXT_CR4, WS_CR0},
        {18, WS_CONTEXT_CR3, WS_CR4},
        {20, WS_CONTEXT_CR2, WS_CR3},
    };
    uint32_t argument[3], saved;
    world_reach(rows[_i].removed, argument);
    (void)behind(rows[_i].removed + 1u);
    word_read(argument[0] + rows[_i].offset, &saved);
    ck_assert_uint_eq(saved, before.value[rows[_i].held]);
    ws__trial_close(&trial);
}
END_TEST

/* "nothing, until an interrupt comes behind 25": with cli it waits, without it the run ends. */
START_TEST(world_interrupt)
{
    uint32_t argument[3];
    world_reach(2, argument);
    ws_machine_run(trial.machine, 25);
    ws_machine_interrupt(trial.machine, WS_VECTOR_CONTEXT_SWITCH);
    ws_machine_run(trial.machine, 0);
    ck_assert_uint_eq(ws_machine_halt(trial.machine)->reason, WS_HALT_TRIPLE_FAULT);
    ck_assert_uint_eq(ws_machine_halt(trial.machine)->fault[0].origin, WS_ORIGIN_EXTERNAL);
    ws__trial_close(&trial);
}
END_TEST

Suite *context_suite(void)
{
    Suite *suite = suite_create("context");
    TCase *context = tcase_create("context switch"), *world = tcase_create("world switch");
    tcase_add_test(context, every_instruction_has_its_texts);
    tcase_add_test(context, another_routine_has_no_texts);
    tcase_add_test(context, arguments);
    tcase_add_loop_test(context, pushes, 3, 7);
    tcase_add_test(context, stack);
    tcase_add_loop_test(context, task, 9, 12);
    tcase_add_test(context, space);
    tcase_add_loop_test(context, pops, 14, 18);
    tcase_add_test(context, end);
    tcase_add_loop_test(world, world_arguments, 0, 5);
    tcase_add_loop_test(world, world_saves, 0, 4);
    tcase_add_test(world, world_interrupt);
    suite_add_tcase(suite, context);
    suite_add_tcase(suite, world);
    return suite;
}
