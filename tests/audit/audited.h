/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laboratory under audit, for tests: what the program does when it opens it.
 */
#ifndef TESTS_WORLDS_AUDITED_H
#define TESTS_WORLDS_AUDITED_H

#include <check.h>
#include <string.h>

#include <worldswitch/audit.h>
#include <worldswitch/crossing.h>
#include <worldswitch/lab.h>

struct audited {
    struct ws_lab *lab;
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws_audit *audit;
};

static inline void audited_open(struct audited *audited, uint64_t max_instructions)
{
    struct ws_machine_options options = {.max_instructions = max_instructions};
    ck_assert_int_eq(ws_lab_system_new(&audited->lab, &options), WS_OK);
    audited->machine = ws_lab_machine(audited->lab);
    ck_assert_int_eq(ws_watcher_new(&audited->watcher, audited->machine), WS_OK);
    ck_assert_int_eq(ws_audit_new(&audited->audit, audited->machine, audited->watcher), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(audited->watcher, ws_lab_symbols(audited->lab)), WS_OK);
    ck_assert_int_eq(ws_audit_lab(audited->audit, audited->lab), WS_OK);
}

static inline void audited_close(struct audited *audited)
{
    ws_audit_free(audited->audit);
    ws_watcher_free(audited->watcher);
    ws_lab_free(audited->lab);
}

/* Where the cross page is in physical memory. */
static inline uint32_t audited_cross_phys(const struct audited *audited)
{
    struct ws_registers registers = {.value = {[WS_CR0] = WS_CR0_PG | WS_CR0_PE}};
    struct ws_physical memory = ws_machine_memory(audited->machine);
    struct ws_translation walk;
    registers.value[WS_CR3] = ws_world_cr3(ws_lab_system_first(audited->lab));
    ck_assert(ws_page_walk(&walk, &memory, &registers, WS_CROSS_LINEAR, WS_ACCESS_READ, false));
    return walk.phys;
}

#endif
