/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Storms over world switches of every style. */
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/segment.h>
#include <worldswitch/storm.h>

#include "audit/own_bench.h"

Suite *storm_suite(void);

static struct bench bench;
static struct ws_buffer file;
static struct ws_cross_code code;

/* The built-in switch comes behind the others. */
static void code_take(int variant)
{
    file = (struct ws_buffer)WS_BUFFER_INIT;
    code = *ws_cross_built_in();
    if (variant < OWN_CROSSES)
        own_cross_read(own_cross[variant], &file, &code);
}

/* A world that calls the switch with interrupts on; the other one has not run yet. */
static void first_open(void)
{
    bench_open(&bench, &code);
    ck_assert_int_eq(ws_world_set_request_gate(bench.host, WS_TYPE_TRAP_GATE32), WS_OK);
    ck_assert_int_eq(ws_world_set_request_gate(bench.vmm, WS_TYPE_TRAP_GATE32), WS_OK);
    ck_assert_int_eq(ws_lab_storm_prepare(bench.lab), WS_OK);
    ck_assert_int_eq(ws_lab_enter(bench.lab, bench.host), WS_OK);
}

/* Both have run. */
static void storm_open(void)
{
    first_open();
    ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK);
    ck_assert_int_eq(ws_world_switch(bench.host), WS_OK);
    ws_watcher_look(bench.watcher);
}

static void storm_close(void)
{
    bench_close(&bench);
    ws_buffer_release(&file);
}

struct seen {
    unsigned tried, sound, boundaries;
    struct ws_storm_verdict first; /* that is not sound */
    unsigned enough;
};

static bool verdict_take(void *context, const struct ws_storm_verdict *verdict)
{
    struct seen *seen = context;
    ck_assert_uint_eq(verdict->boundary, seen->tried);
    if (!verdict->sound && seen->sound == seen->tried)
        seen->first = *verdict;
    seen->sound += verdict->sound;
    seen->boundaries = verdict->boundaries;
    return ++seen->tried != seen->enough;
}

static struct seen storm_run(bool nmi, unsigned enough)
{
    struct ws_storm_options options = {.to = bench.vmm, .watcher = bench.watcher, .audit = bench.audit, .nmi = nmi};
    uint64_t hash = ws_machine_hash(bench.machine), switches = ws_audit_switches(bench.audit);
    struct seen seen = {.enough = enough};
    ck_assert_int_eq(ws_storm(&options, verdict_take, &seen), WS_OK);
    ck_assert_uint_eq(ws_machine_hash(bench.machine), hash);
    ck_assert_uint_eq(ws_audit_switches(bench.audit), switches);
    return seen;
}

START_TEST(sound_switches_stand_a_storm)
{
    code_take(_i);
    storm_open();
    struct seen seen = storm_run(false, 0);
    ck_assert_msg(seen.sound == seen.tried, "boundary %u at 0x%08x: %s, served %u, %s", seen.first.boundary,
                  seen.first.linear, ws_status_text(seen.first.status), seen.first.served, seen.first.finding.text);
    ck_assert_uint_eq(seen.tried, seen.boundaries);
    ck_assert_uint_gt(seen.tried, 40);
    ck_assert_ptr_null(ws_audit_finding(bench.audit, 0));
    ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK); /* all is as before */
    storm_close();
}
END_TEST

/* cli does not hold an NMI back: from the CR3 write to the stack's load there is no handler for it. */
START_TEST(nmis_find_no_handler_in_between)
{
    code_take(_i);
    storm_open();
    struct seen seen = storm_run(true, 0);
    ck_assert_uint_gt(seen.tried - seen.sound, 5);
    ck_assert_uint_gt(seen.sound, 20);
    ck_assert_int_eq(seen.first.status, WS_HALTED);
    storm_close();
}
END_TEST

