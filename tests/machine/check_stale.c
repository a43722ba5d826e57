/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that uses an address again whose page table entry it has changed, and that it has not invalidated, is told
 * of: once, at the instruction that uses it, and however it is run.
 * SDM 3A §4.10.4.1 "Operations that Invalidate TLBs and Paging-Structure Caches", §4.10.4.3 "Optional Invalidation"
 */
#include "machine/small.h"

#include <worldswitch/paging.h>

enum {
    DIRECTORY = 0x10000,
    TABLE = 0x11000,
    PAGE = 0x4000,          /* used by all rows; its entry stands at 0x11010 */
    UNUSED_ENTRY = 0x11018, /* of 0x6000, which nothing uses before */
    ROW_BYTES = 40,
};

/* mov $DIRECTORY, %eax; mov %eax, %cr3; mov %cr0, %eax; or $PG, %eax; mov %eax, %cr0; movb PAGE, %al */
#define BEGIN_PAGING \
    0xb8, 0, 0, 1, 0, 0x0f, 0x22, 0xd8, 0x0f, 0x20, 0xc0, 0x0d, 0, 0, 0, 0x80, 0x0f, 0x22, 0xc0, 0xa0, 0, 0x40, 0, 0
enum { BEGIN_BYTES = 24, BEGIN_INSTRUCTIONS = 6 };
#define SET_ENTRY(frame, bits)  0xc7, 0x05, 0x10, 0x10, 1, 0, bits, frame, 0, 0 /* movl $frame + bits, 0x11010 */
#define SET_UNUSED(frame, bits) 0xc7, 0x05, 0x18, 0x10, 1, 0, bits, frame, 0, 0
#define READ_PAGE               0xa0, 0, 0x40, 0, 0 /* movb 0x4000, %al */
#define READ_UNUSED             0xa0, 0, 0x60, 0, 0 /* movb 0x6000, %al */
#define WRITE_PAGE              0xa2, 0, 0x40, 0, 0 /* movb %al, 0x4000 */
#define INVLPG                  0x0f, 0x01, 0x3d, 0, 0x40, 0, 0
#define RELOAD_CR3              0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8
#define PROTECT                 0x0f, 0x20, 0xc0, 0x0d, 0, 0, 1, 0, 0x0f, 0x22, 0xc0 /* CR0.WP := 1 */

/* `told`: at which instruction behind the beginning, counted from 1; 0: never. */
static const struct {
    const char *name;
    uint8_t size;
    uint8_t code[ROW_BYTES];
    unsigned told;
} rows[] = {
    {"another frame", 15, {SET_ENTRY(0x50, 0x67), READ_PAGE}, 2},
    {"another frame, and a write", 15, {SET_ENTRY(0x50, 0x67), WRITE_PAGE}, 2},
    {"another frame, used twice", 20, {SET_ENTRY(0x50, 0x67), READ_PAGE, READ_PAGE}, 2},
    {"another frame, and invlpg", 22, {SET_ENTRY(0x50, 0x67), INVLPG, READ_PAGE}, 0},
    {"another frame, and CR3", 21, {SET_ENTRY(0x50, 0x67), RELOAD_CR3, READ_PAGE}, 0},
    {"taken away", 15, {SET_ENTRY(0x40, 0x66), READ_PAGE}, 2},
    {"the same frame, never dirty", 15, {SET_ENTRY(0x40, 0x07), READ_PAGE}, 0},
    {"never used before", 15, {SET_UNUSED(0x50, 0x07), READ_UNUSED}, 0},
    {"read-only, and a read", 26, {PROTECT, SET_ENTRY(0x40, 0x65), READ_PAGE}, 0},
    {"read-only, and a write", 26, {PROTECT, SET_ENTRY(0x40, 0x65), WRITE_PAGE}, 5},
    {"read-only, where the supervisor may write", 15, {SET_ENTRY(0x40, 0x65), WRITE_PAGE}, 0},
    {"more rights", 26, {SET_ENTRY(0x40, 0x65), RELOAD_CR3, SET_ENTRY(0x40, 0x67), WRITE_PAGE}, 0},
};

