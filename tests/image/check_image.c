/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading an image into a machine, and writing one.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/machine.h>

#include "image/image_made.h"
#include "image/multiboot.h"

enum { MIB = 1 << 20 };

static struct ws_machine *machine;
static struct ws_buffer image;

static void setup_with(uint32_t memory_bytes)
{
    const struct ws_machine_options options = {.memory_bytes = memory_bytes, .max_instructions = 1000};
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
}

static void setup(void)
{
    setup_with(4 * MIB);
    ck_assert_int_eq(image_make(&image), WS_OK);
}

static void teardown(void)
{
    ws_machine_free(machine);
    ws_buffer_release(&image);
}

static void memory_get(uint32_t phys, void *out, size_t bytes)
{
    struct ws_physical memory = ws_machine_memory(machine);
    ck_assert_msg(phys < memory.bytes && bytes <= memory.bytes - phys, "0x%x", phys);
    memcpy(out, memory.ram + phys, bytes);
}

static const char *memory_text(uint32_t phys)
{
    struct ws_physical memory = ws_machine_memory(machine);
    ck_assert_uint_lt(phys, memory.bytes);
    ck_assert_ptr_nonnull(memchr(memory.ram + phys, '\0', memory.bytes - phys));
    return (const char *)memory.ram + phys;
}

static struct ws__boot_information information_get(void)
{
    struct ws_registers registers;
    struct ws__boot_information information;
    ws_machine_registers(machine, &registers);
    memory_get(registers.value[WS_EBX], &information, sizeof information);
    return information;
}

START_TEST(the_guest_finds_what_multiboot_promises)
{
    struct ws_registers registers;
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, "quiet one=1", NULL, NULL), WS_OK);
    ws_machine_registers(machine, &registers);
    ck_assert_uint_eq(registers.value[WS_EIP], MADE_ENTRY);
    ck_assert_uint_eq(registers.value[WS_EAX], 0x2badb002);
    ck_assert_uint_eq(registers.value[WS_CR0] & (WS_CR0_PE | WS_CR0_PG), WS_CR0_PE);
    ck_assert_uint_eq(registers.value[WS_EFLAGS] & (WS_EFLAGS_IF | WS_EFLAGS_VM), 0);

    struct ws__boot_information information = information_get();
    ck_assert_uint_eq(information.flags, 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9);
    ck_assert_uint_eq(information.memory_lower, 639);
    ck_assert_uint_eq(information.memory_upper, 3 * 1024 - 128);
    ck_assert_uint_eq(information.modules_count, 0);
    ck_assert_str_eq(memory_text(information.command_line), "quiet one=1");
    ck_assert_str_eq(memory_text(information.loader_name), "worldswitch");
}
END_TEST

START_TEST(the_memory_map_covers_the_memory)
{
    static const uint32_t wanted[][3] = {
        {0, 0x9fc00, 1},
        {0x9fc00, 0x400, 2},
        {0xf0000, 0x10000, 2},
        {MIB, 3 * MIB - 0x20000, 1},
        {4 * MIB - 0x20000, 0x20000, 2},
        {0xfffc0000, 0x40000, 2},
    };
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, NULL, NULL, NULL), WS_OK);
    struct ws__boot_information information = information_get();
    ck_assert_str_eq(memory_text(information.command_line), "");
    uint32_t at = information.memory_map, end = at + information.memory_map_bytes;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted;
         i++) { /* walked as the specification says: by each entry's own size */
        uint32_t field[6];
        memory_get(at, field, sizeof field);
        ck_assert_msg(field[1] == wanted[i][0] && field[2] == 0 && field[3] == wanted[i][1] && field[4] == 0 &&
                          field[5] == wanted[i][2],
                      "range %zu: base 0x%x, 0x%x bytes, type %u", i, field[1], field[3], field[5]);
        at += field[0] + 4;
    }
    ck_assert_uint_eq(at, end);
}
END_TEST

