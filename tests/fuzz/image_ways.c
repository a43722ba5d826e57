/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run is one run, for images: the guests under tests/guest, the laboratory and the hosted system, each run in all
 * the ways of ways.c.
 *
 *     image_ways [--instructions N] [IMAGE]...
 *
 * Without images, all of them; the guests' folder is below $top_builddir.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/worldswitch.h>

#include "effort.h"
#include "fuzz/ways.h"

enum { PATH_BYTES = 512, DISK_BYTES = 2048 * 512, MEMORY = 16 << 20 };

static void expect(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "image_ways: %s: cannot be loaded\n", what);
    exit(EXIT_FAILURE);
}

static struct ws_machine *machine_make(void)
{
    struct ws_machine_options options = {.memory_bytes = MEMORY};
    struct ws_machine *machine;
    expect(ws_machine_new(&machine, &options) == WS_OK, "a machine");
    return machine;
}

/* Some guests read their disk: each sector has its own content. */
static void disk_attach(struct ws_machine *machine)
{
    uint8_t *content = malloc(DISK_BYTES);
    expect(content, "the disk");
    for (unsigned i = 0; i < DISK_BYTES; i++)
        content[i] = (uint8_t)(i / 512 + i);
    expect(ws_machine_disk_attach_memory(machine, content, DISK_BYTES) == WS_OK, "the disk");
    free(content);
}

static struct ws_machine *image_machine(const char *path)
{
    struct ws_machine *machine = machine_make();
    struct ws_buffer image = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    disk_attach(machine);
    expect(ws_file_read(path, 1 << 24, &image) == WS_OK, path);
    expect(ws_image_load(machine, image.data, image.size, "", NULL, &why) == WS_OK, path);
    ws_buffer_release(&image);
    ws_buffer_release(&why);
    return machine;
}

/* The hosted system has no path. */
static struct ws_machine *hosted_machine(const char *path)
{
    struct ws_machine *machine = machine_make();
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);
    expect(ws_machine_disk_attach_memory(machine, disk, bytes) == WS_OK, path);
    expect(ws_hosted_boot(machine, NULL) == WS_OK, path);
    return machine;
}

/* Returns whether all ways are one. */
static bool ways_compare(const char *name, const char *path, struct ws_machine *make(const char *path),
                         uint64_t instructions)
{
    struct stage stage = {.machine = make(path), .other = make(path)};
    struct course course;
    unsigned at;
    expect(ws_snapshot_take(&stage.start, stage.machine) == WS_OK &&
               ws_snapshot_take(&stage.other_start, stage.other) == WS_OK,
           name);
    course_take(&course, &stage, 2, instructions); /* an even seed: nothing comes from outside */
    const char *way = course_compare(&course, &stage, &at);
    if (way)
        printf("%s: %s, another state at mark %llu\n", name, way, (unsigned long long)course.mark[at]);
    ws_snapshot_free(stage.start);
    ws_snapshot_free(stage.other_start);
    ws_machine_free(stage.machine);
    ws_machine_free(stage.other);
    return !way;
}

static int guest_is(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".elf") == 0;
}

/* The guests under tests/guest.  Returns how many differ. */
static unsigned guests_compare(uint64_t instructions, unsigned *images)
{
    const char *top = getenv("top_builddir");
    char folder[PATH_BYTES], path[2 * PATH_BYTES];
    struct dirent **entry;
    unsigned different = 0;
    snprintf(folder, sizeof folder, "%s/guest/tests/guest", top ? top : ".");
    int count = scandir(folder, &entry, guest_is, alphasort);
    expect(count > 0, folder);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        different += !ways_compare(entry[i]->d_name, path, image_machine, instructions);
        free(entry[i]);
    }
    free(entry);
    *images += (unsigned)count;
    return different;
}

int main(int argc, char **argv)
{
    uint64_t instructions = effort(4000, 200000);
    unsigned images = 0, different = 0;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--instructions") == 0) {
        instructions = strtoull(argv[2], NULL, 0);
        first = 3;
    }
    if (instructions < 2 * WAYS_MARKS) {
        fprintf(stderr, "usage: image_ways [--instructions N] [IMAGE]...\n");
        return 2;
    }
    for (int i = first; i < argc; i++, images++)
        different += !ways_compare(argv[i], argv[i], image_machine, instructions);
    if (first == argc) {
        different += guests_compare(instructions, &images);
        different += !ways_compare("hosted system", "the hosted system", hosted_machine, 4 * instructions);
        images++;
    }
    printf("%u images, %u different\n", images, different);
    return different ? EXIT_FAILURE : EXIT_SUCCESS;
}
