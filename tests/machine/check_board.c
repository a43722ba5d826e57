/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board: what its parts do together, and that going back takes all of it back.
 */
#define _XOPEN_SOURCE 700 /* mkstemp */
#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/image.h>

#include "machine/board.h"
#include "machine/guests.h"

enum { CODE = 0x1000, MEMORY = 1 << 20 };

/* A machine with a few bytes of code, flat and without any table. */
static struct ws_machine *machine_make(const void *code, size_t size)
{
    struct ws_machine_options options = {.memory_bytes = MEMORY, .max_instructions = 10000000};
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, CODE, code, size), WS_OK);
    ck_assert_int_eq(ws_machine_start(machine, CODE, 0, 0), WS_OK);
    return machine;
}

/* -- ports that end the run -------------------------------------------------------------------- */

static const struct {
    const char *what;
    uint8_t code[10];
    uint32_t reason;
    int status;
} ends[] = {
    {"debug exit", {0xb0, 0x10, 0xe6, 0xf4}, WS_HALT_EXIT, 33},
    {"keyboard controller", {0xb0, 0xfe, 0xe6, 0x64}, WS_HALT_RESET, 0},
    {"port 0x92", {0xb0, 0x03, 0xe6, 0x92}, WS_HALT_RESET, 0},
    {"port 0xcf9", {0x66, 0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee}, WS_HALT_RESET, 0},
    {"port 0x604", {0x66, 0xba, 0x04, 0x06, 0x66, 0xb8, 0x00, 0x20, 0x66, 0xef}, WS_HALT_POWER_OFF, 0},
};

START_TEST(ports_end_the_run)
{
    struct ws_machine *machine = machine_make(ends[_i].code, sizeof ends[_i].code);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_msg(ws_machine_halt(machine)->reason == ends[_i].reason, "%s", ends[_i].what);
    ck_assert_int_eq(ws_halt_exit_status(ws_machine_halt(machine)), ends[_i].status);
    ck_assert_uint_eq(ws_machine_mark(machine), ends[_i].code[0] == 0x66 ? 3 : 2);
    ws_machine_free(machine);
}
END_TEST

/* Each guest looks for PCI where 0xcf9 lies in between, and halts. */
static const struct {
    const char *what;
    uint8_t code[24];
    uint32_t eax;
} searches[] = {
    {"a double word", {0xb8, 0, 0x04, 0, 0x80, 0x66, 0xba, 0xf8, 0x0c, 0xef, 0xb2, 0xfc, 0xed, 0xf4}, 0xffffffff},
    {"and back", {0xb8, 0, 0x04, 0, 0x80, 0x66, 0xba, 0xf8, 0x0c, 0xef, 0xed, 0xf4}, 0x80000400},
    {"a word", {0xb8, 0, 0x04, 0, 0x80, 0x66, 0xba, 0xf8, 0x0c, 0x66, 0xef, 0x66, 0xed, 0xf4}, 0x8000ffff},
    {"a word at 0xcf9", {0xb8, 6, 6, 0, 0, 0x66, 0xba, 0xf9, 0x0c, 0x66, 0xef, 0xec, 0xf4}, 0x600},
};

START_TEST(a_search_for_pci_resets_nothing)
{
    struct ws_registers registers;
    struct ws_machine *machine = machine_make(searches[_i].code, sizeof searches[_i].code);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_msg(ws_machine_halt(machine)->reason == WS_HALT_STOPPED, "%s", searches[_i].what);
    ws_machine_registers(machine, &registers);
    ck_assert_msg(registers.value[WS_EAX] == searches[_i].eax, "%s: eax 0x%x", searches[_i].what,
                  registers.value[WS_EAX]);
    ws_machine_free(machine);
}
END_TEST

/* -- ports without a chip ---------------------------------------------------------------------- */

static void event_count(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)machine;
    ck_assert_uint_eq(event->which, 0x2f0);
    ck_assert_uint_eq(event->after, 0xff);
    ++*(int *)context;
}

