/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Branches of a timeline, and what can be changed in them.
 */
#include <check.h>

#include <worldswitch/lab.h>
#include <worldswitch/timeline.h>

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_watcher *watcher;
static struct ws_timeline *timeline;

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    ck_assert_int_eq(ws_timeline_new(&timeline, machine, watcher), WS_OK);
}

static void teardown(void)
{
    ws_timeline_free(timeline);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

/* Go there, or to the end of the run if that is there or before it. */
static void go(struct ws_timeline *at, uint64_t mark)
{
    enum ws_seek seek = ws_timeline_seek(at, mark);
    ck_assert(seek == WS_SEEK_THERE || seek == WS_SEEK_END);
}

/* A branch at a mark. */
static struct ws_timeline *branch_at(struct ws_timeline *from, uint64_t mark)
{
    struct ws_timeline *branch;
    go(from, mark);
    ck_assert_int_eq(ws_timeline_branch(&branch, from), WS_OK);
    ck_assert_uint_eq(ws_timeline_parting(branch), mark);
    ck_assert_uint_le(ws_timeline_mark(branch), mark);
    go(branch, mark);
    ck_assert_uint_eq(ws_timeline_mark(branch), mark);
    return branch;
}

static uint64_t hash_at(struct ws_timeline *at, uint64_t mark)
{
    go(at, mark);
    return ws_machine_hash(machine);
}

/* In which nothing is changed, it is the same run, with the same crossings. */
START_TEST(an_unchanged_branch_is_the_run)
{
    size_t count, counted;
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END);
    uint64_t end = ws_timeline_mark(timeline), hash = ws_machine_hash(machine);
    ws_timeline_crossings(timeline, &count);
    struct ws_timeline *branch = branch_at(timeline, end * (unsigned)_i / 5);
    uint64_t there = ws_machine_hash(machine);
    ck_assert_int_eq(ws_timeline_end(branch), WS_SEEK_END);
    ck_assert_uint_eq(ws_timeline_mark(branch), end);
    ck_assert(ws_machine_hash(machine) == hash);
    const struct ws_crossing *again = ws_timeline_crossings(branch, &counted);
    const struct ws_crossing *crossing = ws_timeline_crossings(timeline, &count);
    ck_assert_uint_eq(counted, count);
    for (size_t at = 0; at < count; at++) {
        ck_assert_uint_eq(again[at].begin, crossing[at].begin);
        ck_assert_uint_eq(again[at].end, crossing[at].end);
        ck_assert_str_eq(again[at].from, crossing[at].from);
        ck_assert_str_eq(again[at].to, crossing[at].to);
    }
    ws_timeline_return(branch);
    ck_assert_uint_eq(ws_timeline_mark(timeline), end * (unsigned)_i / 5);
    ck_assert(ws_machine_hash(machine) == there);
    ck_assert(hash_at(timeline, 100) != hash);
}
END_TEST

/* A change belongs to its mark: it is there at once, whichever way the mark is come to. */
START_TEST(a_change_belongs_to_its_mark)
{
    enum { MARK = 3000 };
    uint64_t recorded = hash_at(timeline, MARK), later = hash_at(timeline, MARK + 500);
    struct ws_timeline *branch = branch_at(timeline, MARK);
    struct ws_registers registers;
    ck_assert(ws_machine_hash(machine) == recorded);
    ck_assert_int_eq(ws_machine_register_set(machine, WS_EBP, 0x12345678), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, 0x2000, "stays", 5), WS_OK); /* EBP is soon another one */
    uint64_t changed = ws_machine_hash(machine);
    ck_assert(changed != recorded);
    uint64_t changed_later = hash_at(branch, MARK + 500);
    ck_assert(changed_later != later);
    ck_assert(hash_at(branch, MARK - 1) == hash_at(branch, MARK - 1));
    ck_assert(hash_at(branch, MARK) == changed);
    ck_assert(hash_at(branch, MARK + 500) == changed_later);
    ck_assert(hash_at(branch, 0) != changed);
    ck_assert(hash_at(branch, MARK) == changed);
    ws_machine_registers(machine, &registers);
    ck_assert_uint_eq(registers.value[WS_EBP], 0x12345678);
    ws_timeline_return(branch);
    ck_assert(ws_machine_hash(machine) == recorded);
    ck_assert(hash_at(timeline, MARK + 500) == later);
}
END_TEST

