/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading images, sound ones and damaged ones.
 */
#include <check.h>
#include <elf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "image/image_made.h"
#include "image/image_plan.h"

enum { MIB = 1 << 20, MEMORY = 16 * MIB, SECOND = MADE_PHDR + MADE_PHDR_BYTES };

struct patch {
    uint32_t offset, bytes, value;
};

static const struct row {
    const char *what;
    struct patch patch[3];
    uint32_t size; /* the file is cut to it; 0: not */
    enum ws_status status;
    const char *why; /* words that the reason must have; or the entry, as "entry 0x…" */
} rows[] = {
    {"sound", {{0}}, 0, WS_OK, "entry 0x10000c"},
    {"empty", {{0}}, 1, WS_BAD_IMAGE, "no multiboot header"},
    {"cut in the identification", {{0}}, 10, WS_BAD_IMAGE, "no multiboot header"},
    {"cut behind the multiboot header", {{0}}, MADE_HEADER + 12, WS_BAD_IMAGE, "beyond the end of the file"},
    {"cut inside the data", {{0}}, MADE_HEADER + MADE_TEXT_BYTES + 2, WS_BAD_IMAGE, "beyond the end of the file"},
    {"no magic", {{MADE_HEADER, 4, 0}}, 0, WS_BAD_IMAGE, "no multiboot header"},
    {"multiboot 2", {{MADE_HEADER, 4, 0xe85250d6}}, 0, WS_BAD_IMAGE, "Multiboot 2"},
    {"wrong checksum", {{MADE_HEADER + 8, 4, 0}}, 0, WS_BAD_IMAGE, "checksum"},
    {"a mandatory flag",
     {{MADE_HEADER + 4, 4, 0x83}, {MADE_HEADER + 8, 4, 0u - 0x1badb002u - 0x83}},
     0,
     WS_UNSUPPORTED,
     "0x00000083"},
    {"wants video", {{MADE_HEADER + 4, 4, 7}, {MADE_HEADER + 8, 4, 0u - 0x1badb002u - 7}}, 0, WS_OK, "entry 0x10000c"},
    {"no ELF", {{0, 4, 0x90909090}}, 0, WS_BAD_IMAGE, "neither an ELF file"},
    {"64 bits", {{MADE_CLASS, 1, 2}}, 0, WS_BAD_IMAGE, "-m32"},
    {"no class", {{MADE_CLASS, 1, 0}}, 0, WS_BAD_IMAGE, "neither an ELF file"},
    {"big-endian", {{MADE_ORDER, 1, 2}}, 0, WS_BAD_IMAGE, "little-endian"},
    {"ARM", {{MADE_MACHINE, 2, 40}}, 0, WS_BAD_IMAGE, "machine type 40"},
    {"an object file", {{MADE_TYPE, 2, 1}}, 0, WS_BAD_IMAGE, "link the guest"},
    {"a core dump", {{MADE_TYPE, 2, 4}}, 0, WS_BAD_IMAGE, "link the guest"},
    {"program headers far away", {{MADE_PHOFF, 4, 0x7ffffff0}}, 0, WS_BAD_IMAGE, "program header table"},
    {"program headers at the very end", {{MADE_PHOFF, 4, 0xfffffff0}}, 0, WS_BAD_IMAGE, "program header table"},
    {"very many program headers", {{MADE_PHNUM, 2, 0xfffe}}, 0, WS_BAD_IMAGE, "program header table"},
    {"none", {{MADE_PHNUM, 2, 0}}, 0, WS_BAD_IMAGE, "nothing to load"},
    {"short program headers", {{MADE_PHENTSIZE, 2, 31}}, 0, WS_BAD_IMAGE, "program header table"},
    {"nothing to load", {{MADE_PHDR + P_TYPE, 4, 4}, {SECOND + P_TYPE, 4, 4}}, 0, WS_BAD_IMAGE, "nothing to load"},
    {"content beyond the file", {{MADE_PHDR + P_OFFSET, 4, 0x10000}}, 0, WS_BAD_IMAGE, "beyond the end of the file"},
    {"content around the end", {{MADE_PHDR + P_OFFSET, 4, 0xfffffff0}}, 0, WS_BAD_IMAGE, "beyond the end of the file"},
    {"more content than memory", {{MADE_PHDR + P_MEMSZ, 4, 8}}, 0, WS_BAD_IMAGE, "only 8 in memory"},
    {"huge content",
     {{MADE_PHDR + P_FILESZ, 4, 0xffffffff}, {MADE_PHDR + P_MEMSZ, 4, 0xffffffff}},
     0,
     WS_BAD_IMAGE,
     "beyond the end of the file"},
    {"beyond memory", {{SECOND + P_PADDR, 4, MEMORY - 0x1000}}, 0, WS_NO_ROOM, "16384 KiB"},
    {"just inside memory", {{SECOND + P_PADDR, 4, MEMORY - MADE_DATA_BYTES}}, 0, WS_OK, "entry 0x10000c"},
    {"beyond 4 GiB", {{SECOND + P_PADDR, 4, 0xfffff000}}, 0, WS_BAD_IMAGE, "beyond 4 GiB"},
    {"huge in memory", {{SECOND + P_MEMSZ, 4, 0xfff00000}}, 0, WS_BAD_IMAGE, "beyond 4 GiB"},
    {"into the ROM", {{SECOND + P_PADDR, 4, 0x9e000}}, 0, WS_BAD_IMAGE, "video memory"},
    {"in low memory", {{SECOND + P_PADDR, 4, 0x9d000}}, 0, WS_OK, "entry 0x10000c"},
    {"overlap", {{SECOND + P_PADDR, 4, MADE_TEXT + 32}}, 0, WS_BAD_IMAGE, "overlap"},
    {"the same place", {{SECOND + P_PADDR, 4, MADE_TEXT}}, 0, WS_BAD_IMAGE, "overlap"},
    {"just behind", {{SECOND + P_PADDR, 4, MADE_TEXT + MADE_TEXT_BYTES}}, 0, WS_OK, "entry 0x10000c"},
    {"entry outside", {{MADE_ENTRY_FIELD, 4, 0x300000}}, 0, WS_BAD_IMAGE, "0x00300000 lies in no loaded segment"},
    {"entry just behind",
     {{MADE_ENTRY_FIELD, 4, MADE_TEXT + MADE_TEXT_BYTES}},
     0,
     WS_BAD_IMAGE,
     "in no loaded segment"},
    {"entry in zeroed memory", {{MADE_ENTRY_FIELD, 4, MADE_DATA + 0x2000}}, 0, WS_OK, "entry 0x202000"},
    {"higher half",
     {{MADE_ENTRY_FIELD, 4, 0xc010000c}, {MADE_PHDR + P_VADDR, 4, 0xc0100000}},
     0,
     WS_OK,
     "entry 0x10000c"},
    {"higher half, physical entry", {{MADE_PHDR + P_VADDR, 4, 0xc0100000}}, 0, WS_OK, "entry 0x10000c"},
    {"higher half, not executable",
     {{MADE_ENTRY_FIELD, 4, 0xc010000c}, {MADE_PHDR + P_VADDR, 4, 0xc0100000}, {MADE_PHDR + P_FLAGS, 4, 6}},
     0,
     WS_BAD_IMAGE,
     "in no loaded segment"},
};

