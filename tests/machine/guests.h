/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest programs under tests/guest, for tests: what there is, and how one is put into a
 * machine.
 */
#ifndef TESTS_MACHINE_GUESTS_H
#define TESTS_MACHINE_GUESTS_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>
#include <worldswitch/machine.h>

enum { GUEST_LIMIT = 20000000, GUESTS_MAX = 64, GUEST_PATH = 512 };

/* Programs that have a golden file, in alphabetical order. */
struct guests {
    char name[GUESTS_MAX][32];
    int count;
};

static inline const char *guest_folder(const char *variable)
{
    const char *value = getenv(variable);
    return value ? value : ".";
}

static inline int guest_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static inline void guests_find(struct guests *guests)
{
    char path[GUEST_PATH];
    snprintf(path, sizeof path, "%s/tests/guest", guest_folder("top_srcdir"));
    guests->count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char *dot = strstr(entry->d_name, ".golden");
        if (!dot || guests->count == GUESTS_MAX)
            continue;
        *dot = 0;
        snprintf(guests->name[guests->count++], sizeof guests->name[0], "%.31s", entry->d_name);
    }
    if (folder)
        closedir(folder);
    qsort(guests->name, (size_t)guests->count, sizeof guests->name[0], guest_compare);
}

/* The disk of 2048 sectors that all programs find: each is a line with its number.  guest_qemu.sh
 * makes the same one. */
static inline void guest_disk_attach(struct ws_machine *machine)
{
    enum { SECTORS = 2048, BYTES = 512 };
    char *content = malloc(SECTORS * BYTES + 1);
    ck_assert_ptr_nonnull(content);
    for (int i = 0; i < SECTORS; i++) {
        char number[20];
        snprintf(number, sizeof number, "sector %d", i);
        snprintf(content + i * BYTES, BYTES + 1, "%-511s\n", number);
    }
    ck_assert_int_eq(ws_machine_disk_attach_memory(machine, content, SECTORS * BYTES), WS_OK);
    free(content);
}

/* A machine with the program in it, about to begin. */
static inline struct ws_machine *guest_load(const char *name)
{
    struct ws_machine_options options = {.max_instructions = GUEST_LIMIT};
    struct ws_machine *machine;
    struct ws_buffer image = {0}, why = {0};
    char path[GUEST_PATH];
    snprintf(path, sizeof path, "%s/guest/tests/guest/%s.elf", guest_folder("top_builddir"), name);
    ck_assert_msg(ws_file_read(path, 1 << 24, &image) == WS_OK, "%s: cannot be read", path);
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    guest_disk_attach(machine);
    ck_assert_msg(ws_image_load(machine, image.data, image.size, "", NULL, &why) == WS_OK, "%s: %s", path,
                  ws_buffer_text(&why));
    ws_buffer_release(&image);
    ws_buffer_release(&why);
    return machine;
}

#endif
