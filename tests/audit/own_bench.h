/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two worlds with a switch of a user's own, as a checker of such switches has them.  A fixture for tests.
 */
#ifndef TESTS_AUDIT_OWN_BENCH_H
#define TESTS_AUDIT_OWN_BENCH_H

#include <worldswitch/audit.h>
#include <worldswitch/crossing.h>

#include "worlds/own_cross.h"

/* A host and a VMM with such a switch, under a thorough audit. */
struct bench {
    struct ws_lab *lab;
    struct ws_machine *machine;
    struct ws_world *host, *vmm;
    struct ws_watcher *watcher;
    struct ws_audit *audit;
};

static inline void bench_open(struct bench *bench, const struct ws_cross_code *code)
{
    ck_assert_int_eq(ws_lab_new(&bench->lab, NULL), WS_OK);
    bench->machine = ws_lab_machine(bench->lab);
    ck_assert_int_eq(ws_lab_set_cross(bench->lab, code), WS_OK);
    ck_assert_int_eq(ws_world_new(bench->lab, &(struct ws_world_options){.name = "host"}, &bench->host), WS_OK);
    ck_assert_int_eq(ws_world_new(bench->lab, &(struct ws_world_options){.name = "vmm"}, &bench->vmm), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&bench->watcher, bench->machine), WS_OK);
    ck_assert_int_eq(ws_audit_new(&bench->audit, bench->machine, bench->watcher), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(bench->watcher, ws_lab_symbols(bench->lab)), WS_OK);
    ck_assert_int_eq(ws_watcher_cross_page(bench->watcher, WS_CROSS_LINEAR, WS_CROSS_BYTES), WS_OK);
    ck_assert_int_eq(ws_audit_thorough(bench->audit), WS_OK);
    ck_assert_int_eq(ws_audit_lab(bench->audit, bench->lab), WS_OK);
}

static inline void bench_close(struct bench *bench)
{
    ws_audit_free(bench->audit);
    ws_watcher_free(bench->watcher);
    ws_lab_free(bench->lab);
}

#endif
