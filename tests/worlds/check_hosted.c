/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted system from outside: its symbols from a file, and where in figure 7-10 an instruction is.  The table of
 * routines is held against the object files, so that a routine that is added or renamed is missed there.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>

#include "image/elf_file.h"

Suite *hosted_suite(void);

/* -- places -------------------------------------------------------------------------------------------- */

/* Where a routine of that name in that world is. */
static enum ws_hosted_place place_of(const char *name, const char *world)
{
    enum { AT = 0x1000 };
    struct ws_symbols *symbols;
    ck_assert_int_eq(ws_symbols_new(&symbols), WS_OK);
    ck_assert_int_eq(ws_symbols_add(symbols, name, AT, 16), WS_OK);
    enum ws_hosted_place place = ws_hosted_place(symbols, world, "A", 0, AT + 3);
    ws_symbols_free(symbols);
    return place;
}

/* Every function of an object file is in the place, or is an interrupt handler; returns how many there are. */
static unsigned functions_check(const char *object, enum ws_hosted_place place)
{
    const char *build = getenv("top_builddir");
    char path[512];
    struct ws_buffer bytes = WS_BUFFER_INIT;
    struct ws__elf_file file;
    unsigned functions = 0;
    snprintf(path, sizeof path, "%s/guest/src/guest/%s.o", build ? build : ".", object);
    ck_assert_msg(ws_file_read(path, 1 << 20, &bytes) == WS_OK, "cannot read %s", path);
    ck_assert_int_eq(ws__elf_file_open(&file, bytes.data, bytes.size), WS_OK);
    for (Elf_Scn *section = NULL; (section = elf_nextscn(file.elf, section));) {
        const Elf32_Shdr *header = elf32_getshdr(section);
        const Elf_Data *data = header->sh_type == SHT_SYMTAB ? elf_getdata(section, NULL) : NULL;
        for (size_t at = 0; data && at + sizeof(Elf32_Sym) <= data->d_size; at += sizeof(Elf32_Sym)) {
            Elf32_Sym symbol;
            memcpy(&symbol, (const char *)data->d_buf + at, sizeof symbol);
            const char *name = elf_strptr(file.elf, header->sh_link, symbol.st_name);
            if (ELF32_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF)
                continue;
            enum ws_hosted_place is = place_of(name, "host");
            bool handles = (place == WS_HOSTED_SCSI || place == WS_HOSTED_HOST) && is == WS_HOSTED_HANDLER;
            ck_assert_msg(is == place || handles, "%s: \"%s\" is in \"%s\"", object, name, ws_hosted_place_text(is));
            functions++;
        }
    }
    ck_assert_int_eq(ws__elf_file_close(&file, WS_OK), WS_OK);
    ws_buffer_release(&bytes);
    return functions;
}

/* clang-format off */
static const struct {
    const char *object;
    enum ws_hosted_place place;
    unsigned least; /* functions that the file certainly has */
} object_row[] = {
    {"host/fs", WS_HOSTED_FS, 5},         {"host/scsi", WS_HOSTED_SCSI, 6},     {"host/disk", WS_HOSTED_SCSI, 3},
    {"host/ramdisk", WS_HOSTED_SCSI, 1},  {"driver/device", WS_HOSTED_DRIVER, 2},
    {"driver/journey", WS_HOSTED_DRIVER, 1}, {"driver/vmm_world", WS_HOSTED_DRIVER, 2},
    {"driver/window", WS_HOSTED_DRIVER, 1},
    {"host/process", WS_HOSTED_HOST, 8},  {"host/memory", WS_HOSTED_HOST, 5},   {"host/space", WS_HOSTED_HOST, 4},
    {"host/thread", WS_HOSTED_HOST, 10},  {"host/input", WS_HOSTED_HOST, 5},
    {"host/trap", WS_HOSTED_HOST, 1},     {"host/calls", WS_HOSTED_HOST, 5},    {"shared/console", WS_HOSTED_HOST, 3},
    {"host/program", WS_HOSTED_HOST, 1},  {"host/names", WS_HOSTED_HOST, 2},    {"host/main", WS_HOSTED_HOST, 1},
    {"boot/tables", WS_HOSTED_HOST, 1},   {"shared/tables", WS_HOSTED_HOST, 3},
    {"shared/chips", WS_HOSTED_HOST, 2},  {"shared/text", WS_HOSTED_HOST, 3},   {"shared/memory", WS_HOSTED_HOST, 2},
    {"shared/ata", WS_HOSTED_SCSI, 3},
};
/* clang-format on */

