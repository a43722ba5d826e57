/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Branches: x, X and :set.  What happens in a branch is the same each time, and the recorded run never hears of it.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/lab.h>

#include "tui/viewer.h"

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_watcher *watcher;
static struct ws__viewer *viewer;
static struct ws_session record;
static uint64_t leaving; /* the mark of the first instruction of the world switch from the host to the VMM */

/* The machine stands at its start. */
static uint64_t leaving_find(void)
{
    for (int crossings = 0; crossings < 2; crossings++) /* the first one is that of the boot world */
        ck_assert_int_eq(ws_timeline_next_crossing(viewer->timeline, true), WS_SEEK_THERE);
    uint64_t mark = ws_timeline_mark(viewer->timeline);
    ck_assert_int_eq(ws_timeline_seek(viewer->timeline, 0), WS_SEEK_THERE);
    ws__viewer_arrive(viewer);
    return mark;
}

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    struct ws_tui_options options = {
        .machine = machine, .watcher = watcher, .symbols = ws_lab_symbols(lab), .record = &record, .records = true};
    ck_assert_int_eq(ws__viewer_new(&viewer, &options), WS_OK);
    ws__viewer_arrive(viewer);
    leaving = leaving_find();
}

static void teardown(void)
{
    ws__viewer_free(viewer);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

static void press(const char *keys)
{
    for (; *keys; keys++)
        ws__viewer_key(viewer, (const char[]){*keys, '\0'});
}

static void type(const char *line)
{
    for (; *line; line++)
        ws__viewer_key(viewer, *line == ' ' ? "Space" : (const char[]){*line, '\0'});
    ws__viewer_key(viewer, "Enter");
}

static void go(uint64_t mark)
{
    ck_assert_int_eq(ws_timeline_seek(viewer->timeline, mark), WS_SEEK_THERE);
    ws__viewer_arrive(viewer);
}

static void message_expect(const char *text)
{
    ck_assert_msg(viewer->state.message && strstr(viewer->state.message, text), "\"%s\" is not in \"%s\"", text,
                  viewer->state.message ? viewer->state.message : "(nothing)");
}

static char *screen(void)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ck_assert_int_eq(ws__viewer_screen(viewer, &text), WS_OK);
    return ws_buffer_detach(&text);
}

static void screen_has(const char *text, bool has)
{
    char *now = screen();
    ck_assert_msg((strstr(now, text) != NULL) == has, "\"%s\":\n%s", text, now);
    free(now);
}

static uint64_t hash(void)
{
    return ws_machine_hash(machine);
}

/* The hashes of some marks of the recorded run, and of its end. */
enum { KEPT = 64 };
static uint64_t kept[KEPT], end_mark, end_hash;

static void run_keep(uint64_t first)
{
    for (unsigned at = 0; at < KEPT; at++) {
        go(first + at);
        kept[at] = hash();
    }
    press("G");
    end_mark = viewer->state.mark;
    end_hash = hash();
}

static void run_expect(uint64_t first)
{
    press("G");
    ck_assert_uint_eq(viewer->state.mark, end_mark);
    ck_assert(hash() == end_hash);
    for (unsigned at = KEPT; at-- > 0;) {
        go(first + at);
        ck_assert_msg(hash() == kept[at], "mark %llu is another one", (unsigned long long)(first + at));
    }
}

/* -- leaving out an instruction ---------------------------------------------------------------- */

START_TEST(the_recorded_run_is_the_same_again)
{
    run_keep(leaving);
    uint64_t frontier = ws__viewer_frontier(viewer);
    for (unsigned number = 0; number < WS_CROSS_INSTRUCTIONS; number += 9) {
        go(leaving + number);
        press("x");
        ck_assert_ptr_nonnull(viewer->branch);
        screen_has("BRANCH", true);
        press("sss");
        ck_assert_uint_eq(ws__viewer_frontier(viewer), frontier);
        press("X");
        ck_assert_ptr_null(viewer->branch);
        screen_has("BRANCH", false);
        ck_assert_uint_eq(viewer->state.mark, leaving + number);
        ck_assert(hash() == kept[number]);
    }
    run_expect(leaving);
}
END_TEST

