/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results in files: whole or not at all, however the process ends, and whatever it has inherited.
 */
#define _XOPEN_SOURCE 700
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <worldswitch/image.h>

#include "front/commands.h"
#include "front/output.h"

Suite *output_suite(void);

static char folder[] = "/tmp/worldswitch-output-XXXXXX", path[sizeof folder + sizeof "/result"];

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/result", folder);
}

static unsigned files_count(void)
{
    unsigned files = 0;
    DIR *open_folder = opendir(folder);
    ck_assert_ptr_nonnull(open_folder);
    for (const struct dirent *entry; (entry = readdir(open_folder));)
        files += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(open_folder);
    return files;
}

static void teardown(void)
{
    unlink(path);
    ck_assert_uint_eq(files_count(), 0); /* nothing else was left */
    rmdir(folder);
}

static void result_write(struct ws__output *output, const char *text)
{
    ck_assert_int_eq(ws__output_open(output, path), WS__EXIT_DONE);
    ws_buffer_printf(&output->pending, "%s", text);
    ws__output_flush(output);
}

static void result_expect(const char *text)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    ck_assert_int_eq(ws_file_read(path, 1000, &file), WS_OK);
    ck_assert_str_eq(ws_buffer_text(&file), text);
    ws_buffer_release(&file);
}

START_TEST(is_there_when_it_is_whole)
{
    struct ws__output output;
    struct stat there;
    result_write(&output, "one");
    ck_assert_int_lt(access(path, F_OK), 0);
    ck_assert_int_eq(ws__output_close(&output, WS__EXIT_WANTING), WS__EXIT_WANTING);
    result_expect("one");
    ck_assert_int_eq(chmod(path, 0640), 0);
    result_write(&output, "two");
    result_expect("one");
    ck_assert_int_eq(ws__output_close(&output, WS__EXIT_DONE), WS__EXIT_DONE);
    result_expect("two");
    ck_assert_int_eq(stat(path, &there), 0);
    ck_assert_uint_eq(there.st_mode & 07777, 0640);
}
END_TEST

START_TEST(no_result_changes_nothing)
{
    struct ws__output output;
    result_write(&output, "one");
    ws__output_close(&output, WS__EXIT_DONE);
    result_write(&output, "two");
    output.nothing = true;
    ck_assert_int_eq(ws__output_close(&output, WS__EXIT_WANTING), WS__EXIT_WANTING);
    result_expect("one");
    result_write(&output, "two");
    ws__output_fail(&output, WS_NO_MEMORY);
    ck_assert_int_eq(ws__output_close(&output, WS__EXIT_DONE), WS__EXIT_HOST);
    result_expect("one");
    result_write(&output, "two");
    output.pending.failed = true;
    ck_assert_int_eq(ws__output_close(&output, WS__EXIT_DONE), WS__EXIT_HOST);
    result_expect("one");
}
END_TEST

static const int killer[] = {SIGKILL, SIGQUIT, SIGUSR1, SIGUSR2, SIGABRT, SIGSEGV};

/* Whatever ends the process while it writes, what was there stays, and nothing is beside it. */
START_TEST(nothing_remains_of_a_killed_process)
{
    struct ws__output output;
    int status;
    result_write(&output, "one");
    bool named = output.file.named;
    ws__output_close(&output, WS__EXIT_DONE);
    if (named) {
        fprintf(stderr, "skipped: this file system has no files without names\n");
        return;
    }
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        if (ws__output_open(&output, path) == WS__EXIT_DONE) {
            ws_buffer_printf(&output.pending, "two");
            ws__output_flush(&output);
            signal(killer[_i], SIG_DFL);
            raise(killer[_i]);
        }
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == killer[_i]);
    result_expect("one");
}
END_TEST

/* Shells and batch systems hand over what they have open. */
START_TEST(descriptors_beyond_those_of_select)
{
    enum { BEYOND = 1100 };
    struct rlimit limit;
    struct ws__output output;
    int last = 0;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < BEYOND + 100) {
        fprintf(stderr, "skipped: so many descriptors are not to be had\n");
        return;
    }
    limit.rlim_cur = BEYOND + 100;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    while (last < BEYOND)
        ck_assert_int_ge(last = open("/dev/null", O_RDONLY), 0);
    result_write(&output, "one");
    ck_assert_int_gt(output.descriptor, BEYOND);
    ck_assert_int_eq(ws__output_close(&output, WS__EXIT_DONE), WS__EXIT_DONE);
    result_expect("one");
}
END_TEST

/* A place that cannot be written to is known before anything has run. */
START_TEST(bad_places_are_refused_at_once)
{
    struct ws__output output;
    char name[400];
    snprintf(name, sizeof name, "%s/%0270d", folder, 0);
    ck_assert_int_eq(ws__output_open(&output, name), WS__EXIT_HOST);
    snprintf(name, sizeof name, "%s/no/result", folder);
    ck_assert_int_eq(ws__output_open(&output, name), WS__EXIT_HOST);
    ck_assert_int_eq(ws__output_open(&output, folder), WS__EXIT_HOST);
    /* One of the longest that there may be has room for no suffix. */
    snprintf(name, sizeof name, "%s/%0255d", folder, 0);
    ck_assert_int_eq(ws__output_open(&output, name), WS__EXIT_DONE);
    ck_assert_int_eq(ws__output_close(&output, WS__EXIT_DONE), WS__EXIT_DONE);
    ck_assert_int_eq(unlink(name), 0);
}
END_TEST

Suite *output_suite(void)
{
    Suite *suite = suite_create("output");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, is_there_when_it_is_whole);
    tcase_add_test(files, no_result_changes_nothing);
    tcase_add_loop_test(files, nothing_remains_of_a_killed_process, 0, sizeof killer / sizeof killer[0]);
    tcase_add_test(files, descriptors_beyond_those_of_select);
    tcase_add_test(files, bad_places_are_refused_at_once);
    suite_add_tcase(suite, files);
    return suite;
}