START_TEST(every_routine_of_the_host_has_its_place)
{
    unsigned functions = functions_check(object_row[_i].object, object_row[_i].place);
    ck_assert_uint_ge(functions, object_row[_i].least);
}
END_TEST

/* clang-format off */
static const struct {
    const char *name, *world;
    enum ws_hosted_place place;
} routine_row[] = {
    {"disk_interrupt", "host", WS_HOSTED_HANDLER}, {"timer_interrupt", "host", WS_HOSTED_HANDLER},
    {"serial_interrupt", "host", WS_HOSTED_HANDLER}, {"key_interrupt", "host", WS_HOSTED_HANDLER},
    {"vector_46", "host", WS_HOSTED_HANDLER},      {"vector_32", "host", WS_HOSTED_HANDLER},
    {"vector_14", "host", WS_HOSTED_HOST},         {"vector_0x80", "host", WS_HOSTED_HOST},
    {"vector_raise", "host", WS_HOSTED_DRIVER},    {"world_call", "host", WS_HOSTED_DRIVER},
    {"int_table", "host", WS_HOSTED_DRIVER},       {"context_switch", "host", WS_HOSTED_HOST},
    {"thread_switch", "host", WS_HOSTED_HOST},
    {"cross", "host", WS_HOSTED_SWITCH},           {"cross", "vmm", WS_HOSTED_SWITCH},
    {"vmm.vector_13", "vmm", WS_HOSTED_EXCEPTIONS}, {"vmm.trap", "vmm", WS_HOSTED_EXCEPTIONS},
    {"vmm.emulate_port", "vmm", WS_HOSTED_VMM},      {"fs_open", "boot", WS_HOSTED_NOWHERE},
    {"cross", "vmm2", WS_HOSTED_SWITCH},           {"vmm.trap", "vmm12", WS_HOSTED_EXCEPTIONS},
    {"vmm.trap", "vmm-2", WS_HOSTED_NOWHERE},      {"vmm.trap", "vm", WS_HOSTED_NOWHERE},
};
/* clang-format on */

START_TEST(routines_have_their_places)
{
    ck_assert_int_eq(place_of(routine_row[_i].name, routine_row[_i].world), routine_row[_i].place);
}
END_TEST

START_TEST(outside_ring_0_the_world_and_the_process_decide)
{
    ck_assert_int_eq(ws_hosted_place(NULL, "host", "A", 3, 0x400000), WS_HOSTED_PROCESS);
    ck_assert_int_eq(ws_hosted_place(NULL, "host", "vmx", 3, 0x400000), WS_HOSTED_VMX);
    ck_assert_int_eq(ws_hosted_place(NULL, "host", "vmx2", 3, 0x400000), WS_HOSTED_VMX);
    ck_assert_int_eq(ws_hosted_place(NULL, "vmm", "", 1, 0x100000), WS_HOSTED_VM);
    ck_assert_int_eq(ws_hosted_place(NULL, "vmm2", "", 3, 0x100000), WS_HOSTED_VM);
    ck_assert_int_eq(ws_hosted_place(NULL, "host", "vmx", 0, 0xc0101000), WS_HOSTED_HOST);
    ck_assert_int_eq(ws_hosted_place(NULL, "vmm", "", 0, 0xffc10000), WS_HOSTED_VMM);
}
END_TEST

START_TEST(worlds_of_vmms_have_numbers)
{
    ck_assert_int_eq(ws_hosted_vmm_number("vmm"), 0);
    ck_assert_int_eq(ws_hosted_vmm_number("vmm2"), 2);
    ck_assert_int_eq(ws_hosted_vmm_number("vmm12"), 12);
    ck_assert_int_eq(ws_hosted_vmm_number("vmm-2"), -1);
    ck_assert_int_eq(ws_hosted_vmm_number("vmm2b"), -1);
    ck_assert_int_eq(ws_hosted_vmm_number("vm"), -1);
    ck_assert_int_eq(ws_hosted_vmm_number("host"), -1);
}
END_TEST

/* -- requests ------------------------------------------------------------------------------------------ */

/* The number that the guests' header gives a request; -1: it has none of that name. */
static int request_number(const struct ws_buffer *header, const char *name)
{
    char line[64];
    snprintf(line, sizeof line, "#define HOSTED_%s ", name);
    const char *found = strstr(ws_buffer_text(header), line);
    return found ? atoi(found + strlen(line)) : -1;
}