struct told {
    unsigned count;
    uint64_t mark;
    uint32_t page;
};

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct told *told = context;
    (void)machine;
    told->count++;
    told->mark = event->mark;
    told->page = event->which;
}

/* The first 64 pages are mapped one to one. */
static struct ws_machine *paging_machine_make(int row, struct told *told)
{
    static const uint8_t begin[] = {BEGIN_PAGING};
    struct ws_machine *machine = machine_make(begin, sizeof begin);
    const uint32_t directory = TABLE | WS_PTE_P | WS_PTE_RW;
    ws_machine_write_phys(machine, DIRECTORY, &directory, sizeof directory);
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t entry = i * (uint32_t)WS_PAGE_BYTES | WS_PTE_P | WS_PTE_RW;
        ws_machine_write_phys(machine, TABLE + 4 * i, &entry, sizeof entry);
    }
    ws_machine_write_phys(machine, CODE + sizeof begin, rows[row].code, rows[row].size);
    ck_assert_int_eq(ws_machine_listen(machine, WS_EVENT_MASK(STALE), event_take, told), WS_OK);
    return machine;
}

static void told_expect(const struct told *told, int row, const char *way)
{
    ck_assert_msg(told->count == (rows[row].told > 0), "%s, %s: told %u times", rows[row].name, way, told->count);
    if (!told->count)
        return;
    ck_assert_msg(told->mark == BEGIN_INSTRUCTIONS + rows[row].told - 1, "%s, %s: told at mark %llu", rows[row].name,
                  way, (unsigned long long)told->mark);
    ck_assert_uint_eq(told->page, PAGE);
}

/* A row that faults ends in a triple fault: there is no IDT.  Others run into zeroes, which write to (%eax). */
enum { ENOUGH = BEGIN_INSTRUCTIONS + 6 };

static void runs_expect(int row, uint64_t instructions, const char *way)
{
    struct told told = {0};
    struct ws_machine *machine = paging_machine_make(row, &told);
    while (ws_machine_mark(machine) < ENOUGH && ws_machine_run(machine, instructions) == WS_STOP_COUNT)
        continue;
    told_expect(&told, row, way);
    ws_machine_free(machine);
}

START_TEST(a_run_is_told)
{
    runs_expect(_i, ENOUGH, "run");
}
END_TEST

START_TEST(steps_are_told)
{
    runs_expect(_i, 1, "in steps");
}
END_TEST

/* The state between the change and the use has what a processor may still hold. */
START_TEST(a_restored_run_is_told)
{
    struct told told = {0};
    struct ws_machine *machine = paging_machine_make(_i, &told);
    struct ws_snapshot *snapshot;
    if (rows[_i].told) {
        ws_machine_run(machine, BEGIN_INSTRUCTIONS + rows[_i].told - 1);
        ck_assert_uint_eq(told.count, 0);
        ck_assert_int_eq(ws_snapshot_take(&snapshot, machine), WS_OK);
        ws_machine_run(machine, ENOUGH);
        told_expect(&told, _i, "before going back");
        told.count = 0;
        ws_snapshot_restore(snapshot, machine);
        ws_snapshot_free(snapshot);
        ws_machine_run(machine, ENOUGH);
        told_expect(&told, _i, "after going back");
    }
    ws_machine_free(machine);
}
END_TEST

Suite *stale_suite(void)
{
    enum { ROWS = sizeof rows / sizeof rows[0] };
    Suite *suite = suite_create("stale");
    TCase *told = tcase_create("told");
    tcase_add_loop_test(told, a_run_is_told, 0, ROWS);
    tcase_add_loop_test(told, steps_are_told, 0, ROWS);
    tcase_add_loop_test(told, a_restored_run_is_told, 0, ROWS);
    suite_add_tcase(suite, told);
    return suite;
}
