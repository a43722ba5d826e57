/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading a Linux kernel: where its parts go, what is refused, and that no damaged one does harm.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>

enum { MIB = 1 << 20, PAGE = 4096, TABLES = 0x20000, ZERO_PAGE = 0x10000, SETUP_BYTES = 1024 };
enum { CODE_BYTES = 2 * PAGE, KERNEL_BYTES = SETUP_BYTES + CODE_BYTES };

static struct ws_machine *machine;
static struct ws_buffer why;
static uint8_t kernel[KERNEL_BYTES];

static void put(unsigned at, unsigned bytes, uint32_t value)
{
    memcpy(kernel + at, &value, bytes);
}

static void setup(void)
{
    const struct ws_machine_options options = {.memory_bytes = 4 * MIB, .max_instructions = 1000};
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    memset(kernel, 0, sizeof kernel);
    memset(kernel + SETUP_BYTES, 0xcc, CODE_BYTES);
    put(0x1f1, 1, 1);
    put(0x1f4, 4, CODE_BYTES / 16);
    put(0x200, 2, 0x66eb);
    memcpy(kernel + 0x202, "HdrS", 4);
    put(0x206, 2, 0x20f);
    put(0x211, 1, 1);
    put(0x22c, 4, 0x7fffffff);
    put(0x238, 4, 255);
    put(0x258, 4, MIB);
    put(0x260, 4, MIB);
}

static void teardown(void)
{
    ws_machine_free(machine);
    ws_buffer_release(&why);
}

static enum ws_status boot(const char *line, const void *initrd, size_t bytes)
{
    const struct ws_boot_module module = {initrd, bytes, NULL};
    const struct ws_boot_options options = {line, &module, initrd ? 1 : 0};
    ws_buffer_clear(&why);
    return ws_image_boot(machine, kernel, sizeof kernel, &options, NULL, &why);
}

static uint32_t told(unsigned at, unsigned bytes)
{
    uint32_t value = 0;
    ck_assert_int_eq(ws_machine_read_phys(machine, ZERO_PAGE + at, &value, bytes), WS_OK);
    return value;
}

START_TEST(the_second_part_is_entered_with_the_zero_page)
{
    uint8_t code[CODE_BYTES];
    struct ws_registers registers;
    ck_assert_int_eq(boot("quiet", NULL, 0), WS_OK);
    ck_assert_int_eq(ws_machine_read_phys(machine, MIB, code, sizeof code), WS_OK);
    ck_assert(memcmp(code, kernel + SETUP_BYTES, sizeof code) == 0);
    ws_machine_registers(machine, &registers);
    ck_assert_uint_eq(registers.value[WS_EIP], MIB);
    ck_assert_uint_eq(registers.value[WS_ESI], ZERO_PAGE);
    ck_assert_uint_eq(registers.value[WS_CS], 0x10);
    ck_assert_uint_eq(registers.value[WS_DS], 0x18);
    ck_assert_uint_eq(ws_machine_cpl(machine), 0);
    ck_assert_uint_eq(told(0x210, 1), 0xff);
    ck_assert_uint_eq(told(0x218, 4), 0);
    ck_assert_uint_eq(told(0x1e8, 1), 6);
    ck_assert_uint_eq(told(0x1e0, 4), (3 * MIB - TABLES) / 1024);
    ck_assert_uint_eq(told(0x07, 1), 80);
}
END_TEST

/* The screen, which a BIOS would have set up, is no part of the header: what the file has there stays away. */
START_TEST(only_the_header_is_taken_from_the_file)
{
    memset(kernel, 0xee, 0x1f1);
    memset(kernel + 0x268, 0xee, SETUP_BYTES - 0x268);
    ck_assert_int_eq(boot("", NULL, 0), WS_OK);
    ck_assert_uint_eq(told(0x1ef, 1), 0);
    ck_assert_uint_eq(told(0x268, 4), 0);
    put(0x201, 1, 0x2a); /* up to version 2.02 */
    put(0x206, 2, 0x202);
    ck_assert_int_eq(boot("", NULL, 0), WS_OK);
    ck_assert_uint_eq(told(0x238, 4), 0);
}
END_TEST

START_TEST(the_initial_ram_disk_lies_as_high_as_it_may)
{
    static uint8_t content[PAGE + 1] = {[PAGE] = 7};
    ck_assert_int_eq(boot("", content, sizeof content), WS_OK);
    ck_assert_uint_eq(told(0x218, 4), 4 * MIB - TABLES - 2 * PAGE);
    ck_assert_uint_eq(told(0x21c, 4), sizeof content);
    put(0x22c, 4, 3 * MIB - 1);
    ck_assert_int_eq(boot("", content, sizeof content), WS_OK);
    ck_assert_uint_eq(told(0x218, 4), 3 * MIB - 2 * PAGE);
    uint8_t last;
    ck_assert_int_eq(ws_machine_read_phys(machine, 3 * MIB - PAGE, &last, 1), WS_OK);
    ck_assert_uint_eq(last, 7);
}
END_TEST

START_TEST(the_initial_ram_disk_needs_room)
{
    enum { ROOM = 2 * MIB - TABLES };
    static uint8_t content[ROOM + 1];
    ck_assert_int_eq(boot("", content, ROOM), WS_OK);
    ck_assert_uint_eq(told(0x218, 4), 2 * MIB);
    ck_assert_int_eq(boot("", content, ROOM + 1), WS_NO_ROOM);
    ck_assert_ptr_nonnull(strstr(ws_buffer_text(&why), "give the machine more memory"));
    put(0x22c, 4, 0);
    ck_assert_int_eq(boot("", content, 2), WS_NO_ROOM);
    ck_assert_int_eq(boot("", content, SIZE_MAX), WS_NO_ROOM);
}
END_TEST