/* What the guests call a request, the visualizer can say: the table has all of them, and none else. */
START_TEST(the_guests_and_the_table_have_the_same_requests)
{
    static const struct {
        const char *name;
        int number;
    } row[] = {
#define ROW(number, name, text) {#name, number},
        WS_HOSTED_REQUEST_TABLE(ROW)
#undef ROW
    };
    const char *source = getenv("top_srcdir");
    char path[512];
    struct ws_buffer header = WS_BUFFER_INIT;
    snprintf(path, sizeof path, "%s/src/guest/hosted.h", source ? source : ".");
    ck_assert_msg(ws_file_read(path, 1 << 20, &header) == WS_OK, "cannot read %s", path);
    char *begin = strstr(ws_buffer_text(&header), "#define HOSTED_NONE ");
    char *end = begin ? strstr(begin, "#define HOSTED_VMS_MOST ") : NULL;
    ck_assert_ptr_nonnull(end);
    int defined = 0;
    for (const char *at = begin; at && at < end; at = strstr(at + 1, "#define HOSTED_"))
        defined++;
    ck_assert_int_eq(defined, WS_HOSTED_REQUESTS);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        ck_assert_msg(request_number(&header, row[i].name) == row[i].number, "HOSTED_%s", row[i].name);
        ck_assert_msg(!row[i].number || *ws_hosted_request_text((uint32_t)row[i].number), "HOSTED_%s", row[i].name);
    }
    ws_buffer_release(&header);
}
END_TEST

/* -- the disk ------------------------------------------------------------------------------------------ */

static bool file_is(const struct ws_buffer *disk, const char *name, const void *content, size_t bytes)
{
    size_t found;
    const void *file = ws_hosted_disk_file(disk->data, disk->size, name, &found);
    return file && found == bytes && !memcmp(file, content, bytes);
}

/* From any number of virtual machines to any other: so many disks, numbered if there are several, with the first one's
 * content. */
START_TEST(a_disk_has_so_many_virtual_machines)
{
    struct ws_buffer disk = WS_BUFFER_INIT;
    size_t bytes;
    char name[16], content[1000];
    const void *delivered = ws_hosted_disk(&bytes);
    memset(content, 'x', sizeof content);
    ws_buffer_append(&disk, delivered, bytes);
    ck_assert_int_eq(ws_hosted_disk_vms(&disk, 1), WS_OK);
    ck_assert_int_eq(ws_hosted_disk_put(&disk, "vm.disk", content, sizeof content), WS_OK);
    for (unsigned step = 0; step < 12; step++) {
        unsigned vms = 1 + step * 7 % WS_HOSTED_VMS_MOST;
        ck_assert_int_eq(ws_hosted_disk_vms(&disk, vms), WS_OK);
        for (unsigned number = 0; number <= WS_HOSTED_VMS_MOST; number++) {
            snprintf(name, sizeof name, number ? "vm%u.disk" : "vm.disk", number);
            bool due = vms == 1 ? number == 0 : number && number <= vms;
            ck_assert_msg(file_is(&disk, name, content, sizeof content) == due, "%u: %s", vms, name);
        }
    }
    ck_assert(ws_hosted_disk_file(disk.data, disk.size, "vmm.elf", &bytes));
    ck_assert_int_eq(ws_hosted_disk_vms(&disk, 0), WS_BAD_IMAGE);
    ck_assert_int_eq(ws_hosted_disk_vms(&disk, WS_HOSTED_VMS_MOST + 1), WS_BAD_IMAGE);
    ws_buffer_release(&disk);
}
END_TEST

START_TEST(a_disk_takes_sixteen_files)
{
    struct ws_buffer disk = WS_BUFFER_INIT;
    size_t bytes;
    unsigned files = 0;
    char name[16];
    enum ws_status status;
    const void *delivered = ws_hosted_disk(&bytes);
    ws_buffer_append(&disk, delivered, 1000);
    ck_assert_int_eq(ws_hosted_disk_put(&disk, "a", "", 0), WS_BAD_IMAGE);
    ws_buffer_clear(&disk);
    ws_buffer_append(&disk, delivered, bytes);
    ck_assert_int_eq(ws_hosted_disk_put(&disk, "a", "new", 3), WS_OK);
    ck_assert(file_is(&disk, "a", "new", 3));
    do
        snprintf(name, sizeof name, "file-%u", files++);
    while ((status = ws_hosted_disk_put(&disk, name, name, strlen(name))) == WS_OK);
    ck_assert_int_eq(status, WS_NO_ROOM);
    ck_assert_uint_gt(files, 4);
    ck_assert(file_is(&disk, "file-3", "file-3", 6));
    ck_assert(!ws_hosted_disk_file(disk.data, disk.size, name, &bytes));
    ck_assert_int_eq(ws_hosted_disk_vms(&disk, 4), WS_NO_ROOM);
    ws_buffer_release(&disk);
}
END_TEST