/* What was asked of the recorded run from outside comes again behind a branch, and not in it. */
START_TEST(acts_of_the_recorded_run_come_back)
{
    enum { MARK = 9000, ACT = 9200 };
    ck_assert_int_eq(ws_timeline_seek(timeline, ACT), WS_SEEK_THERE);
    ck_assert_int_eq(ws_machine_write_phys(machine, 0x1000, "act", 3), WS_OK);
    uint64_t after = hash_at(timeline, ACT + 100);
    struct ws_timeline *branch = branch_at(timeline, MARK);
    ck_assert_int_eq(ws_machine_write_phys(machine, 0x2000, "branch", 6), WS_OK);
    uint8_t bytes[3];
    ck_assert_int_eq(ws_timeline_seek(branch, ACT + 100), WS_SEEK_THERE);
    ck_assert_int_eq(ws_machine_read_phys(machine, 0x1000, bytes, sizeof bytes), WS_OK);
    ck_assert_mem_ne(bytes, "act", 3);
    ws_timeline_return(branch);
    ck_assert(hash_at(timeline, ACT + 100) == after);
}
END_TEST

static const struct {
    enum ws_register which;
    uint32_t value;
    enum ws_status status;
} set_table[] = {
    {WS_EAX, 0xffffffff, WS_OK},
    {WS_EFLAGS, 0x247fd7, WS_OK},
    {WS_EFLAGS, 0, WS_BAD_ARGUMENT},       /* bit 1 is always set */
    {WS_EFLAGS, 0x10002, WS_BAD_ARGUMENT}, /* RF */
    {WS_EFLAGS, 0x20002, WS_BAD_ARGUMENT}, /* VM */
    {WS_CR0, 0x80000000, WS_BAD_ARGUMENT}, /* PG without PE */
    {WS_CR0, 0x10, WS_BAD_ARGUMENT},       /* real mode */
    {WS_CR0, 0x20000011, WS_BAD_ARGUMENT}, /* NW without CD */
    {WS_CR4, 0x80000000, WS_BAD_ARGUMENT}, /* reserved */
    {WS_CS, 8, WS_UNSUPPORTED},
    {WS_GDTR_BASE, 0, WS_UNSUPPORTED},
    {WS_TR, 0, WS_UNSUPPORTED},
    {WS_DR7, 0, WS_UNSUPPORTED},
};

START_TEST(registers_take_what_instructions_could_give_them)
{
    struct ws_registers before, after;
    ck_assert_int_eq(ws_timeline_seek(timeline, 3000), WS_SEEK_THERE);
    ws_machine_registers(machine, &before);
    ck_assert_int_eq(ws_machine_register_set(machine, set_table[_i].which, set_table[_i].value), set_table[_i].status);
    ws_machine_registers(machine, &after);
    if (set_table[_i].status == WS_OK)
        before.value[set_table[_i].which] = set_table[_i].value;
    ck_assert_mem_eq(&after, &before, sizeof after);
}
END_TEST

Suite *branch_suite(void);

Suite *branch_suite(void)
{
    Suite *suite = suite_create("branch");
    TCase *tests = tcase_create("branch");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, an_unchanged_branch_is_the_run, 0, 6);
    tcase_add_test(tests, a_change_belongs_to_its_mark);
    tcase_add_test(tests, acts_of_the_recorded_run_come_back);
    tcase_add_loop_test(tests, registers_take_what_instructions_could_give_them, 0,
                        sizeof set_table / sizeof set_table[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
