/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit's rule about x87, MMX and XMM: systems that keep them, and the same systems with that taken away.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/audit.h>
#include <worldswitch/hosted.h>
#include <worldswitch/image.h>
#include <worldswitch/lab.h>

enum { KERNEL_BASE = 0xc0000000, RET = 0xc3, HOSTED_MARKS = 10000000, MEMORY = 16 << 20 };

struct audited {
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws_audit *audit;
    struct ws_symbols *symbols;
};

static void audited_begin(struct audited *audited)
{
    struct ws_machine_options options = {.memory_bytes = MEMORY};
    ck_assert_int_eq(ws_machine_new(&audited->machine, &options), WS_OK);
    ck_assert_int_eq(ws_symbols_new(&audited->symbols), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&audited->watcher, audited->machine), WS_OK);
    ck_assert_int_eq(ws_audit_new(&audited->audit, audited->machine, audited->watcher), WS_OK);
}

static void audited_end(struct audited *audited)
{
    ws_audit_free(audited->audit);
    ws_watcher_free(audited->watcher);
    ws_symbols_free(audited->symbols);
    ws_machine_free(audited->machine);
}

static uint32_t symbol(const struct audited *audited, const char *name)
{
    uint32_t linear;
    ck_assert_msg(ws_symbols_find(audited->symbols, name, &linear) == WS_OK, "no \"%s\"", name);
    return linear;
}

/* How many findings of the rule; NULL or the text of the first. */
static unsigned fpu_findings(const struct audited *audited, const char **text)
{
    unsigned count = 0;
    for (size_t i = 0; i < ws_audit_findings(audited->audit); i++) {
        const struct ws_finding *finding = ws_audit_finding(audited->audit, i);
        if (!strcmp(finding->rule, "fpu") && !count++)
            *text = finding->text;
    }
    return count;
}

/* Run a guest of tests/watch to its end, with one byte of it set. */
static void guest_run(struct audited *audited, const char *name, const char *flag, uint8_t value)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    const char *folder = getenv("top_builddir");
    char path[512];
    snprintf(path, sizeof(path), "%s/guest/tests/watch/%s.elf", folder ? folder : ".", name);
    audited_begin(audited);
    ck_assert_int_eq(ws_file_read(path, 1 << 20, &file), WS_OK);
    ck_assert_int_eq(ws_image_load(audited->machine, file.data, file.size, "", audited->symbols, NULL), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(audited->machine, symbol(audited, flag), &value, 1), WS_OK);
    ck_assert_int_eq(ws_machine_run(audited->machine, 1000), WS_STOP_HALT);
    ws_buffer_release(&file);
}

/* Threads of ring 0. */
START_TEST(threads_find_their_registers_again)
{
    struct audited audited;
    const char *text = "";
    const uint8_t saves = _i == 1;
    guest_run(&audited, "fpu_threads", "saves", saves);
    ck_assert_uint_eq(ws_audit_context_switches(audited.audit), 8);
    unsigned findings = fpu_findings(&audited, &text);
    if (saves)
        ck_assert_msg(findings == 0, "%s", text);
    else
        ck_assert_msg(findings >= 2 && strstr(text, "another process's"), "%u: %s", findings, text);
    audited_end(&audited);
}
END_TEST

/* A kernel in ring 1 exchanges the registers of its programs; a monitor in ring 0 loses them. */
START_TEST(a_machine_in_the_outer_rings_finds_its_registers_again)
{
    struct audited audited;
    const char *text = "";
    const uint8_t loses = _i == 1;
    guest_run(&audited, "fpu_rings", "loses", loses);
    unsigned findings = fpu_findings(&audited, &text);
    ck_assert_uint_eq(ws_machine_halt(audited.machine)->faults, 0);
    ck_assert_msg(findings == loses && (!loses || strstr(text, "st0 0x4000c90fdaa22168c235")), "%u: %s", findings,
                  text);
    audited_end(&audited);
}
END_TEST

/* Processes of ring 3: the hosted system's host, and the same one if a context switch does not set CR0.TS. */
START_TEST(processes_find_their_registers_again)
{
    struct audited audited;
    const char *text = "";
    const uint8_t ret = RET;
    audited_begin(&audited);
    ck_assert_int_eq(ws_hosted_boot(audited.machine, audited.symbols), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(audited.watcher, audited.symbols), WS_OK);
    if (_i == 0)
        ck_assert_int_eq(ws_machine_write_phys(audited.machine, symbol(&audited, "fpu_turn") - KERNEL_BASE, &ret, 1),
                         WS_OK);
    ws_machine_run(audited.machine, HOSTED_MARKS);
    unsigned findings = fpu_findings(&audited, &text);
    if (_i == 0)
        ck_assert_uint_ge(findings, 2); /* B has A's, and then A has B's */
    else
        ck_assert_msg(!findings, "%s", text);
    audited_end(&audited);
}
END_TEST

Suite *audit_fpu_suite(void)
{
    Suite *suite = suite_create("audit fpu");
    TCase *rule = tcase_create("rule");
    tcase_add_loop_test(rule, threads_find_their_registers_again, 0, 2);
    tcase_add_loop_test(rule, a_machine_in_the_outer_rings_finds_its_registers_again, 0, 2);
    tcase_add_loop_test(rule, processes_find_their_registers_again, 0, 2);
    suite_add_tcase(suite, rule);
    return suite;
}
