/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole files, in and out.
 */
#define _XOPEN_SOURCE 700

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <worldswitch/image.h>

static char folder[] = "check_file_XXXXXX";
static char path[64], other[64];

static void setup(void)
{
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(other, sizeof other, "%s/other", folder);
}

static void teardown(void)
{
    unlink(path);
    unlink(other);
    ck_assert_msg(rmdir(folder) == 0, "something was left behind in %s", folder);
}

static void file_expect(const char *name, const char *text)
{
    struct ws_buffer seen = WS_BUFFER_INIT;
    ck_assert_int_eq(ws_file_read(name, 1000, &seen), WS_OK);
    ck_assert_str_eq(ws_buffer_text(&seen), text);
    ws_buffer_release(&seen);
}

START_TEST(what_is_written_can_be_read)
{
    ck_assert_int_eq(ws_file_write(path, "one", 3), WS_OK);
    file_expect(path, "one");
    ck_assert_int_eq(ws_file_write(path, "", 0), WS_OK);
    file_expect(path, "");
}
END_TEST

START_TEST(a_replaced_file_keeps_its_mode_and_its_link)
{
    struct stat there;
    ck_assert_int_eq(ws_file_write(path, "one", 3), WS_OK);
    ck_assert_int_eq(chmod(path, 0646), 0); /* more than a umask would leave */
    umask(077);
    ck_assert_int_eq(symlink("file", other), 0);
    ck_assert_int_eq(ws_file_write(other, "two", 3), WS_OK);
    file_expect(path, "two");
    ck_assert_int_eq(stat(path, &there), 0);
    ck_assert_uint_eq(there.st_mode & 0777, 0646);
    ck_assert_int_eq(lstat(other, &there), 0);
    ck_assert(S_ISLNK(there.st_mode));
}
END_TEST

START_TEST(a_limit_is_kept)
{
    struct ws_buffer seen = WS_BUFFER_INIT;
    ck_assert_int_eq(ws_file_write(path, "12345", 5), WS_OK);
    ck_assert_int_eq(ws_file_read(path, 5, &seen), WS_OK);
    errno = 0;
    ck_assert_int_eq(ws_file_read(path, 4, &seen), WS_BAD_FILE);
    ck_assert_int_eq(errno, EFBIG);
    ck_assert_int_eq(ws_file_read("/dev/zero", 1 << 20, &seen), WS_BAD_FILE);
    ck_assert_int_eq(errno, EFBIG);
    ws_buffer_release(&seen);
}
END_TEST

START_TEST(failures_leave_the_reason_in_errno)
{
    struct ws_buffer seen = WS_BUFFER_INIT;
    char below[80];
    ck_assert_int_eq(ws_file_read(path, 100, &seen), WS_BAD_FILE);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(ws_file_read(folder, 100, &seen), WS_BAD_FILE);
    ck_assert_int_eq(errno, EISDIR);
    snprintf(below, sizeof below, "%s/none/file", folder);
    ck_assert_int_eq(ws_file_write(below, "x", 1), WS_BAD_FILE);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(ws_file_write(folder, "x", 1), WS_BAD_FILE);
    ck_assert_int_eq(errno, EISDIR);
    ws_buffer_release(&seen);
}
END_TEST

START_TEST(a_device_is_written_not_replaced)
{
    struct stat there;
    ck_assert_int_eq(ws_file_write("/dev/null", "x", 1), WS_OK);
    ck_assert_int_eq(stat("/dev/null", &there), 0);
    ck_assert(S_ISCHR(there.st_mode));
    if (access("/dev/full", W_OK) == 0) {
        ck_assert_int_eq(ws_file_write("/dev/full", "x", 1), WS_BAD_FILE);
        ck_assert_int_eq(errno, ENOSPC);
    }
}
END_TEST

/* By default, open() waits for the other end of a pipe: the library must not. */
START_TEST(a_pipe_without_another_end_is_refused)
{
    struct ws_buffer seen = WS_BUFFER_INIT;
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(ws_file_read(path, 100, &seen), WS_BAD_FILE);
    ck_assert_int_eq(errno, EPIPE);
    ck_assert_int_eq(ws_file_write(path, "x", 1), WS_BAD_FILE);
    ck_assert_int_eq(errno, ENXIO);
    ck_assert_int_lt(ws_file_open_special(path), 0);
    ws_buffer_release(&seen);
}
END_TEST

/* One that has written nothing yet is waited for. */
START_TEST(a_pipe_with_another_end_is_read)
{
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    int both = open(path, O_RDWR);
    ck_assert_int_ge(both, 0);
    pid_t child = fork();
    if (child == 0) {
        poll(NULL, 0, 100); /* most probably the parent waits then; if it reads later, it gets the same */
        ck_assert_int_eq(write(both, "late", 4), 4);
        _exit(0);
    }
    struct ws_buffer seen = WS_BUFFER_INIT;
    close(both); /* the child has the other end */
    ck_assert_int_eq(ws_file_read(path, 100, &seen), WS_OK);
    ck_assert_str_eq(ws_buffer_text(&seen), "late");
    ws_buffer_release(&seen);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

/* "-" is standard output; caught here in a file. */
START_TEST(a_dash_is_standard_output)
{
    fflush(stdout);
    ck_assert_ptr_nonnull(freopen(path, "w", stdout));
    ck_assert_int_eq(ws_file_write("-", "to the screen", 13), WS_OK);
    file_expect(path, "to the screen");
}
END_TEST

Suite *file_suite(void)
{
    Suite *suite = suite_create("file");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, what_is_written_can_be_read);
    tcase_add_test(files, a_replaced_file_keeps_its_mode_and_its_link);
    tcase_add_test(files, a_limit_is_kept);
    tcase_add_test(files, failures_leave_the_reason_in_errno);
    tcase_add_test(files, a_device_is_written_not_replaced);
    tcase_add_test(files, a_pipe_without_another_end_is_refused);
    tcase_add_test(files, a_pipe_with_another_end_is_read);
    tcase_add_test(files, a_dash_is_standard_output);
    suite_add_tcase(suite, files);
    return suite;
}