/* -- symbols ------------------------------------------------------------------------------------------- */

static struct ws_symbols *symbols_read(const void *image, size_t bytes)
{
    struct ws_symbols *symbols;
    ck_assert_int_eq(ws_symbols_new(&symbols), WS_OK);
    ck_assert_int_eq(ws_symbols_read(symbols, image, bytes), WS_OK);
    return symbols;
}

START_TEST(a_file_has_the_symbols_of_its_vmm)
{
    size_t bytes;
    uint32_t linear;
    const void *image = ws_hosted_image(&bytes);
    struct ws_symbols *symbols = symbols_read(image, bytes);
    ck_assert(ws_hosted_is(symbols));
    ck_assert_int_eq(ws_symbols_find(symbols, "vmm.vmm_main", &linear), WS_NOT_FOUND);
    ck_assert_int_eq(ws_hosted_symbols(symbols, image, bytes), WS_OK);
    ck_assert_int_eq(ws_symbols_find(symbols, "vmm.vmm_main", &linear), WS_OK);
    ck_assert_uint_gt(linear, WS_HOSTED_DISK_VECTOR);
    ws_symbols_free(symbols);
}
END_TEST

/* The tables that lead to the VMM's file come from any file: cut anywhere, they must do no harm. */
START_TEST(a_file_that_is_cut_has_none)
{
    size_t bytes;
    uint32_t linear;
    const void *image = ws_hosted_image(&bytes);
    for (size_t cut = 0; cut < bytes; cut += bytes / 40) {
        struct ws_symbols *symbols = symbols_read(image, bytes);
        char *part = malloc(cut ? cut : 1); /* so that a reader beyond its end is seen */
        memcpy(part, image, cut);
        ck_assert_int_eq(ws_hosted_symbols(symbols, part, cut), WS_OK);
        free(part);
        ws_symbols_free(symbols);
    }
    struct ws_symbols *none;
    ck_assert_int_eq(ws_symbols_new(&none), WS_OK);
    ck_assert(!ws_hosted_is(none) && !ws_hosted_is(NULL));
    ck_assert_int_eq(ws_hosted_symbols(none, image, bytes), WS_OK);
    ck_assert_int_eq(ws_symbols_find(none, "vmm.vmm_main", &linear), WS_NOT_FOUND);
    ws_symbols_free(none);
}
END_TEST

/* Bytes of the image's own disk changed at random, its directory before all. */
START_TEST(a_directory_of_nonsense_does_no_harm)
{
    size_t bytes, disk_bytes;
    const char *image = ws_hosted_image(&bytes);
    const char *disk = ws_hosted_disk(&disk_bytes);
    size_t at = 0;
    while (at + disk_bytes <= bytes && memcmp(image + at, disk, disk_bytes) != 0)
        at++;
    ck_assert_msg(at + disk_bytes <= bytes, "the image does not carry the disk");
    unsigned random = 4711;
    char *changed = malloc(bytes);
    for (unsigned trial = 0; trial < 60; trial++) {
        memcpy(changed, image, bytes);
        for (unsigned i = 0; i < 40; i++) {
            random = random * 1103515245 + 12345;
            changed[at + 512 + random / 65536 % 512] = (char)(random >> 8);
        }
        memcpy(changed + at + 512 + 3 * 32, "vmm.elf", 8);
        struct ws_symbols *symbols = symbols_read(image, bytes);
        ck_assert_int_eq(ws_hosted_symbols(symbols, changed, bytes), WS_OK);
        ws_symbols_free(symbols);
    }
    free(changed);
}
END_TEST

Suite *hosted_suite(void)
{
    Suite *suite = suite_create("hosted");
    TCase *tests = tcase_create("hosted");
    tcase_add_loop_test(tests, every_routine_of_the_host_has_its_place, 0, sizeof object_row / sizeof object_row[0]);
    tcase_add_loop_test(tests, routines_have_their_places, 0, sizeof routine_row / sizeof routine_row[0]);
    tcase_add_test(tests, outside_ring_0_the_world_and_the_process_decide);
    tcase_add_test(tests, worlds_of_vmms_have_numbers);
    tcase_add_test(tests, the_guests_and_the_table_have_the_same_requests);
    tcase_add_test(tests, a_disk_has_so_many_virtual_machines);
    tcase_add_test(tests, a_disk_takes_sixteen_files);
    tcase_add_test(tests, a_file_has_the_symbols_of_its_vmm);
    tcase_add_test(tests, a_file_that_is_cut_has_none);
    tcase_add_test(tests, a_directory_of_nonsense_does_no_harm);
    suite_add_tcase(suite, tests);
    return suite;
}
