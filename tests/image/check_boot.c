/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is loaded beside an image, and images without a format.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/machine.h>

#include "image/image_made.h"
#include "image/multiboot.h"

enum { MIB = 1 << 20, PAGE = 4096, TABLES = 0x20000 };

static struct ws_machine *machine;
static struct ws_buffer image, why;

static void setup(void)
{
    const struct ws_machine_options options = {.memory_bytes = 4 * MIB, .max_instructions = 1000};
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(image_make(&image), WS_OK);
}

static void teardown(void)
{
    ws_machine_free(machine);
    ws_buffer_release(&image);
    ws_buffer_release(&why);
}

static void memory_get(uint32_t phys, void *out, size_t bytes)
{
    struct ws_physical memory = ws_machine_memory(machine);
    ck_assert_msg(phys < memory.bytes && bytes <= memory.bytes - phys, "0x%x", phys);
    memcpy(out, memory.ram + phys, bytes);
}

static void string_expect(uint32_t phys, const char *wanted)
{
    char seen[64];
    memory_get(phys, seen, sizeof seen);
    ck_assert_str_eq(seen, wanted);
}

static struct ws__boot_information information_get(void)
{
    struct ws_registers registers;
    struct ws__boot_information information;
    ws_machine_registers(machine, &registers);
    memory_get(registers.value[WS_EBX], &information, sizeof information);
    return information;
}

START_TEST(modules_lie_on_pages_behind_the_image)
{
    static uint8_t large[PAGE + 1] = {[PAGE] = 7};
    const struct ws_boot_module module[] = {{"first", 5, "the first"}, {"", 0, NULL}, {large, sizeof large, "third"}};
    const struct ws_boot_options options = {"line", module, 3};
    const uint32_t begin[] = {MADE_DATA + MADE_DATA_BYTES, MADE_DATA + MADE_DATA_BYTES + PAGE,
                              MADE_DATA + MADE_DATA_BYTES + PAGE};
    ck_assert_int_eq(ws_image_boot(machine, image.data, image.size, &options, NULL, &why), WS_OK);
    struct ws__boot_information information = information_get();
    ck_assert_uint_eq(information.modules_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        struct ws__module_row row;
        uint8_t content[sizeof large];
        memory_get(information.modules + i * (uint32_t)sizeof row, &row, sizeof row);
        ck_assert_msg(row.begin == begin[i] && row.end - row.begin == module[i].bytes && row.reserved == 0,
                      "module %u: 0x%x to 0x%x", i, row.begin, row.end);
        memory_get(row.begin, content, sizeof content);
        ck_assert_msg(memcmp(content, module[i].content, module[i].bytes) == 0, "module %u", i);
        string_expect(row.string, module[i].string ? module[i].string : "");
    }
    string_expect(information.command_line, "line");
    string_expect(information.loader_name, "worldswitch");
}
END_TEST

START_TEST(modules_leave_the_firmwares_tables_alone)
{
    enum { ROOM = 4 * MIB - TABLES - (MADE_DATA + MADE_DATA_BYTES) };
    static uint8_t content[ROOM + 1];
    struct ws_boot_module module = {content, ROOM, "x"};
    const struct ws_boot_options options = {NULL, &module, 1};
    ck_assert_int_eq(ws_image_boot(machine, image.data, image.size, &options, NULL, NULL), WS_OK);
    module.bytes++;
    ck_assert_int_eq(ws_image_boot(machine, image.data, image.size, &options, NULL, &why), WS_NO_ROOM);
    ck_assert_ptr_nonnull(strstr(ws_buffer_text(&why), "module 1 of"));
}
END_TEST

START_TEST(an_image_in_low_memory_has_its_modules_above)
{
    uint32_t phys = 0x20000, entry = 0x2000c, second = 0x30000;
    const struct ws_boot_module module = {"x", 1, NULL};
    const struct ws_boot_options options = {NULL, &module, 1};
    struct ws__module_row row;
    memcpy(image.data + MADE_PHDR + P_PADDR, &phys, 4);
    memcpy(image.data + MADE_PHDR + MADE_PHDR_BYTES + P_PADDR, &second, 4);
    memcpy(image.data + MADE_ENTRY_FIELD, &entry, 4);
    ck_assert_int_eq(ws_image_boot(machine, image.data, image.size, &options, NULL, NULL), WS_OK);
    memory_get(information_get().modules, &row, sizeof row);
    ck_assert_uint_eq(row.begin, MIB);
}
END_TEST

START_TEST(a_long_command_line_needs_room)
{
    static char line[0xa0000];
    memset(line, 'x', sizeof line - 1);
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, line, NULL, &why), WS_NO_ROOM);
    ck_assert_ptr_nonnull(strstr(ws_buffer_text(&why), "shorten its command line"));
    line[0x80000] = 0;
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, line, NULL, NULL), WS_OK);
}
END_TEST