static void patch_apply(struct ws_buffer *image, const struct patch *patch)
{
    for (uint32_t i = 0; i < patch->bytes; i++)
        image->data[patch->offset + i] = (char)(patch->value >> 8 * i);
}

/* A copy of its own size, so that AddressSanitizer sees reads beyond its end. */
static uint8_t *exact_copy(const struct ws_buffer *image, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, image->data, size);
    return copy;
}

START_TEST(damaged_images_are_refused_with_a_reason)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ws_buffer image = WS_BUFFER_INIT, seen = WS_BUFFER_INIT;
        struct ws__image_plan plan;
        ck_assert_int_eq(image_make(&image), WS_OK);
        for (size_t j = 0; j < 3; j++)
            patch_apply(&image, &rows[i].patch[j]);
        size_t size = rows[i].size ? rows[i].size : image.size;
        uint8_t *bytes = exact_copy(&image, size);
        enum ws_status status = ws__image_plan_read(&plan, bytes, size, MEMORY, &seen);
        if (status == WS_OK) {
            ws_buffer_printf(&seen, "entry 0x%x", plan.entry);
            ws__image_plan_release(&plan);
        }
        ck_assert_msg(status == rows[i].status && strstr(ws_buffer_text(&seen), rows[i].why) &&
                          !strchr(ws_buffer_text(&seen), '\n'),
                      "%s: status %d, \"%s\"", rows[i].what, status, ws_buffer_text(&seen));
        free(bytes);
        ws_buffer_release(&image);
        ws_buffer_release(&seen);
    }
}
END_TEST