/* To the end of each branch, and back again: the same states. */
START_TEST(a_branch_is_the_same_each_time)
{
    enum { STEPS = 12 };
    uint64_t there[STEPS + 1];
    go(leaving + 4 * (uint64_t)_i);
    press("x");
    const uint64_t first = viewer->state.mark;
    for (unsigned at = 0; at <= STEPS; at++, press("s"))
        there[at] = hash();
    press("G");
    uint64_t last = viewer->state.mark, ended = hash();
    for (unsigned at = STEPS + 1; at-- > 0;) {
        if (first + at > last)
            continue;
        go(first + at);
        ck_assert_msg(hash() == there[at], "mark %llu, back", (unsigned long long)(first + at));
    }
    press("SSSS"); /* before the change, and into it again */
    uint64_t before = hash();
    ck_assert_ptr_null(viewer->state.branch_here);
    press("ssss");
    ck_assert(hash() == there[0]);
    ck_assert_ptr_nonnull(viewer->state.branch_here);
    press("G");
    ck_assert_uint_eq(viewer->state.mark, last);
    ck_assert(hash() == ended);
    press("X");
    go(first - 4);
    ck_assert(hash() == before);
}
END_TEST

/* Without the load of CR3, the left world's page tables stay. */
START_TEST(what_is_missing_is_missing)
{
    go(leaving + 24);
    uint32_t left = viewer->state.now.value[WS_CR3];
    press("x");
    message_expect("without mov %ecx, %cr3: this is a branch");
    screen_has("changed here by you: without mov %ecx, %cr3", true);
    press("s");
    ck_assert_uint_eq(viewer->state.now.value[WS_CR3], left);
    screen_has("X leaves this branch: without mov %ecx, %cr3", true);
    press("Xs");
    ck_assert_uint_ne(viewer->state.now.value[WS_CR3], left);
}
END_TEST

/* A branch knows the crossings of its past, and finds its own. */
START_TEST(a_branch_has_the_past)
{
    struct ws_crossing past[64];
    size_t count;
    press("G");
    const struct ws_crossing *crossing = ws_timeline_crossings(viewer->timeline, &count);
    const struct ws_crossing *seventh = &crossing[7];
    uint64_t mark = seventh->begin + 3, end = seventh->end;
    ck_assert_uint_gt(count, 8);
    memcpy(past, crossing, 8 * sizeof *past);
    go(mark);
    type(":set edi=1234");
    ck_assert_uint_eq(viewer->state.now.value[WS_EDI], 0x1234);
    go(end);
    crossing = ws_timeline_crossings(viewer->timeline, &count);
    ck_assert_uint_ge(count, 8);
    for (unsigned at = 0; at < 8; at++) {
        ck_assert_uint_eq(crossing[at].begin, past[at].begin);
        ck_assert_uint_eq(crossing[at].end, past[at].end);
        ck_assert_uint_eq(crossing[at].kind, past[at].kind);
        ck_assert_str_eq(crossing[at].from, past[at].from);
        ck_assert_str_eq(crossing[at].to, past[at].to);
    }
    press("C");
    ck_assert_uint_eq(viewer->state.mark, past[7].begin);
    press("g");
    ck_assert_uint_eq(viewer->state.mark, 0);
    ck_assert_ptr_nonnull(viewer->branch);
}
END_TEST

START_TEST(a_branch_can_have_a_branch)
{
    run_keep(leaving);
    go(leaving + 24);
    press("x");
    press("ss");
    uint64_t inner = hash();
    type(":set eax=5");
    ck_assert_uint_eq(viewer->state.now.value[WS_EAX], 5);
    ck_assert_uint_eq(viewer->state.branch_mark, leaving + 24);
    ck_assert_str_eq(viewer->state.branch, "without mov %ecx, %cr3, eax=00000005");
    press("S");
    ck_assert_uint_ne(viewer->state.now.value[WS_EAX], 5);
    press("s");
    ck_assert_uint_eq(viewer->state.now.value[WS_EAX], 5);
    ck_assert(hash() != inner);
    press("X");
    ck_assert_uint_eq(viewer->state.mark, leaving + 24);
    ck_assert(hash() == kept[24]);
    run_expect(leaving);
}
END_TEST

/* -- :set -------------------------------------------------------------------------------------- */