START_TEST(segments_are_loaded_and_the_rest_of_them_zeroed)
{
    static const uint8_t zeros[MADE_DATA_BYTES];
    uint8_t dirt[MADE_DATA_BYTES + 16], seen[MADE_DATA_BYTES + 16];
    memset(dirt, 0xee, sizeof dirt);
    ck_assert_int_eq(ws_machine_write_phys(machine, MADE_DATA, dirt, sizeof dirt), WS_OK);
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, NULL, NULL, NULL), WS_OK);
    memory_get(MADE_DATA, seen, sizeof seen);
    ck_assert_mem_eq(seen, "hello", MADE_DATA_CONTENT);
    ck_assert_mem_eq(seen + MADE_DATA_CONTENT, zeros, MADE_DATA_BYTES - MADE_DATA_CONTENT);
    ck_assert_mem_eq(seen + MADE_DATA_BYTES, dirt, 16);
}
END_TEST

START_TEST(a_loaded_guest_runs)
{
    struct ws_symbols *symbols;
    uint32_t offset;
    ck_assert_int_eq(ws_symbols_new(&symbols), WS_OK);
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, NULL, symbols, NULL), WS_OK);
    ck_assert_str_eq(ws_symbols_at(symbols, MADE_ENTRY + 3, &offset), "start");
    ck_assert_uint_eq(offset, 3);
    ws_symbols_free(symbols);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_int_eq(ws_machine_halt(machine)->reason, WS_HALT_EXIT);
    ck_assert_uint_eq(ws_machine_halt(machine)->exit_value, 0x21);
    ck_assert_int_eq(ws_halt_exit_status(ws_machine_halt(machine)), 0x43);
    ck_assert_uint_eq(ws_machine_mark(machine), 2);
}
END_TEST

START_TEST(a_refused_image_says_why)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    ck_assert_int_eq(ws_image_load(machine, "hello", 5, NULL, NULL, &why), WS_BAD_IMAGE);
    ck_assert_ptr_nonnull(strstr(ws_buffer_text(&why), "no multiboot header"));
    ws_buffer_release(&why);
}
END_TEST

static const struct {
    const char *what;
    uint32_t phys, bytes; /* where the data segment lies */
    enum ws_status status;
    uint32_t information;
} places[] = {
    {"where QEMU has it", MADE_DATA, MADE_DATA_BYTES, WS_OK, 0x9000},
    {"its place is taken", 0x8000, 0x3000, WS_OK, 0x1000},
    {"its end is taken", 0x9040, 0x3000, WS_OK, 0x1000},
    {"low memory begins full", 0, 0x20000, WS_OK, 0x20000},
    {"low memory is full", 0, 0x9fc00, WS_NO_ROOM, 0},
};

START_TEST(the_boot_information_lies_where_no_segment_is)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        enum { SECOND = MADE_PHDR + MADE_PHDR_BYTES };
        struct ws_buffer why = WS_BUFFER_INIT;
        struct ws_registers registers;
        memcpy(image.data + SECOND + P_PADDR, &places[i].phys, 4);
        memcpy(image.data + SECOND + P_MEMSZ, &places[i].bytes, 4);
        enum ws_status status = ws_image_load(machine, image.data, image.size, "x", NULL, &why);
        ck_assert_msg(status == places[i].status, "%s: %s", places[i].what, ws_buffer_text(&why));
        ws_machine_registers(machine, &registers);
        ck_assert_msg(status != WS_OK || registers.value[WS_EBX] == places[i].information, "%s: 0x%x", places[i].what,
                      registers.value[WS_EBX]);
        ws_buffer_release(&why);
    }
}
END_TEST

START_TEST(the_smallest_machine_has_no_upper_memory)
{
    uint32_t phys = 0x20000, entry = 0x2000c, second = 0x30000;
    ws_machine_free(machine);
    setup_with(MIB);
    memcpy(image.data + MADE_PHDR + P_PADDR, &phys, 4);
    memcpy(image.data + MADE_PHDR + MADE_PHDR_BYTES + P_PADDR, &second, 4);
    memcpy(image.data + MADE_ENTRY_FIELD, &entry, 4);
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, NULL, NULL, NULL), WS_OK);
    struct ws__boot_information information = information_get();
    ck_assert_uint_eq(information.memory_upper, 0);
    ck_assert_uint_eq(information.memory_map_bytes, 4 * sizeof(struct ws__memory_range));
}
END_TEST

