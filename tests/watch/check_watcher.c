/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watcher on a machine: switches.S has switches in the styles in which people write them, in this order.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/audit.h>
#include <worldswitch/crossing.h>
#include <worldswitch/image.h>

#include "watch/names.h"
#include "watch/names_row.h"
#include "watch/watcher.h"

Suite *watcher_suite(void);

static const struct {
    const char *style;
    const char *begin; /* the symbol of the routine; NULL: not a routine */
    const char *from;
    const char *to;
    uint32_t ebp; /* behind it: the stack that was entered numbers the styles */
    uint8_t kind;
    uint8_t instructions;
} expected[] = {
    {"one routine", "all_in_one", "process-1", "process-2", 1, WS_CROSSING_CONTEXT, 6},
    {"CR3 first, then the stack", "stacks_swap", "process-2", "process-1", 2, WS_CROSSING_CONTEXT, 4},
    {"an interrupt handler", "by_interrupt", "process-1", "process-2", 3, WS_CROSSING_CONTEXT, 5},
    {"to another world", "to_other_world", "world-1", "world-2", 3, WS_CROSSING_WORLD, 11},
    {"a hardware task switch", NULL, "process-1", "process-2", 5, WS_CROSSING_CONTEXT, 1},
    {"ended by a jump", "by_jump", "process-2", "process-1", 5, WS_CROSSING_CONTEXT, 1},
};

enum { EXPECTED = sizeof(expected) / sizeof(expected[0]), LIMIT = 100000 };

/* What was seen, and the linear address at each crossing's begin. */
struct seen {
    struct ws_crossing crossing[EXPECTED + 8];
    unsigned count;
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws_audit *audit;
    struct ws_symbols *symbols;
};

static struct seen seen;

static void keep(void *context, const struct ws_crossing *crossing)
{
    (void)context;
    ck_assert_uint_lt(seen.count, EXPECTED + 8);
    seen.crossing[seen.count++] = *crossing;
}

static void run(bool thorough)
{
    struct ws_machine_options options = {.max_instructions = LIMIT};
    struct ws_buffer file = WS_BUFFER_INIT;
    const char *folder = getenv("top_builddir");
    char path[512];
    memset(&seen, 0, sizeof(seen));
    snprintf(path, sizeof(path), "%s/guest/tests/watch/switches.elf", folder ? folder : ".");
    ck_assert_int_eq(ws_file_read(path, 1 << 20, &file), WS_OK);
    ck_assert_int_eq(ws_machine_new(&seen.machine, &options), WS_OK);
    ck_assert_int_eq(ws_symbols_new(&seen.symbols), WS_OK);
    ck_assert_int_eq(ws_image_load(seen.machine, file.data, file.size, "", seen.symbols, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&seen.watcher, seen.machine), WS_OK);
    ck_assert_int_eq(ws_watcher_listen(seen.watcher, keep, NULL), WS_OK);
    ck_assert_int_eq(ws_audit_new(&seen.audit, seen.machine, seen.watcher), WS_OK);
    if (thorough)
        ck_assert_int_eq(ws_audit_thorough(seen.audit), WS_OK);
    ws_buffer_release(&file);
    ck_assert_int_eq(ws_machine_run(seen.machine, 0), WS_STOP_HALT);
    ws_watcher_settle(seen.watcher);
}

static void setup(void)
{
    run(false);
}

static void teardown(void)
{
    ws_audit_free(seen.audit);
    ws_watcher_free(seen.watcher);
    ws_symbols_free(seen.symbols);
    ws_machine_free(seen.machine);
}

START_TEST(all_are_seen)
{
    ck_assert_int_eq(ws_machine_halt(seen.machine)->reason, WS_HALT_STOPPED);
    ck_assert_uint_eq(seen.count, EXPECTED);
}
END_TEST