/* Without cli, the first interrupt behind the CR3 write finds no handler. */
START_TEST(a_switch_with_interrupts_on_is_found)
{
    enum { CLI = 1, BEHIND_CR3 = 25 };
    static uint8_t changed[WS_CROSS_CONTEXTS_OFFSET];
    code_take(OWN_CROSSES);
    memcpy(changed, ws_cross_page(), sizeof changed);
    ck_assert_uint_eq(changed[CLI], 0xfa);
    changed[CLI] = 0x90;
    code.code = changed;
    storm_open();
    struct seen seen = storm_run(false, BEHIND_CR3 + 1);
    ck_assert_uint_eq(seen.tried, BEHIND_CR3 + 1);
    ck_assert_uint_eq(seen.first.boundary, 0); /* the audit says so whether an interrupt comes or not */
    ck_assert_str_eq(seen.first.finding.rule, "interrupts-off");
    ck_assert_int_eq(seen.first.status, WS_OK);
    storm_close();
}
END_TEST

START_TEST(what_cannot_be_tried_is_refused)
{
    struct ws_storm_options options;
    struct ws_interruption past = {.vector = WS_STORM_VECTOR};
    struct seen seen = {0};
    code_take(OWN_CROSSES);
    storm_open();
    options = (struct ws_storm_options){.to = bench.host, .watcher = bench.watcher, .audit = bench.audit};
    ck_assert_int_eq(ws_storm(&options, verdict_take, &seen), WS_BAD_ARGUMENT);
    ck_assert_uint_eq(seen.tried, 0);
    ck_assert_int_eq(ws_world_switch_interrupted(bench.vmm, &past), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_set_request_gate(bench.host, WS_TYPE_INTERRUPT_GATE32), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_set_request_gate(ws_lab_world(bench.lab, 0), WS_TYPE_INTERRUPT_GATE32), WS_BAD_ARGUMENT);
    storm_close();
}
END_TEST

/* -- each instruction changed ------------------------------------------------------------------ */

struct changed {
    unsigned tried, noticed;
    char idle[1024]; /* what nobody noticed */
};

static bool change_take(void *context, const struct ws_change_verdict *verdict)
{
    struct changed *changed = context;
    changed->tried++;
    changed->noticed += verdict->noticed;
    ck_assert(verdict->instruction.valid);
    ck_assert_uint_le(verdict->number, verdict->count);
    if (!verdict->noticed)
        snprintf(changed->idle + strlen(changed->idle), sizeof changed->idle - strlen(changed->idle), "%s; ",
                 verdict->instruction.text);
    return true;
}

/* From the first entry on: there each register has a value that no other world has. */
START_TEST(each_instruction_is_needed)
{
    struct changed changed = {0};
    code_take(_i);
    first_open();
    ws_watcher_look(bench.watcher);
    struct ws_storm_options options = {.to = bench.vmm, .watcher = bench.watcher, .audit = bench.audit};
    uint64_t hash = ws_machine_hash(bench.machine);
    ck_assert_int_eq(ws_cross_ablate(&options, WS_ABLATION_REMOVE, change_take, &changed), WS_OK);
    ck_assert_msg(changed.noticed == changed.tried, "not noticed: %s", changed.idle);
    ck_assert_uint_gt(changed.tried, 40);
    ck_assert_uint_eq(ws_machine_hash(bench.machine), hash);
    memset(&changed, 0, sizeof changed);
    ck_assert_int_eq(ws_cross_ablate(&options, WS_ABLATION_SWAP, change_take, &changed), WS_OK);
    ck_assert_uint_gt(changed.tried, 40);
    ck_assert_uint_gt(changed.noticed, 10);
    ck_assert_int_eq(ws_cross_ablate(&options, WS_ABLATION_BIT, change_take, &changed), WS_BAD_ARGUMENT);
    storm_close();
}
END_TEST

Suite *storm_suite(void)
{
    Suite *suite = suite_create("storm");
    TCase *tries = tcase_create("tries");
    tcase_add_loop_test(tries, sound_switches_stand_a_storm, 0, OWN_CROSSES + 1);
    tcase_add_loop_test(tries, nmis_find_no_handler_in_between, 0, OWN_CROSSES + 1);
    tcase_add_test(tries, a_switch_with_interrupts_on_is_found);
    tcase_add_test(tries, what_cannot_be_tried_is_refused);
    tcase_add_loop_test(tries, each_instruction_is_needed, 0, OWN_CROSSES + 1);
    suite_add_tcase(suite, tries);
    return suite;
}