START_TEST(a_plan_says_which_bytes_go_where)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    struct ws__image_plan plan;
    ck_assert_int_eq(image_make(&image), WS_OK);
    ck_assert_int_eq(ws__image_plan_read(&plan, (uint8_t *)image.data, image.size, MEMORY, NULL), WS_OK);
    ck_assert_uint_eq(plan.count, 2);
    ck_assert_uint_eq(plan.part[0].phys, MADE_TEXT);
    ck_assert_uint_eq(plan.part[0].bytes, MADE_TEXT_BYTES);
    ck_assert_uint_eq(plan.part[0].content_bytes, MADE_TEXT_BYTES);
    ck_assert_uint_eq(plan.part[1].phys, MADE_DATA);
    ck_assert_uint_eq(plan.part[1].bytes, MADE_DATA_BYTES);
    ck_assert_uint_eq(plan.part[1].content_bytes, MADE_DATA_CONTENT);
    ck_assert_mem_eq(plan.part[1].content, "hello", MADE_DATA_CONTENT);
    ws__image_plan_release(&plan);
    ws_buffer_release(&image);
}
END_TEST

/* §3.1.3 "The address fields of Multiboot header" */
static const struct {
    const char *what;
    size_t offset; /* of the header in the file of 256 bytes */
    uint32_t header_phys, load, load_end, bss_end, entry;
    enum ws_status status;
    const char *why;
} flat[] = {
    {"all of the file", 0, 0x100000, 0x100000, 0, 0, 0x100020, WS_OK, "0x100000+256 of 256"},
    {"a part of it, and zeros", 64, 0x100010, 0x100000, 0x100080, 0x101000, 0x100030, WS_OK, "0x100000+4096 of 128"},
    {"header below the load address", 0, 0xfffff, 0x100000, 0, 0, 0x100000, WS_BAD_IMAGE, "does not agree"},
    {"header too far in", 16, 0x100020, 0x100000, 0, 0, 0x100020, WS_BAD_IMAGE, "does not agree"},
    {"end before begin", 0, 0x100000, 0x100000, 0xff000, 0, 0x100020, WS_BAD_IMAGE, "the file ends before"},
    {"more than the file has", 0, 0x100000, 0x100000, 0x100101, 0, 0x100020, WS_BAD_IMAGE, "the file ends before"},
    {"zeros end too early", 0, 0x100000, 0x100000, 0, 0x100010, 0x100020, WS_BAD_IMAGE, "ends zeroed memory"},
    {"at the end of 4 GiB", 0, 0xffffff80, 0xffffff80, 0, 0, 0xffffff80, WS_BAD_IMAGE, "beyond 4 GiB"},
    {"outside memory", 0, 0x2000000, 0x2000000, 0, 0, 0x2000000, WS_NO_ROOM, "16384 KiB"},
    {"entry outside", 0, 0x100000, 0x100000, 0, 0, 0x200000, WS_BAD_IMAGE, "in no loaded segment"},
    {"file ends in the header", 240, 0x1000f0, 0x100000, 0, 0, 0x100000, WS_BAD_IMAGE, "inside its multiboot header"},
};

START_TEST(address_fields_are_honoured)
{
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++) {
        const uint32_t flags = 0x10003;
        const uint32_t header[] = {0x1badb002,          flags,        0u - 0x1badb002u - flags,
                                   flat[i].header_phys, flat[i].load, flat[i].load_end,
                                   flat[i].bss_end,     flat[i].entry};
        struct ws_buffer seen = WS_BUFFER_INIT;
        struct ws__image_plan plan;
        uint8_t *file = calloc(1, 256);
        ck_assert_ptr_nonnull(file);
        size_t room = 256 - flat[i].offset;
        memcpy(file + flat[i].offset, header, room < sizeof header ? room : sizeof header);
        enum ws_status status = ws__image_plan_read(&plan, file, 256, MEMORY, &seen);
        if (status == WS_OK) {
            ws_buffer_printf(&seen, "0x%x+%u of %u", plan.part[0].phys, plan.part[0].bytes, plan.part[0].content_bytes);
            ck_assert_uint_eq(plan.entry, flat[i].entry);
            ck_assert_uint_eq((uint32_t)(plan.part[0].content - file),
                              flat[i].offset - (flat[i].header_phys - flat[i].load));
            ws__image_plan_release(&plan);
        }
        ck_assert_msg(status == flat[i].status && strstr(ws_buffer_text(&seen), flat[i].why), "%s: status %d, \"%s\"",
                      flat[i].what, status, ws_buffer_text(&seen));
        free(file);
        ws_buffer_release(&seen);
    }
}
END_TEST

static const struct {
    const char *what;
    size_t offset, size;
    bool found;
} places[] = {
    {"at the beginning", 0, 12, true},     {"the last place", 8192 - 12, 8192, true},
    {"one later", 8192 - 8, 16384, false}, {"not on a multiple of four", 6, 4096, false},
    {"cut off", 4080, 4088, false},
};

