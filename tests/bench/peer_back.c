/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _DEFAULT_SOURCE
#include "bench/peer_back.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The files that it takes, in a folder of their own. */
struct scratch {
    char folder[32];
    char disk[64];
    char record[64];
    char script[64];
};

static bool scratch_open(struct scratch *scratch)
{
    strcpy(scratch->folder, "/tmp/ws-back-XXXXXX");
    if (!mkdtemp(scratch->folder))
        return false;
    snprintf(scratch->disk, sizeof scratch->disk, "%s/disk.qcow2", scratch->folder);
    snprintf(scratch->record, sizeof scratch->record, "%s/record", scratch->folder);
    snprintf(scratch->script, sizeof scratch->script, "%s/script", scratch->folder);
    return true;
}

static void scratch_close(const struct scratch *scratch)
{
    unlink(scratch->disk);
    unlink(scratch->record);
    unlink(scratch->script);
    rmdir(scratch->folder);
}

static void big_endian_put(uint8_t *at, uint64_t value, unsigned bytes)
{
    while (bytes--) {
        at[bytes] = (uint8_t)value;
        value >>= 8;
    }
}

/* QEMU keeps the snapshot that a replay begins with in an image of its format qcow2, version 2.  An empty one is four
 * clusters: header, table of reference counts, a block of them, and the table of what is on the disk. */
static bool disk_write(const char *path)
{
    enum { CLUSTER = 1 << 16, CLUSTERS = 4 };
    static uint8_t image[CLUSTERS * CLUSTER];
    memcpy(image, "QFI\xfb", 4);
    big_endian_put(image + 4, 2, 4);        /* version */
    big_endian_put(image + 20, 16, 4);      /* bits of a cluster */
    big_endian_put(image + 24, 1 << 20, 8); /* size of the disk */
    big_endian_put(image + 36, 1, 4);       /* entries of the table, and where it is */
    big_endian_put(image + 40, 3 * CLUSTER, 8);
    big_endian_put(image + 48, CLUSTER, 8); /* the table of reference counts, and its clusters */
    big_endian_put(image + 56, 1, 4);
    big_endian_put(image + CLUSTER, 2 * CLUSTER, 8);
    for (unsigned i = 0; i < CLUSTERS; i++)
        big_endian_put(image + 2 * CLUSTER + 2 * i, 1, 2);
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(image, sizeof image, 1, file) == 1;
    return file && fclose(file) == 0 && good;
}

/* What is the same for recording and replaying. */
static void qemu_command(char *out, size_t bytes, const char *qemu, const char *image, const struct scratch *scratch,
                         const char *mode)
{
    snprintf(out, bytes,
             "'%s' -kernel '%s' -display none -monitor none -no-reboot -net none "
             "-device isa-debug-exit,iobase=0xf4 -drive file=%s,if=none,id=rr "
             "-icount shift=0,rr=%s,rrfile=%s,rrsnapshot=begin",
             qemu, image, scratch->disk, mode, scratch->record);
}

static bool run_record(const char *qemu, const char *image, const struct scratch *scratch)
{
    char command[1024], whole[1200];
    qemu_command(command, sizeof command, qemu, image, scratch, "record");
    snprintf(whole, sizeof whole, "%s -serial null < /dev/null > /dev/null 2>&1", command);
    return system(whole) != -1 && access(scratch->record, R_OK) == 0;
}

/* The time before and after each step, in nanoseconds: the only lines that are numbers. */
static bool script_write(const char *path, const char *command, uint32_t linear, size_t count)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fprintf(file,
            "set confirm off\nset architecture i386\ntarget remote | exec %s -serial null -S -gdb stdio 2> /dev/null\n"
            "hbreak *0x%x\ncontinue\nshell date +%%s%%N\n",
            command, linear);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "reverse-stepi\nshell date +%%s%%N\n");
    fprintf(file, "printf \"eip %%x\\n\", $eip\nkill\n");
    return fclose(file) == 0;
}

/* false: there were not so many, or it is where it was. */
static bool times_read(FILE *output, uint32_t linear, double *seconds, size_t count)
{
    char line[256];
    unsigned long long before = 0, now;
    unsigned eip = linear;
    size_t times = 0;
    while (fgets(line, sizeof line, output)) {
        sscanf(line, "eip %x", &eip);
        if (strspn(line, "0123456789") < 12 || sscanf(line, "%llu", &now) != 1)
            continue;
        if (times && times <= count)
            seconds[times - 1] = (double)(now - before) / 1e9;
        before = now;
        times++;
    }
    return times == count + 1 && eip != linear;
}

static bool steps_measure(const char *gdb, const struct scratch *scratch, uint32_t linear, double *seconds,
                          size_t count)
{
    char command[256];
    snprintf(command, sizeof command, "'%s' -batch -nx -x '%s' < /dev/null 2> /dev/null", gdb, scratch->script);
    FILE *output = popen(command, "r");
    if (!output)
        return false;
    bool good = times_read(output, linear, seconds, count);
    pclose(output);
    return good;
}

bool bench_peer_back(const char *qemu, const char *gdb, const char *image, uint32_t linear, double *seconds,
                     size_t count)
{
    struct scratch scratch;
    char command[1024];
    if (!scratch_open(&scratch)) {
        printf("no folder for QEMU's files: not compared\n");
        return false;
    }
    qemu_command(command, sizeof command, qemu, image, &scratch, "replay");
    bool recorded = disk_write(scratch.disk) && run_record(qemu, image, &scratch);
    bool good = recorded && script_write(scratch.script, command, linear, count) &&
                steps_measure(gdb, &scratch, linear, seconds, count);
    if (!good)
        printf("%s: not compared\n", recorded ? "gdb could not go back in QEMU's replay" : "QEMU could not record");
    scratch_close(&scratch);
    return good;
}