START_TEST(a_port_without_a_chip_is_told_once)
{
    /* mov $0x2f0,%dx; 1: in (%dx),%al; in $0x61,%al; jmp 1b */
    static const uint8_t code[] = {0x66, 0xba, 0xf0, 0x02, 0xec, 0xe4, 0x61, 0xeb, 0xfb};
    struct ws_machine *machine = machine_make(code, sizeof code);
    struct ws_snapshot *snapshot;
    int events = 0;
    ck_assert_int_eq(ws_machine_listen(machine, WS_EVENT_MASK(NO_CHIP), event_count, &events), WS_OK);
    ck_assert_int_eq(ws_snapshot_take(&snapshot, machine), WS_OK);
    ws_machine_run(machine, 30);
    ck_assert_int_eq(events, 1);
    ws_snapshot_restore(snapshot, machine);
    ws_machine_run(machine, 30);
    ck_assert_int_eq(events, 2); /* what happened again is told again */
    ws_snapshot_free(snapshot);
    ws_machine_free(machine);
}
END_TEST

/* -- serial input ------------------------------------------------------------------------------ */

/* mov $0x3fd,%dx; 1: in (%dx),%al; test $1,%al; je 1b; mov $0xf8,%dl; in (%dx),%al; inc %al; out
 * %al,(%dx); mov $0xfd,%dl; jmp 1b: send back each byte's successor */
static const uint8_t echo[] = {0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xfb, 0xb2,
                               0xf8, 0xec, 0xfe, 0xc0, 0xee, 0xb2, 0xfd, 0xeb, 0xf1};

START_TEST(input_comes_again_after_going_back)
{
    struct ws_machine *machine = machine_make(echo, sizeof echo);
    struct ws_snapshot *start;
    ck_assert_int_eq(ws_snapshot_take(&start, machine), WS_OK);
    ws_machine_run(machine, 1000);
    ck_assert_int_eq(ws_machine_serial_input(machine, "HAL", 3), WS_OK);
    ws_machine_run(machine, 499000);
    ck_assert_int_eq(ws_machine_serial_input(machine, "1", 1), WS_OK);
    ws_machine_run(machine, 500000);
    uint64_t hash = ws_machine_hash(machine);
    ck_assert_str_eq(ws_machine_serial(machine, NULL), "IBM2");

    ws_snapshot_restore(start, machine);
    ws_machine_run(machine, 1000000);
    ck_assert_str_eq(ws_machine_serial(machine, NULL), "IBM2");
    ck_assert(ws_machine_hash(machine) == hash);

    ws_snapshot_restore(start, machine); /* and another future */
    ws_machine_run(machine, 2000);
    ck_assert_int_eq(ws_machine_serial_input(machine, "x", 1), WS_OK);
    ws_machine_run(machine, 998000);
    ck_assert_str_eq(ws_machine_serial(machine, NULL), "IBMy");
    ws_snapshot_free(start);
    ws_machine_free(machine);
}
END_TEST

/* -- the disk ---------------------------------------------------------------------------------- */

static bool disk_was_written(const struct ws_machine *machine)
{
    uint8_t sector[512];
    ck_assert_int_eq(ws_machine_disk_read(machine, 20, sector, 1), WS_OK);
    if (memcmp(sector, "sector 20 ", 10) == 0)
        return false;
    ck_assert(sector[0] == 0xef && sector[511] == 0xbe);
    return true;
}

/* The program writes sector 20. */
START_TEST(the_disk_goes_back_with_the_machine)
{
    struct ws_machine *machine = guest_load("ata");
    struct ws_snapshot *start, *end;
    ck_assert_int_eq(ws_snapshot_take(&start, machine), WS_OK);
    uint64_t hash = ws_machine_hash(machine);
    ck_assert(!disk_was_written(machine));
    ws_machine_run(machine, 0);
    ck_assert(disk_was_written(machine));
    uint64_t end_hash = ws_machine_hash(machine);
    ck_assert_int_eq(ws_snapshot_take(&end, machine), WS_OK);
    ws_snapshot_restore(start, machine);
    ck_assert(!disk_was_written(machine));
    ck_assert(ws_machine_hash(machine) == hash);
    ws_snapshot_restore(end, machine);
    ws_snapshot_free(end);
    ck_assert(disk_was_written(machine));
    ck_assert(ws_machine_hash(machine) == end_hash);
    ws_snapshot_restore(start, machine);
    ws_machine_run(machine, 0);
    ck_assert(ws_machine_hash(machine) == end_hash);
    ws_snapshot_free(start);
    ws_machine_free(machine);
}
END_TEST