static const uint8_t content[64];
static const struct {
    const char *what;
    struct ws_image_segment segment[2];
    size_t count;
    uint32_t entry;
    enum ws_status status;
} writes[] = {
    {"one", {{0x100000, 64, content}}, 1, 0x100020, WS_OK},
    {"two, touching", {{0x100000, 64, content}, {0x100040, 64, content}}, 2, 0x100050, WS_OK},
    {"none", {{0}}, 0, 0, WS_BAD_ARGUMENT},
    {"descending", {{0x200000, 64, content}, {0x100000, 64, content}}, 2, 0x100020, WS_BAD_ARGUMENT},
    {"overlapping", {{0x100000, 64, content}, {0x10003f, 64, content}}, 2, 0x100020, WS_BAD_ARGUMENT},
    {"no room for the header", {{0x100000, 11, content}}, 1, 0x100000, WS_BAD_ARGUMENT},
    {"header not aligned", {{0x100001, 64, content}}, 1, 0x100020, WS_BAD_ARGUMENT},
    {"entry outside", {{0x100000, 64, content}}, 1, 0x100040, WS_BAD_ARGUMENT},
    {"beyond 4 GiB", {{0xffffffe0, 64, content}}, 1, 0xffffffe0, WS_BAD_ARGUMENT},
};

START_TEST(only_sound_segments_are_written)
{
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        enum ws_status status = ws_image_write(&image, writes[i].segment, writes[i].count, writes[i].entry, NULL);
        ck_assert_msg(status == writes[i].status, "%s: %d", writes[i].what, status);
        if (status == WS_OK) {
            status = ws_image_load(machine, image.data, image.size, NULL, NULL, NULL);
            ck_assert_msg(status == WS_OK, "%s: cannot be loaded", writes[i].what);
        }
    }
}
END_TEST

START_TEST(the_largest_number_of_segments_can_be_loaded)
{
    struct ws_image_segment segment[WS_IMAGE_SEGMENTS_MAX + 1];
    static const uint8_t ones[64] = {[63] = 1};
    for (uint32_t i = 0; i <= WS_IMAGE_SEGMENTS_MAX; i++)
        segment[i] = (struct ws_image_segment){0x100000 + i * 0x1000, 64, ones};
    ck_assert_int_eq(ws_image_write(&image, segment, WS_IMAGE_SEGMENTS_MAX + 1, 0x100020, NULL), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_image_write(&image, segment, WS_IMAGE_SEGMENTS_MAX, 0x100020, NULL), WS_OK);
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, NULL, NULL, NULL), WS_OK);
    uint8_t last;
    memory_get(0x100000 + (WS_IMAGE_SEGMENTS_MAX - 1) * 0x1000 + 63, &last, 1);
    ck_assert_uint_eq(last, 1);
}
END_TEST

Suite *image_suite(void)
{
    Suite *suite = suite_create("image");
    TCase *loading = tcase_create("loading");
    tcase_add_checked_fixture(loading, setup, teardown);
    tcase_add_test(loading, the_guest_finds_what_multiboot_promises);
    tcase_add_test(loading, the_memory_map_covers_the_memory);
    tcase_add_test(loading, segments_are_loaded_and_the_rest_of_them_zeroed);
    tcase_add_test(loading, a_loaded_guest_runs);
    tcase_add_test(loading, a_refused_image_says_why);
    tcase_add_test(loading, the_boot_information_lies_where_no_segment_is);
    tcase_add_test(loading, the_smallest_machine_has_no_upper_memory);
    suite_add_tcase(suite, loading);
    TCase *writing = tcase_create("writing");
    tcase_add_checked_fixture(writing, setup, teardown);
    tcase_add_test(writing, only_sound_segments_are_written);
    tcase_add_test(writing, the_largest_number_of_segments_can_be_loaded);
    suite_add_tcase(suite, writing);
    return suite;
}