START_TEST(style_is_recognized)
{
    const char *style = expected[_i].style;
    const struct ws_crossing *crossing = &seen.crossing[_i];
    ck_assert_uint_gt(seen.count, (unsigned)_i);
    ck_assert_msg(crossing->kind == expected[_i].kind, "%s: wrong kind", style);
    ck_assert_msg(crossing->instructions == expected[_i].instructions, "%s: %llu instructions", style,
                  (unsigned long long)crossing->instructions);
    ck_assert_msg(crossing->end - crossing->begin == expected[_i].instructions, "%s: marks", style);
    ck_assert_msg(!strcmp(crossing->from, expected[_i].from), "%s: from \"%s\"", style, crossing->from);
    ck_assert_msg(!strcmp(crossing->to, expected[_i].to), "%s: to \"%s\"", style, crossing->to);
    ck_assert_msg(crossing->after.value[WS_EBP] == expected[_i].ebp, "%s: EBP %u", style,
                  crossing->after.value[WS_EBP]);
    ck_assert_msg(crossing->before.value[WS_CR3] != crossing->after.value[WS_CR3], "%s: CR3", style);
    ck_assert_msg((crossing->changed | crossing->kept) == (1u << WS_CATEGORY_COUNT) - 1, "%s: categories", style);
    ck_assert_msg(crossing->changed >> WS_CATEGORY_USER_SPACE & 1, "%s: the user page stays", style);
    ck_assert_msg(crossing->kept >> WS_CATEGORY_KERNEL_SPACE & 1, "%s: the kernel's page changes", style);
}
END_TEST

/* The begin is the routine's first instruction: what is there at that mark. */
START_TEST(begin_is_the_routine)
{
    struct ws_machine_options options = {.max_instructions = LIMIT};
    struct ws_machine *machine;
    struct ws_buffer file = WS_BUFFER_INIT;
    const char *folder = getenv("top_builddir");
    char path[512];
    uint32_t linear;
    if (!expected[_i].begin)
        return;
    snprintf(path, sizeof(path), "%s/guest/tests/watch/switches.elf", folder ? folder : ".");
    ck_assert_int_eq(ws_file_read(path, 1 << 20, &file), WS_OK);
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_image_load(machine, file.data, file.size, "", NULL, NULL), WS_OK);
    ws_machine_run(machine, seen.crossing[_i].begin);
    ck_assert_int_eq(ws_symbols_find(seen.symbols, expected[_i].begin, &linear), WS_OK);
    ck_assert_uint_eq(ws_machine_eip_linear(machine), linear);
    ws_machine_free(machine);
    ws_buffer_release(&file);
}
END_TEST

/* What was before a hardware task switch is in the TSS that was left. */
START_TEST(task_switch_has_a_before)
{
    const struct ws_crossing *crossing = &seen.crossing[4];
    uint32_t linear;
    ck_assert_uint_eq(crossing->before.value[WS_ESI], 0x5a5a1234);
    ck_assert_uint_eq(crossing->after.value[WS_ESI], 0);
    ck_assert_int_eq(ws_symbols_find(seen.symbols, "after_5", &linear), WS_OK);
    ck_assert_uint_eq(crossing->before.value[WS_EIP], linear);
    ck_assert_uint_eq(crossing->before.value[WS_TR], 0x18);
    ck_assert_uint_eq(crossing->after.value[WS_TR], 0x20);
}
END_TEST

/* This guest's worlds share all memory and its second one has no task: the audit must say so, and nothing else. */
START_TEST(audit_judges_other_peoples_switches)
{
    static const char *const rules[] = {"left-world-gone", "one-task-busy", "segments-loaded"};
    ws_audit_finish(seen.audit);
    ck_assert_uint_eq(ws_audit_switches(seen.audit), 1);
    for (size_t i = 0; i < ws_audit_findings(seen.audit); i++) {
        ck_assert_uint_lt(i, 3);
        ck_assert_str_eq(ws_audit_finding(seen.audit, i)->rule, rules[i]);
    }
    ck_assert_uint_eq(ws_audit_findings(seen.audit), 3);
    ck_assert_uint_eq(ws_audit_context_switches(seen.audit), 5);
}
END_TEST

/* Only a thorough one sees that two of the instructions are on a page of the left world. */
START_TEST(thorough_audit_sees_left_code)
{
    uint32_t far_away;
    unsigned found = 0;
    teardown();
    run(true);
    ws_audit_finish(seen.audit);
    ck_assert_int_eq(ws_symbols_find(seen.symbols, "far_away", &far_away), WS_OK);
    for (size_t i = 0; i < ws_audit_findings(seen.audit); i++) {
        const struct ws_finding *finding = ws_audit_finding(seen.audit, i);
        char address[16];
        if (strcmp(finding->rule, "left-code") != 0)
            continue;
        snprintf(address, sizeof address, "0x%08x", far_away);
        ck_assert_ptr_nonnull(strstr(finding->text, address));
        ck_assert_uint_eq(finding->mark, seen.crossing[3].cr3_mark + 4);
        found++;
    }
    ck_assert_uint_eq(found, 1);
}
END_TEST