static const struct {
    const char *line;
    enum ws_register which;
    uint32_t value;
} set_table[] = {
    {"eax=5", WS_EAX, 5},
    {"esp=0xc0103f00", WS_ESP, 0xc0103f00},
    {"eip = ffc00000", WS_EIP, 0xffc00000},
    {"eflags=202", WS_EFLAGS, 0x202},
    {"cr4=0", WS_CR4, 0},
    {"cr2=1234", WS_CR2, 0x1234},
    {"cr0=80000031", WS_CR0, 0x80000031},
};

START_TEST(a_register_is_set)
{
    char line[40];
    go(leaving + 5);
    uint64_t before = hash();
    snprintf(line, sizeof line, ":set %s", set_table[_i].line);
    type(line);
    message_expect("this is a branch");
    ck_assert_uint_eq(viewer->state.now.value[set_table[_i].which], set_table[_i].value);
    uint64_t after = hash();
    press("sS");
    ck_assert(hash() == after);
    press("X");
    ck_assert(hash() == before);
}
END_TEST

START_TEST(memory_is_set)
{
    uint8_t byte[4];
    go(leaving + 5);
    type(":set byte 0xffc00800=90");
    ck_assert_int_eq(ws_machine_read(machine, 0xffc00800, byte, 1), WS_OK);
    ck_assert_uint_eq(byte[0], 0x90);
    type(":set dword ffc00804=12345678");
    ck_assert_int_eq(ws_machine_read(machine, 0xffc00804, byte, 4), WS_OK);
    ck_assert_uint_eq(byte[0], 0x78);
    ck_assert_uint_eq(byte[3], 0x12);
    type(":set phys 1000=ab");
    ck_assert_int_eq(ws_machine_read_phys(machine, 0x1000, byte, 1), WS_OK);
    ck_assert_uint_eq(byte[0], 0xab);
    press("X");
    ck_assert_uint_eq(viewer->state.mark, leaving + 5);
    ck_assert_int_eq(ws_machine_read_phys(machine, 0x1000, byte, 1), WS_OK);
    ck_assert_uint_ne(byte[0], 0xab);
}
END_TEST

static const struct {
    const char *line;
    const char *message;
} refused_table[] = {
    {":set cr4=ffffffff", "the CPU refuses it"},
    {":set cr0=0", "the CPU refuses it"},
    {":set eflags=20002", "the CPU refuses it"},
    {":set cs=8", "can be set"},
    {":set dr7=1", "can be set"},
    {":set nonsense=1", "such as :set"},
    {":set eax=123456789", "such as :set"},
    {":set eax", "such as :set"},
    {":set eax=", "such as :set"},
    {":set byte 0=90", "is not mapped"},
    {":set phys ffffffff=1", "there is no RAM"},
    {":set byte ffc00800=100", "such as :set"},
    {":set byte ffc00800=-1", "such as :set"},
};

START_TEST(what_cannot_be_set_is_refused)
{
    go(leaving + 5);
    uint64_t before = hash();
    type(refused_table[_i].line);
    message_expect(refused_table[_i].message);
    ck_assert_ptr_null(viewer->branch);
    ck_assert_uint_eq(viewer->state.mark, leaving + 5);
    ck_assert(hash() == before);
}
END_TEST

/* -- where there is nothing to leave out ------------------------------------------------------- */

START_TEST(mistakes_are_told)
{
    press("X");
    message_expect("this is the recorded run");
    press("x");
    message_expect("nothing has been executed yet");
    press("G");
    press("x");
    message_expect("the run has ended here");
    go(leaving);
    press("x");
    press("x");
    message_expect("does nothing already");
    type(":name=a note");
    message_expect("a branch is not recorded");
    press("X");
    ck_assert_ptr_null(viewer->branch);
}
END_TEST

/* -- branches that never end ------------------------------------------------------------------- */

enum { BOUND = 300000 }; /* instructions: less than the viewer's, so that the test is short */

/* An instruction of the switch, with interrupts off, becomes a jump to itself.  Returns its mark. */
static uint64_t endless_branch(void)
{
    char line[64];
    go(leaving + 3);
    ck_assert_uint_eq(viewer->state.now.value[WS_EFLAGS] & WS_EFLAGS_IF, 0);
    uint32_t linear = viewer->state.eip_linear;
    snprintf(line, sizeof line, ":set byte %x=eb", linear);
    type(line);
    snprintf(line, sizeof line, ":set byte %x=fe", linear + 1);
    type(line);
    ck_assert_ptr_nonnull(viewer->branch);
    ws_timeline_bound(viewer->timeline, BOUND);
    return viewer->state.mark;
}