/* mov $0x21, %al; out %al, $0xf4; hlt */
static uint8_t flat_code[512] = {0xb0, 0x21, 0xe6, 0xf4, 0xf4};

START_TEST(a_flat_image_starts_with_its_first_byte)
{
    struct ws_registers registers;
    ck_assert_int_eq(ws_image_load_flat(machine, flat_code, 5, 0x7c00, &why), WS_OK);
    ws_machine_registers(machine, &registers);
    ck_assert_uint_eq(registers.value[WS_EIP], 0x7c00);
    ck_assert_uint_eq(registers.value[WS_EAX], 0);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->exit_value, 0x21);
}
END_TEST

static const struct {
    uint32_t phys;
    size_t bytes;
    enum ws_status status;
    const char *why;
} flats[] = {
    {0x7c00, 512, WS_UNSUPPORTED, "16-bit code"},
    {0x100000, 512, WS_OK, ""},
    {0x100000, 0, WS_BAD_IMAGE, "empty"},
    {4 * MIB - 512, 512, WS_OK, ""},
    {4 * MIB - 511, 512, WS_NO_ROOM, "does not fit"},
    {0xffffff00, 512, WS_BAD_IMAGE, "beyond 4 GiB"},
    {0x9ff00, 512, WS_BAD_IMAGE, "video memory"},
};

START_TEST(flat_images_lie_in_memory)
{
    static uint8_t sector[512] = {[510] = 0x55, [511] = 0xaa};
    enum ws_status status = ws_image_load_flat(machine, sector, flats[_i].bytes, flats[_i].phys, &why);
    ck_assert_msg(status == flats[_i].status && strstr(ws_buffer_text(&why), flats[_i].why), "0x%x, %zu bytes: %d, %s",
                  flats[_i].phys, flats[_i].bytes, status, ws_buffer_text(&why));
}
END_TEST

static const struct {
    size_t at;
    const char *bytes;
    const char *why;
} foreign[] = {
    {0, "", "no multiboot header"},     {0x8001, "CD001", "a CD image"},  {0x200, "EFI PART", "a disk image"},
    {0, "\177ELF", "of this ELF file"}, {0, "MZ", "DOS or Windows"},      {0, "\037\213", "gzip"},
    {0, "\375\067zXZ", "xz"},           {510, "\125\252", "16-bit code"},
};

START_TEST(foreign_files_are_called_by_their_names)
{
    static uint8_t file[0x9000]; /* no multiple of 64 KiB: no ROM */
    memcpy(file + foreign[_i].at, foreign[_i].bytes, strlen(foreign[_i].bytes));
    ck_assert_int_eq(ws_image_load(machine, file, sizeof file, NULL, NULL, &why), WS_BAD_IMAGE);
    ck_assert_msg(strstr(ws_buffer_text(&why), foreign[_i].why), "%s: %s", foreign[_i].why, ws_buffer_text(&why));
    ck_assert_int_eq(ws_image_load(machine, file, foreign[_i].at, NULL, NULL, NULL), WS_BAD_IMAGE);
}
END_TEST

START_TEST(a_rom_is_told_by_its_reset_vector)
{
    enum { ROM_BYTES = 0x20000 };
    static uint8_t file[ROM_BYTES];
    ck_assert_int_eq(ws_image_load(machine, file, sizeof file, NULL, NULL, &why), WS_BAD_IMAGE);
    ck_assert_msg(!strstr(ws_buffer_text(&why), "ROM"), "%s", ws_buffer_text(&why));
    file[ROM_BYTES - 16] = 0xea;
    ck_assert_int_eq(ws_image_load(machine, file, sizeof file, NULL, NULL, &why), WS_BAD_IMAGE);
    ck_assert_msg(strstr(ws_buffer_text(&why), "a PC's ROM"), "%s", ws_buffer_text(&why));
    ck_assert_int_eq(ws_image_load(machine, file, sizeof file - 1, NULL, NULL, NULL), WS_BAD_IMAGE);
}
END_TEST

Suite *boot_suite(void)
{
    Suite *suite = suite_create("boot");
    TCase *tests = tcase_create("boot");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, modules_lie_on_pages_behind_the_image);
    tcase_add_test(tests, modules_leave_the_firmwares_tables_alone);
    tcase_add_test(tests, an_image_in_low_memory_has_its_modules_above);
    tcase_add_test(tests, a_long_command_line_needs_room);
    tcase_add_test(tests, a_flat_image_starts_with_its_first_byte);
    tcase_add_loop_test(tests, flat_images_lie_in_memory, 0, (int)(sizeof flats / sizeof *flats));
    tcase_add_loop_test(tests, foreign_files_are_called_by_their_names, 0, (int)(sizeof foreign / sizeof *foreign));
    tcase_add_test(tests, a_rom_is_told_by_its_reset_vector);
    suite_add_tcase(suite, tests);
    return suite;
}