/* Names that are told late hold from then on. */
START_TEST(names_are_taken)
{
    const struct ws_registers *after = &seen.crossing[5].after;
    ck_assert_str_eq(ws_watcher_world(seen.watcher, after), "world-2");
    ck_assert_int_eq(ws_watcher_name(seen.watcher, after->value[WS_CR3], "mine", "init"), WS_OK);
    ck_assert_str_eq(ws_watcher_world(seen.watcher, after), "mine");
    ck_assert_str_eq(ws_watcher_process(seen.watcher, after), "init");
    ck_assert_str_eq(ws_watcher_world(seen.watcher, NULL), "mine");
    const char *other = ws_watcher_process(seen.watcher, &seen.crossing[5].before);
    ck_assert_str_eq(other, "process-2");
    ck_assert_str_eq(ws_watcher_world(seen.watcher, &seen.crossing[5].before), "mine");
}
END_TEST

/* A guest's own table of names: what is told counts, what is no name does not, and a table without an end has one. What
 * is told of a thread's stack is not told of a page directory. */
static const struct {
    const char *row[2]; /* 16 bytes each; what is shorter is ended by 0 */
    const char *world;
    const char *process;
    const char *thread; /* NULL: the row is about a page directory; "": no name */
} told[] = {
    {{"host", "A"}, "host", "A", NULL},
    {{"vmm", ""}, "vmm", "", NULL},
    {{"", "B"}, "boot", "", NULL},
    {{"no end in itself", "C"}, "boot", "", NULL},
    {{"bad name", "D"}, "boot", "", NULL},
    {{"host", "\n"}, "boot", "", NULL},
    {{"host", "A-one"}, "boot", "", "A-one"},
    {{"host", "not a name"}, "boot", "", ""},
};

enum { TOLD = sizeof(told) / sizeof(told[0]), TABLE = 0x9000, TABLE_ROWS = 100, NAME_BYTES = 16 };

static void row_write(struct ws_machine *machine, unsigned index)
{
    uint32_t cr3 = (0x100000 + index * 0x1000) | (told[index % TOLD].thread ? WS_NAMES_THREAD : 0);
    uint8_t row[sizeof(cr3) + 2 * NAME_BYTES] = {0};
    memcpy(row, &cr3, sizeof(cr3));
    for (unsigned i = 0; i < 2; i++) {
        const char *name = told[index % TOLD].row[i];
        memcpy(row + sizeof(cr3) + i * NAME_BYTES, name, strlen(name));
    }
    ck_assert_int_eq(ws_machine_write_phys(machine, TABLE + index * sizeof(row), row, sizeof(row)), WS_OK);
}

START_TEST(names_are_told_by_the_guest)
{
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws_registers registers;
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    for (unsigned i = 0; i < TABLE_ROWS; i++)
        row_write(machine, i);
    ws_machine_registers(machine, &registers);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < TOLD; i++) {
            registers.value[WS_CR3] = 0x100000 + i * 0x1000;
            ck_assert_str_eq(ws_watcher_world(watcher, &registers), pass ? told[i].world : "boot");
            ck_assert_str_eq(ws_watcher_process(watcher, &registers), pass ? told[i].process : "");
        }
        ws_watcher_name_table(watcher, TABLE);
    }
    ws_watcher_free(watcher);
    ws_machine_free(machine);
}
END_TEST

START_TEST(threads_are_told_by_the_guest)
{
    struct ws_machine *machine;
    struct ws_registers registers;
    struct ws__names names = {.table = TABLE};
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    for (unsigned i = 0; i < TOLD; i++)
        row_write(machine, i);
    ws_machine_registers(machine, &registers);
    for (unsigned i = 0; i < TOLD; i++) {
        const char *wanted = told[i].thread ? told[i].thread : "";
        char name[WS_NAME_BYTES] = "";
        registers.value[WS_ESP] = 0x100000 + i * 0x1000 + 0xfe4;
        ck_assert_int_eq(ws__names_thread(&names, machine, &registers, name), *wanted != 0);
        ck_assert_str_eq(name, wanted);
    }
    ws_machine_free(machine);
}
END_TEST

/* A boot that turns paging on first and loads its tables then; a run that is not asked; one that is asked at each mark;
 * and one that is asked when all is over: to a mark belongs one name. */
enum { MARKS = 140, WORLD_TEXTS = 4 };