START_TEST(a_branch_without_an_end_is_told)
{
    const char *const unfound[] = {"w", "c", "f", "]"};
    uint64_t parting = endless_branch();
    type("/cr3");
    message_expect("no further cr3 up to mark ");
    for (unsigned at = 0; at < sizeof unfound / sizeof *unfound; at++) {
        press(unfound[at]);
        message_expect("no further ");
        message_expect("; the guest runs on");
        ck_assert_uint_eq(viewer->state.mark, parting);
    }
    type(":end");
    message_expect("instructions; :end goes on, Ctrl-O goes back");
    uint64_t first = viewer->state.mark;
    ck_assert_uint_ge(first, parting + BOUND);
    press("G");
    message_expect("no end in 300000 instructions; ");
    ck_assert_uint_eq(viewer->state.mark, first + BOUND);
    ws__viewer_key(viewer, "Ctrl-O");
    ws__viewer_key(viewer, "Ctrl-O");
    ck_assert_uint_eq(viewer->state.mark, parting);
    ws__viewer_resize(viewer, 120, 40);
    type(":why");
    message_expect("no end in ");
    screen_has("what the guest does", true);
    screen_has("the run has not ended up to mark ", true);
    screen_has("no progress: the last 100000 instructions were the same 1", true);
    press("X");
    ck_assert_ptr_null(viewer->branch);
    press("G");
    message_expect("the end: ");
}
END_TEST

/* Interrupt once: far ahead, but where the machine was farther before.  Then there is more to be done. */
struct returning {
    uint64_t farthest;
    bool told;
    unsigned again; /* questions behind that */
};

static bool returning_asked(void *context, uint64_t mark)
{
    struct returning *returning = context;
    bool back = mark < returning->farthest && mark > BOUND / 2 && !returning->told;
    returning->again += returning->told;
    returning->told |= back;
    if (mark > returning->farthest)
        returning->farthest = mark;
    return back;
}

START_TEST(an_explanation_can_be_interrupted)
{
    struct returning returning = {.told = false};
    uint64_t parting = endless_branch();
    ws__viewer_interruptible(viewer, returning_asked, &returning);
    type(":why");
    ck_assert(returning.told);
    ck_assert_uint_eq(returning.again, 0);
    message_expect("stopped, and back at mark");
    ck_assert_uint_eq(viewer->state.mark, parting);
    ck_assert_ptr_null(viewer->state.post_mortem);
    ck_assert_uint_ne(viewer->state.panel, WS_PANEL_HELP);
    type(":why");
    ck_assert_ptr_nonnull(viewer->state.post_mortem);
}
END_TEST

/* Breakpoints that are set in a branch are set behind it, too. */
START_TEST(breakpoints_come_along)
{
    go(leaving);
    press("b");
    press("x");
    press("s");
    press("b");
    ck_assert_uint_eq(viewer->state.breakpoints, 2);
    press("X");
    ck_assert_uint_eq(viewer->state.breakpoints, 2);
    ck_assert(ws_machine_break_at(machine, viewer->state.eip_linear));
    press("G");
    press("C");
    press("g");
}
END_TEST

Suite *branch_suite(void);

Suite *branch_suite(void)
{
    Suite *suite = suite_create("branch");
    TCase *tests = tcase_create("branch");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_recorded_run_is_the_same_again);
    tcase_add_loop_test(tests, a_branch_is_the_same_each_time, 0, 12);
    tcase_add_test(tests, what_is_missing_is_missing);
    tcase_add_test(tests, a_branch_has_the_past);
    tcase_add_test(tests, a_branch_can_have_a_branch);
    tcase_add_loop_test(tests, a_register_is_set, 0, sizeof set_table / sizeof set_table[0]);
    tcase_add_test(tests, memory_is_set);
    tcase_add_loop_test(tests, what_cannot_be_set_is_refused, 0, sizeof refused_table / sizeof refused_table[0]);
    tcase_add_test(tests, mistakes_are_told);
    tcase_add_test(tests, a_branch_without_an_end_is_told);
    tcase_add_test(tests, an_explanation_can_be_interrupted);
    tcase_add_test(tests, breakpoints_come_along);
    suite_add_tcase(suite, tests);
    return suite;
}