START_TEST(the_header_lies_in_the_first_8_kib)
{
    static const uint32_t header[] = {0x1badb002, 0, 0u - 0x1badb002u};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct ws_buffer why = WS_BUFFER_INIT;
        struct ws__image_plan plan;
        uint8_t *file = calloc(1, 16384 + sizeof header);
        ck_assert_ptr_nonnull(file);
        memcpy(file + places[i].offset, header, sizeof header);
        enum ws_status status = ws__image_plan_read(&plan, file, places[i].size, MEMORY, &why);
        bool found = !strstr(ws_buffer_text(&why), "no multiboot header");
        ck_assert_msg(status == WS_BAD_IMAGE && found == places[i].found, "%s: %s", places[i].what,
                      ws_buffer_text(&why));
        free(file);
        ws_buffer_release(&why);
    }
}
END_TEST

/* -- notes where there is no memory ------------------------------------------------------------ */

enum { NOTE_BYTES = 36, R = PF_R, RW = PF_R | PF_W, RX = PF_R | PF_X };

/* Code at 1 MiB, a segment elsewhere, and a note in it or not. */
struct noted {
    Elf32_Ehdr header;
    Elf32_Phdr segment[3];
    uint32_t multiboot[3];
    uint8_t code[20];
    uint8_t note[NOTE_BYTES];
};

static const struct {
    const char *what;
    uint32_t phys, flags, note_offset; /* from the segment's begin */
    enum ws_status status;
    unsigned parts;
} notes[] = {
    {"in memory", 0x200000, R, 0, WS_OK, 2},
    {"where programs have them", 0x080480d4, R, 0, WS_OK, 1},
    {"across the end of memory", MEMORY - 16, R, 0, WS_OK, 1},
    {"below 4 GiB", 0xfffffff0 - NOTE_BYTES, R, 0, WS_OK, 1},
    {"beyond 4 GiB", 0xfffffff0, R, 0, WS_BAD_IMAGE, 0},
    {"in the ROM", 0xf0000, R, 0, WS_OK, 1},
    {"half in video memory", 0x9fff0, R, 0, WS_OK, 1},
    {"with code", 0x080480d4, RX, 0, WS_NO_ROOM, 0},
    {"with data", 0x080480d4, RW, 0, WS_NO_ROOM, 0},
    {"the note lies before it", 0x080480d4, R, 0u - 4, WS_NO_ROOM, 0},
    {"the note is longer", 0x080480d4, R, 4, WS_NO_ROOM, 0},
};

static void noted_make(struct noted *made, uint32_t phys, uint32_t flags, uint32_t note_offset)
{
    const uint32_t content = offsetof(struct noted, multiboot), at = offsetof(struct noted, note);
    *made = (struct noted){
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = EM_386,
                   .e_version = EV_CURRENT,
                   .e_entry = 0x10000c,
                   .e_phoff = offsetof(struct noted, segment),
                   .e_ehsize = sizeof(Elf32_Ehdr),
                   .e_phentsize = sizeof(Elf32_Phdr),
                   .e_phnum = 3},
        .segment = {{PT_LOAD, content, 0x100000, 0x100000, 32, 32, RX, 4},
                    {PT_LOAD, at, phys, phys, NOTE_BYTES, NOTE_BYTES, flags, 4},
                    {PT_NOTE, at + note_offset, phys, phys, NOTE_BYTES, NOTE_BYTES, R, 4}},
        .multiboot = {0x1badb002, 0, 0u - 0x1badb002},
    };
}

START_TEST(a_note_needs_no_memory)
{
    struct noted made;
    struct ws__image_plan plan;
    struct ws_buffer why = WS_BUFFER_INIT;
    noted_make(&made, notes[_i].phys, notes[_i].flags, notes[_i].note_offset);
    enum ws_status status = ws__image_plan_read(&plan, (const uint8_t *)&made, sizeof made, MEMORY, &why);
    ck_assert_msg(status == notes[_i].status, "%s: %s", notes[_i].what, ws_buffer_text(&why));
    if (status == WS_OK) {
        ck_assert_msg(plan.count == notes[_i].parts, "%s: %zu parts", notes[_i].what, plan.count);
        ws__image_plan_release(&plan);
    }
    ws_buffer_release(&why);
}
END_TEST

Suite *image_plan_suite(void)
{
    Suite *suite = suite_create("image plan");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, damaged_images_are_refused_with_a_reason);
    tcase_add_test(reading, a_plan_says_which_bytes_go_where);
    tcase_add_test(reading, address_fields_are_honoured);
    tcase_add_test(reading, the_header_lies_in_the_first_8_kib);
    TCase *noted = tcase_create("notes");
    tcase_add_loop_test(noted, a_note_needs_no_memory, 0, sizeof notes / sizeof *notes);
    suite_add_tcase(suite, noted);
    suite_add_tcase(suite, reading);
    return suite;
}