START_TEST(the_command_line_ends_where_the_kernel_reads_no_further)
{
    char line[0x11000], seen[300];
    memset(line, 'x', sizeof line);
    line[255] = 0;
    ck_assert_int_eq(boot(line, NULL, 0), WS_OK);
    ck_assert_int_eq(ws_machine_read_phys(machine, told(0x228, 4), seen, sizeof seen), WS_OK);
    ck_assert_str_eq(seen, line);
    line[255] = 'x';
    line[256] = 0;
    ck_assert_int_eq(boot(line, NULL, 0), WS_NO_ROOM);
    ck_assert_ptr_nonnull(strstr(ws_buffer_text(&why), "256 bytes, and this kernel takes 255"));
    put(0x238, 4, UINT32_MAX);
    line[256] = 'x';
    line[0x10000] = 0;
    ck_assert_int_eq(boot(line, NULL, 0), WS_NO_ROOM);
}
END_TEST

/* One field of the header, and what is said of it. */
static const struct {
    unsigned at, bytes;
    uint32_t value;
    enum ws_status status;
    const char *says;
} damage[] = {
    {0x206, 2, 0x201, WS_UNSUPPORTED, "boot protocol 2.01;"},
    {0x206, 2, 0, WS_UNSUPPORTED, "boot protocol 0.00;"},
    {0x211, 1, 0, WS_UNSUPPORTED, "that starts below 1 MiB"},
    {0x236, 2, 1, WS_UNSUPPORTED, "for 64-bit mode"},
    {0x1f4, 4, CODE_BYTES / 16 + 1, WS_BAD_IMAGE, "was it cut off?"},
    {0x1f4, 4, UINT32_MAX, WS_BAD_IMAGE, "was it cut off?"},
    {0x1f1, 1, 0xff, WS_BAD_IMAGE, "was it cut off?"},
    {0x1f1, 1, 0, WS_BAD_IMAGE, "behind its first 2560;"},
    {0x258, 4, UINT32_MAX, WS_NO_ROOM, "up to 0x1000fffff, and the machine has 4096 KiB"},
    {0x260, 4, UINT32_MAX, WS_NO_ROOM, "give it more"},
    {0x260, 4, 3 * MIB - TABLES + 1, WS_NO_ROOM, "give it more"},
    {0x260, 4, 3 * MIB - TABLES, WS_OK, NULL},
    {0x258, 4, 0, WS_OK, NULL},
    {0x206, 2, 0xffff, WS_OK, NULL},
};

START_TEST(a_kernel_that_cannot_be_loaded_is_refused)
{
    put(damage[_i].at, damage[_i].bytes, damage[_i].value);
    enum ws_status status = boot("", NULL, 0);
    ck_assert_msg(status == damage[_i].status, "0x%x: %s; %s", damage[_i].at, ws_status_text(status),
                  ws_buffer_text(&why));
    ck_assert_msg(!damage[_i].says || strstr(ws_buffer_text(&why), damage[_i].says), "0x%x: %s", damage[_i].at,
                  ws_buffer_text(&why));
}
END_TEST

START_TEST(a_kernel_may_be_cut_off_anywhere)
{
    for (size_t bytes = 0; bytes < sizeof kernel - 15; bytes += bytes < SETUP_BYTES + 32 ? 1 : 97) {
        uint8_t *file = malloc(bytes + !bytes); /* of its very size, so that the sanitizers see its end */
        ck_assert_ptr_nonnull(file);
        memcpy(file, kernel, bytes);
        ck_assert_msg(ws_image_boot(machine, file, bytes, NULL, NULL, NULL) == WS_BAD_IMAGE, "%zu bytes", bytes);
        free(file);
    }
}
END_TEST

START_TEST(damaged_kernels_do_no_harm)
{
    static const uint32_t evil[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffff000, 0x100000, 0x400000};
    static const uint8_t content[100];
    unsigned loaded = 0;
    for (unsigned at = 0x1f1; at < 0x290; at++) {
        for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
            uint8_t before[4];
            memcpy(before, kernel + at, 4);
            put(at, 1 + at % 4, evil[i]);
            loaded += boot("line", content, sizeof content) == WS_OK;
            memcpy(kernel + at, before, 4);
        }
    }
    ck_assert_uint_gt(loaded, 500);
}
END_TEST

/* What has only the four letters is none. */
START_TEST(other_files_are_no_kernel)
{
    ck_assert(ws_image_is_linux(kernel, sizeof kernel));
    ck_assert(!ws_image_is_linux(kernel, 0x206));
    kernel[0x202] = 'h';
    ck_assert(!ws_image_is_linux(kernel, sizeof kernel));
    ck_assert_int_eq(boot("", NULL, 0), WS_BAD_IMAGE);
}
END_TEST

Suite *linux_suite(void);
Suite *linux_suite(void)
{
    Suite *suite = suite_create("linux");
    TCase *tcase = tcase_create("linux");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_second_part_is_entered_with_the_zero_page);
    tcase_add_test(tcase, only_the_header_is_taken_from_the_file);
    tcase_add_test(tcase, the_initial_ram_disk_lies_as_high_as_it_may);
    tcase_add_test(tcase, the_initial_ram_disk_needs_room);
    tcase_add_test(tcase, the_command_line_ends_where_the_kernel_reads_no_further);
    tcase_add_loop_test(tcase, a_kernel_that_cannot_be_loaded_is_refused, 0, sizeof damage / sizeof *damage);
    tcase_add_test(tcase, a_kernel_may_be_cut_off_anywhere);
    tcase_add_test(tcase, damaged_kernels_do_no_harm);
    tcase_add_test(tcase, other_files_are_no_kernel);
    suite_add_tcase(suite, tcase);
    return suite;
}