/* Run the program on a disk in a file, and save it. */
static void ata_run_on(const char *path, bool throwaway)
{
    struct ws_machine_options options = {.max_instructions = GUEST_LIMIT};
    struct ws_buffer image = {0};
    struct ws_machine *machine;
    char program[GUEST_PATH];
    snprintf(program, sizeof program, "%s/guest/tests/guest/ata.elf", guest_folder("top_builddir"));
    ck_assert_int_eq(ws_file_read(program, 1 << 24, &image), WS_OK);
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, "", NULL, NULL), WS_OK);
    ck_assert_int_eq(ws_machine_disk_attach(machine, path, throwaway), WS_OK);
    ck_assert_int_eq(ws_machine_disk_attach(machine, path, throwaway), WS_BAD_ARGUMENT);
    ws_machine_run(machine, 0);
    ck_assert(disk_was_written(machine));
    ck_assert_int_eq(ws_machine_disk_save(machine), WS_OK);
    ws_machine_free(machine);
    ws_buffer_release(&image);
}

START_TEST(a_file_changes_only_when_it_is_for_keeping)
{
    char path[] = "/tmp/check_board.XXXXXX";
    struct ws_buffer before = {0}, after = {0};
    struct ws_machine *machine = guest_load("ata");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    size_t size = (size_t)ws_machine_disk_bytes(machine);
    uint8_t *content = malloc(size);
    ck_assert_int_eq(ws_machine_disk_read(machine, 0, content, (uint32_t)(size / 512)), WS_OK);
    ck_assert_int_eq(ws_file_write(path, content, size - 100), WS_OK); /* not a whole sector */
    ata_run_on(path, true);
    ck_assert_int_eq(ws_file_read(path, 1 << 24, &before), WS_OK);
    ck_assert(before.size == size - 100 && memcmp(before.data, content, size - 100) == 0);
    ata_run_on(path, false);
    ck_assert_int_eq(ws_file_read(path, 1 << 24, &after), WS_OK);
    ck_assert_uint_eq(after.size, size - 100); /* the guest has not written the last sector */
    ck_assert(memcmp(after.data + 512 * 20, content + 512 * 20, 1024) != 0);
    ck_assert(memcmp(after.data, content, 512 * 20) == 0);
    unlink(path);
    free(content);
    ws_buffer_release(&before);
    ws_buffer_release(&after);
    ws_machine_free(machine);
}
END_TEST

START_TEST(what_is_no_disk_is_refused)
{
    struct ws_machine *machine = machine_make(echo, sizeof echo);
    uint8_t sector[512];
    ck_assert_int_eq(ws_machine_disk_attach(machine, "/no/such/file", true), WS_BAD_FILE);
    ck_assert_int_eq(ws_machine_disk_attach(machine, "/", true), WS_BAD_FILE);
    ck_assert_int_eq(ws_machine_disk_attach(machine, "/dev/null", true), WS_BAD_FILE);
    ck_assert_int_eq(ws_machine_disk_attach_memory(machine, sector, 0), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_machine_disk_read(machine, 0, sector, 1), WS_BAD_ARGUMENT);
    ck_assert(ws_machine_disk_bytes(machine) == 0);
    ws_machine_run(machine, 1);
    ck_assert_int_eq(ws_machine_disk_attach_memory(machine, echo, sizeof echo), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_machine_disk_save(machine), WS_OK);
    ws_machine_free(machine);
}
END_TEST

/* -- time and the screen ----------------------------------------------------------------------- */