struct asked {
    char world[MARKS][WS_NAME_BYTES];
    struct ws_snapshot *start;
    struct ws_machine *machine;
    struct ws_watcher *watcher;
};

static void asked_begin(struct asked *asked, const char *program)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    const char *folder = getenv("top_builddir");
    char path[512];
    *asked = (struct asked){0};
    snprintf(path, sizeof(path), "%s/guest/tests/watch/%s.elf", folder ? folder : ".", program);
    ck_assert_int_eq(ws_file_read(path, 1 << 20, &file), WS_OK);
    ck_assert_int_eq(ws_machine_new(&asked->machine, NULL), WS_OK);
    ck_assert_int_eq(ws_image_load(asked->machine, file.data, file.size, "", NULL, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&asked->watcher, asked->machine), WS_OK);
    ck_assert_int_eq(ws_snapshot_take(&asked->start, asked->machine), WS_OK);
    ws_buffer_release(&file);
}

static void asked_end(struct asked *asked)
{
    ws_watcher_free(asked->watcher);
    ws_snapshot_free(asked->start);
    ws_machine_free(asked->machine);
}

/* The names at all marks, from the start on. */
static unsigned marks_ask(struct asked *asked)
{
    unsigned mark = 0;
    while (mark < MARKS) {
        snprintf(asked->world[mark++], WS_NAME_BYTES, "%s", ws_watcher_world(asked->watcher, NULL));
        if (ws_machine_run(asked->machine, 1) == WS_STOP_HALT)
            break;
    }
    return mark;
}

static const char *const asked_programs[] = {"switches", "tables_late"};

START_TEST(a_mark_has_one_name)
{
    struct asked first, again;
    asked_begin(&first, asked_programs[_i]);
    asked_begin(&again, asked_programs[_i]);
    unsigned marks = marks_ask(&first);
    ck_assert_uint_gt(marks, 12);
    ws_machine_run(again.machine, marks);
    const char *end = ws_watcher_world(again.watcher, NULL);
    ck_assert_str_eq(end, ws_watcher_world(first.watcher, NULL));
    ws__watcher_hold(again.watcher, true);
    ws_snapshot_restore(again.start, again.machine);
    ck_assert_uint_eq(marks_ask(&again), marks);
    for (unsigned i = 0; i < marks; i++)
        ck_assert_msg(!strcmp(first.world[i], again.world[i]), "mark %u: \"%s\", and then \"%s\"", i, first.world[i],
                      again.world[i]);
    asked_end(&first);
    asked_end(&again);
}
END_TEST

/* Worlds exist that something enters: boot, the first with paging, and those that crossings enter. */
START_TEST(no_world_is_between_two)
{
    static const char *const wanted[][WORLD_TEXTS] = {{"boot", "world-1", "world-2"}, {"boot", "world-1"}};
    struct asked asked;
    asked_begin(&asked, asked_programs[_i]);
    unsigned marks = marks_ask(&asked), at = 0;
    for (unsigned i = 0; i < marks; i++) {
        if (strcmp(asked.world[i], wanted[_i][at]) == 0)
            continue;
        at++;
        ck_assert_msg(wanted[_i][at] && !strcmp(asked.world[i], wanted[_i][at]), "mark %u: \"%s\"", i, asked.world[i]);
    }
    ck_assert_ptr_null(wanted[_i][at + 1]);
    asked_end(&asked);
}
END_TEST

Suite *watcher_suite(void)
{
    Suite *suite = suite_create("watcher");
    TCase *styles = tcase_create("styles");
    tcase_add_checked_fixture(styles, setup, teardown);
    tcase_add_test(styles, all_are_seen);
    tcase_add_loop_test(styles, style_is_recognized, 0, EXPECTED);
    tcase_add_loop_test(styles, begin_is_the_routine, 0, EXPECTED);
    tcase_add_test(styles, task_switch_has_a_before);
    tcase_add_test(styles, audit_judges_other_peoples_switches);
    tcase_add_test(styles, thorough_audit_sees_left_code);
    tcase_add_test(styles, names_are_taken);
    suite_add_tcase(suite, styles);
    TCase *names = tcase_create("names");
    tcase_add_test(names, names_are_told_by_the_guest);
    tcase_add_test(names, threads_are_told_by_the_guest);
    tcase_add_loop_test(names, a_mark_has_one_name, 0, 2);
    tcase_add_loop_test(names, no_world_is_between_two, 0, 2);
    suite_add_tcase(suite, names);
    return suite;
}
