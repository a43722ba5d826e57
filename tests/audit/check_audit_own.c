/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit of switches of other styles: it finds nothing in those that are correct, and what is wrong in those that
 * are not, at the instruction that is.
 */
#include <string.h>

#include "audit/own_bench.h"

Suite *audit_own_suite(void);

/* There and back, twice; it ends where something fails. */
static void bench_run(struct bench *bench)
{
    struct ws_world *to[] = {bench->vmm, bench->host, bench->vmm, bench->host};
    enum ws_status status = ws_lab_enter(bench->lab, bench->host);

    for (size_t i = 0; i < sizeof to / sizeof *to && status == WS_OK; i++)
        status = ws_world_switch(to[i]);
    ws_audit_finish(bench->audit);
}

static void expect_clean(const struct bench *bench)
{
    const struct ws_finding *first = ws_audit_finding(bench->audit, 0);

    ck_assert_msg(!first, "%s: %s", first ? first->rule : "", first ? first->text : "");
    ck_assert_uint_eq(ws_audit_switches(bench->audit), 5);
}

START_TEST(sound_switches_are_sound)
{
    struct ws_cross_code code = *ws_cross_built_in();
    struct ws_buffer file = WS_BUFFER_INIT;
    struct bench bench;

    if (_i < OWN_CROSSES)
        own_cross_read(own_cross[_i], &file, &code);
    bench_open(&bench, &code);
    bench_run(&bench);
    expect_clean(&bench);
    bench_close(&bench);
    ws_buffer_release(&file);
}
END_TEST

/* -- going back -------------------------------------------------------------------------------- */

/* The VMM is left with a wrong CR2, so that it is entered with one. */
static void cr2_spoil(const struct bench *bench)
{
    struct ws_cross_context context;
    ck_assert_int_eq(ws_machine_read(bench->machine, ws_world_context(bench->vmm), &context, sizeof context), WS_OK);
    context.cr2 ^= 4;
    ck_assert_int_eq(ws_machine_write(bench->machine, ws_world_context(bench->vmm), &context, sizeof context), WS_OK);
}

/* Both ways of going back: to what was known then, and to nothing. */
START_TEST(an_audit_goes_back_with_the_machine)
{
    struct ws_audit_saved *saved;
    struct ws_snapshot *snapshot;
    struct bench bench;

    bench_open(&bench, ws_cross_built_in());
    ck_assert_int_eq(ws_lab_enter(bench.lab, bench.host), WS_OK);
    ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK);
    ck_assert_int_eq(ws_world_switch(bench.host), WS_OK);
    ck_assert_int_eq(ws_snapshot_take(&snapshot, bench.machine, NULL), WS_OK);
    ck_assert_int_eq(ws_audit_save(bench.audit, &saved), WS_OK);
    for (unsigned i = 0; i < 3; i++) {
        cr2_spoil(&bench);
        ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK);
        ck_assert_uint_eq(ws_audit_switches(bench.audit), 4);
        ck_assert_uint_eq(ws_audit_findings(bench.audit), 1);
        ck_assert_str_eq(ws_audit_finding(bench.audit, 0)->rule, "cr2");
        ws_snapshot_restore(snapshot, bench.machine);
        ws_watcher_reset(bench.watcher);
        ck_assert_int_eq(ws_audit_restore(bench.audit, saved), WS_OK);
        ck_assert_uint_eq(ws_audit_findings(bench.audit), 0);
        ck_assert_uint_eq(ws_audit_switches(bench.audit), 3);
    }
    ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK);
    ck_assert_ptr_null(ws_audit_finding(bench.audit, 0));
    cr2_spoil(&bench); /* of a world that runs: nothing comes of it, for it is saved again */
    ck_assert_int_eq(ws_world_switch(bench.host), WS_OK);
    cr2_spoil(&bench);
    ws_audit_reset(bench.audit);
    ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK); /* nobody knows how it was left */
    ck_assert_ptr_null(ws_audit_finding(bench.audit, 0));
    ck_assert_uint_eq(ws_audit_switches(bench.audit), 1);
    ws_audit_saved_free(saved);
    ws_snapshot_free(snapshot);
    bench_close(&bench);
}
END_TEST

Suite *audit_own_suite(void)
{
    Suite *suite = suite_create("audit of own switches");
    TCase *sound = tcase_create("sound");

    tcase_add_loop_test(sound, sound_switches_are_sound, 0, OWN_CROSSES + 1);
    suite_add_tcase(suite, sound);
    TCase *back = tcase_create("back");
    tcase_add_test(back, an_audit_goes_back_with_the_machine);
    suite_add_tcase(suite, back);
    return suite;
}