START_TEST(a_second_has_as_many_instructions_as_asked_for)
{
    /* xor %al,%al; out %al,$0x70; 1: in $0x71,%al; test %al,%al; je 1b; cli; hlt: wait for the
     * clock's first second */
    static const uint8_t code[] = {0x30, 0xc0, 0xe6, 0x70, 0xe4, 0x71, 0x84, 0xc0, 0x74, 0xfa, 0xfa, 0xf4};
    struct ws_machine_options slow = {.ips = 999};
    struct ws_machine *none;
    ck_assert_int_eq(ws_machine_new(&none, &slow), WS_BAD_ARGUMENT);
    for (uint64_t ips = 1000; ips <= 1000000; ips *= 10) {
        struct ws_machine_options options = {.memory_bytes = MEMORY, .ips = ips};
        struct ws_machine *machine;
        ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
        ws_machine_write_phys(machine, CODE, code, sizeof code);
        ws_machine_start(machine, CODE, 0, 0);
        ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
        ck_assert(ws_machine_mark(machine) >= ips && ws_machine_mark(machine) < ips + 8);
        ws_machine_free(machine);
    }
}
END_TEST

START_TEST(the_text_screen_is_seen)
{
    /* movl $0x1f421f41,0xb80a0; then the cursor to 0x51 */
    static const uint8_t code[] = {0xc7, 0x05, 0xa0, 0x80, 0x0b, 0x00, 0x41, 0x1f, 0x42, 0x1f, 0x66,
                                   0xba, 0xd4, 0x03, 0xb0, 0x0f, 0xee, 0xb2, 0xd5, 0xb0, 0x51, 0xee};
    struct ws_machine *machine = machine_make(code, sizeof code);
    struct ws_text_cell row[WS_TEXT_COLUMNS];
    unsigned line, column;
    ck_assert(ws_machine_text_cursor(machine, &line, &column) && line == 0 && column == 0);
    ws_machine_run(machine, 7);
    ws_machine_text_row(machine, 1, row);
    ck_assert(row[0].character == 'A' && row[1].character == 'B' && row[1].attribute == 0x1f);
    ck_assert(ws_machine_text_cursor(machine, &line, &column) && line == 1 && column == 1);
    ws_machine_free(machine);
}
END_TEST

/* Each byte of the chips is in a part, but for gaps between them: `worldswitch diff` misses nothing. */
START_TEST(parts_are_the_whole)
{
    enum { GAPS = 64 };
    struct ws_machine *machine;
    unsigned missing = 0;
    uint64_t before[WS_PART_COUNT];
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    uint8_t *chips = (uint8_t *)&machine->chips;
    for (unsigned part = 0; part < WS_PART_COUNT; part++)
        before[part] = ws_machine_part_hash(machine, (enum ws_part)part);
    for (size_t i = 0; i < sizeof machine->chips; i += i < offsetof(struct ws__chips, unknown) ? 1 : 509) {
        unsigned part = 0;
        chips[i] ^= 0x5a;
        while (part < WS_PART_COUNT && ws_machine_part_hash(machine, (enum ws_part)part) == before[part])
            part++;
        chips[i] ^= 0x5a;
        missing += part == WS_PART_COUNT;
    }
    ck_assert_uint_lt(missing, GAPS);
    ws_machine_free(machine);
}
END_TEST

Suite *board_suite(void)
{
    Suite *suite = suite_create("board");
    TCase *tcase = tcase_create("board");
    tcase_add_loop_test(tcase, ports_end_the_run, 0, sizeof ends / sizeof *ends);
    tcase_add_loop_test(tcase, a_search_for_pci_resets_nothing, 0, sizeof searches / sizeof *searches);
    tcase_add_test(tcase, a_port_without_a_chip_is_told_once);
    tcase_add_test(tcase, parts_are_the_whole);
    tcase_add_test(tcase, input_comes_again_after_going_back);
    tcase_add_test(tcase, the_disk_goes_back_with_the_machine);
    tcase_add_test(tcase, a_file_changes_only_when_it_is_for_keeping);
    tcase_add_test(tcase, what_is_no_disk_is_refused);
    tcase_add_test(tcase, a_second_has_as_many_instructions_as_asked_for);
    tcase_add_test(tcase, the_text_screen_is_seen);
    suite_add_tcase(suite, tcase);
    return suite;
}
