/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saving a disk: the file stays the same file, and a crash at any instant leaves the old content or the new one.
 */
#define _GNU_SOURCE /* syscall(), flock() */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <worldswitch/machine.h>

#include "machine/board.h"
#include "machine/disk/disk_save.h"
#include "many.h"

enum { SECTOR = 512, SECTORS = 64, ODD_BYTES = 100, CRASHED = 7 };

static char path[] = "check_disk_save_XXXXXX";

/* -- a host that crashes ----------------------------------------------------------------------- */

/* Calls that change a file, until the process ends; 0: it never does. */
static unsigned calls_left;

static void call_count(void)
{
    if (calls_left && --calls_left == 0)
        _exit(CRASHED);
}

/* In place of the C library's: the library calls these. */
ssize_t pwrite(int file, const void *bytes, size_t size, off_t at)
{
    call_count();
    return syscall(SYS_pwrite64, file, bytes, size, at);
}

int ftruncate(int file, off_t bytes)
{
    call_count();
    return (int)syscall(SYS_ftruncate, file, bytes);
}

/* -- disks ------------------------------------------------------------------------------------- */

static void setup(void)
{
    memcpy(path + strlen(path) - 6, "XXXXXX", 6);
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void teardown(void)
{
    unlink(path);
}

/* Sector i holds bytes of value i; the last one is there in part. */
static void old_write(void)
{
    uint8_t sector[SECTOR];
    int file = open(path, O_WRONLY | O_TRUNC);
    ck_assert_int_ge(file, 0);
    for (int i = 0; i < SECTORS; i++) {
        memset(sector, i, sizeof sector);
        size_t size = i == SECTORS - 1 ? ODD_BYTES : SECTOR;
        ck_assert_int_eq(write(file, sector, size), (ssize_t)size);
    }
    close(file);
}

static struct ws_machine *machine_on(const char *name, bool throwaway)
{
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    ck_assert_msg(ws_machine_disk_attach(machine, name, throwaway) == WS_OK, "%s", strerror(errno));
    return machine;
}

/* As the guest does it. */
static void sector_fill(struct ws_machine *machine, uint32_t number, uint8_t value)
{
    uint8_t sector[SECTOR];
    memset(sector, value, sizeof sector);
    ck_assert(ws__disk_write(&machine->disk, number, sector));
}

static uint8_t sector_value(const struct ws_machine *machine, uint32_t number)
{
    uint8_t sector[SECTOR];
    ck_assert_int_eq(ws_machine_disk_read(machine, number, sector, 1), WS_OK);
    for (int i = 1; i < ODD_BYTES; i++)
        MANY_CHECK(sector[i] == sector[0], "byte %d of sector %u is 0x%x", i, number, sector[i]);
    return sector[0];
}

static const uint32_t changed[] = {0, 7, 8, 40, SECTORS - 1};
enum { CHANGED = sizeof changed / sizeof *changed, NEW = 0xa0 };

static void some_change(struct ws_machine *machine)
{
    for (int i = 0; i < CHANGED; i++)
        sector_fill(machine, changed[i], (uint8_t)(NEW + i));
}

/* Is the disk's content the new one?  It is that or the old one, all of it. */
static bool content_is_new(const struct ws_machine *machine)
{
    bool new = sector_value(machine, changed[0]) == NEW;
    for (uint32_t i = 0, next = 0; i < SECTORS; i++) {
        bool differs = next < CHANGED && changed[next] == i;
        uint32_t wanted = differs && new ? NEW + next : i;
        ck_assert_msg(sector_value(machine, i) == wanted, "sector %u is 0x%x, not 0x%x", i, sector_value(machine, i),
                      wanted);
        next += differs;
    }
    return new;
}

static struct stat file_state(void)
{
    struct stat state;
    ck_assert_int_eq(stat(path, &state), 0);
    return state;
}

/* -- tests ------------------------------------------------------------------------------------- */

START_TEST(it_stays_the_same_file)
{
    char link_name[64];
    old_write();
    snprintf(link_name, sizeof link_name, "%s.link", path);
    ck_assert_int_eq(chmod(path, 0606), 0);
    ck_assert_int_eq(link(path, link_name), 0);
    struct stat before = file_state();
    struct ws_machine *machine = machine_on(path, false);
    sector_fill(machine, 3, NEW);
    ck_assert_int_eq(ws_machine_disk_save(machine), WS_OK);
    ws_machine_free(machine);
    struct stat after = file_state();
    ck_assert(after.st_ino == before.st_ino && after.st_mode == before.st_mode);
    ck_assert_int_eq(after.st_size, before.st_size); /* the last sector stays a part */
    machine = machine_on(link_name, true);
    ck_assert_uint_eq(sector_value(machine, 3), NEW);
    ck_assert_uint_eq(sector_value(machine, 4), 4);
    ws_machine_free(machine);
    unlink(link_name);
}
END_TEST

/* 100 GiB, of which nearly nothing is there; its name leaves no room for another one beside it. */
START_TEST(a_large_sparse_disk_stays_sparse)
{
    char name[NAME_MAX + 1];
    const off_t bytes = (off_t)100 << 30;
    memset(name, 'a', NAME_MAX);
    name[NAME_MAX] = 0;
    ck_assert_int_eq(rename(path, name), 0);
    ck_assert_int_eq(truncate(name, bytes), 0);
    struct ws_machine *machine = machine_on(name, false);
    sector_fill(machine, 1000, 0); /* as it was: the hole stays */
    sector_fill(machine, (uint32_t)(bytes / SECTOR) - 5, NEW);
    ck_assert_int_eq(ws_machine_disk_save(machine), WS_OK);
    ws_machine_free(machine);
    ck_assert_int_eq(rename(name, path), 0);
    struct stat after = file_state();
    ck_assert(after.st_size == bytes);
    ck_assert_msg(after.st_blocks < 1024, "%lld blocks", (long long)after.st_blocks);
    machine = machine_on(path, true);
    ck_assert_uint_eq(sector_value(machine, (uint32_t)(bytes / SECTOR) - 5), NEW);
    ws_machine_free(machine);
}
END_TEST

/* The run that opens the file next, for keeping or not, finds all or nothing. */
START_TEST(a_crash_loses_nothing)
{
    bool ended = false, seen_old = false, seen_new = false;
    for (unsigned calls = 1; !ended; calls++) {
        old_write();
        pid_t child = fork();
        if (child == 0) {
            struct ws_machine *machine = machine_on(path, false);
            some_change(machine);
            calls_left = calls;
            _exit(ws_machine_disk_save(machine) == WS_OK ? 0 : 1);
        }
        int status;
        ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
        ended = WEXITSTATUS(status) == 0;
        ck_assert(ended || WEXITSTATUS(status) == CRASHED);
        struct ws_machine *machine = machine_on(path, calls & 1);
        bool new = content_is_new(machine);
        ck_assert_msg(new || (!ended && !seen_new), "lost after call %u", calls);
        seen_old |= !new;
        seen_new |= new;
        ws_machine_free(machine);
        ck_assert_int_eq(file_state().st_size, new ? SECTORS *SECTOR : (SECTORS - 1) * SECTOR + ODD_BYTES);
    }
    ck_assert(seen_old && seen_new);
}
END_TEST

/* A journal whose parts did not all reach the disk is cut off. */
START_TEST(a_damaged_journal_is_undone)
{
    old_write();
    pid_t child = fork();
    if (child == 0) {
        struct ws_machine *machine = machine_on(path, false);
        some_change(machine);
        calls_left = 1 + CHANGED + 1; /* the footer and the entries are written */
        ws_machine_disk_save(machine);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(WEXITSTATUS(status), CRASHED);
    int file = open(path, O_RDWR);
    ck_assert(ws__disk_save_is_unfinished(file));
    ck_assert_int_eq(pwrite(file, "x", 1, SECTORS * SECTOR + 600), 1);
    close(file);
    struct ws_machine *machine = machine_on(path, true);
    ck_assert(!content_is_new(machine));
    ws_machine_free(machine);
}
END_TEST

START_TEST(earlier_states_keep_their_disk)
{
    struct ws_snapshot *start;
    old_write();
    struct ws_machine *machine = machine_on(path, false);
    ck_assert_int_eq(ws_snapshot_take(&start, machine), WS_OK);
    some_change(machine);
    ck_assert_int_eq(ws_machine_disk_save(machine), WS_OK);
    ck_assert(content_is_new(machine));
    ws_snapshot_restore(start, machine);
    ck_assert(!content_is_new(machine));
    sector_fill(machine, 7, 0x55); /* another future of it, in the same page as sector 0 */
    ck_assert_uint_eq(sector_value(machine, 0), 0);
    ck_assert_int_eq(ws_machine_disk_save(machine), WS_OK);
    ws_snapshot_free(start);
    ws_machine_free(machine);
    machine = machine_on(path, true);
    ck_assert_uint_eq(sector_value(machine, 0), 0);
    ck_assert_uint_eq(sector_value(machine, 7), 0x55);
    ws_machine_free(machine);
}
END_TEST

static void attach_refused(bool throwaway, int why)
{
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    errno = 0;
    ck_assert_int_eq(ws_machine_disk_attach(machine, path, throwaway), WS_BAD_FILE);
    ck_assert_int_eq(errno, why);
    ws_machine_free(machine);
}

START_TEST(what_cannot_be_saved_is_refused_before_the_run)
{
    old_write();
    struct ws_machine *first = machine_on(path, false);
    attach_refused(true, EBUSY);
    attach_refused(false, EBUSY);
    ws_machine_free(first);
    first = machine_on(path, true);
    ws_machine_free(machine_on(path, true));
    attach_refused(false, EBUSY);
    ws_machine_free(first);
    if (geteuid() != 0) { /* root may write everything */
        ck_assert_int_eq(chmod(path, 0444), 0);
        attach_refused(false, EACCES);
    }
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    attach_refused(true, EINVAL); /* and it does not wait for a writer */
    attach_refused(false, EINVAL);
}
END_TEST

Suite *disk_save_suite(void)
{
    Suite *suite = suite_create("disk_save");
    TCase *saves = tcase_create("saves");
    tcase_add_checked_fixture(saves, setup, teardown);
    tcase_add_test(saves, it_stays_the_same_file);
    tcase_add_test(saves, a_large_sparse_disk_stays_sparse);
    tcase_add_test(saves, a_crash_loses_nothing);
    tcase_add_test(saves, a_damaged_journal_is_undone);
    tcase_add_test(saves, earlier_states_keep_their_disk);
    tcase_add_test(saves, what_cannot_be_saved_is_refused_before_the_run);
    suite_add_tcase(suite, saves);
    return suite;
}
