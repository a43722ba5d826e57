/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recorded session that the run contradicts: every command says so, and exits with 12. */
#define _DEFAULT_SOURCE

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/lab.h>
#include <worldswitch/session.h>

#include "front/commands.h"

Suite *record_suite(void);

static char path[] = "/tmp/worldswitch-check-XXXXXX.wsr";

/* The laboratory, with hashes at 1000, 2000 and so on; the one at 5000 may be wrong. */
static void session_make(bool wrong)
{
    struct ws_session *session = calloc(1, sizeof *session);
    struct ws_machine *machine;
    struct ws_lab *lab;
    ck_assert_ptr_nonnull(session);
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    ck_assert_int_eq(ws_lab_write_image(lab, ws_lab_system_first(lab), &session->image), WS_OK);
    ws_lab_free(lab);
    ck_assert_int_eq(ws_session_machine(session, NULL, NULL, &machine, NULL, NULL), WS_OK);
    session->spacing = 1000;
    while (ws_machine_halt(machine)->reason == WS_HALT_NONE) {
        ws_machine_run(machine, 1000);
        ws_session_observe(session, machine);
    }
    ck_assert_int_eq(ws_session_finish(session, machine), WS_OK);
    ck_assert_uint_eq(session->check[4].mark, 5000);
    session->check[4].hash ^= wrong;
    ck_assert_int_eq(ws_session_write(session, path), WS_OK);
    ws_machine_free(machine);
    ws_session_release(session);
    free(session);
}

static void setup(void)
{
    int file = mkstemps(path, 4);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void teardown(void)
{
    unlink(path);
}

/* What the program exits with, and what it says on standard error. */
static int program_run(const char *command, const char *suffix, char *said, size_t bytes)
{
    char program[] = "worldswitch", name[16], image[64], quiet[] = "-q", one[] = "10", two[] = "9000";
    char *plain[] = {program, name, quiet, image, NULL}, *diff[] = {program, name, one, two, image, NULL};
    bool is_diff = !strcmp(command, "diff");
    int ends[2];
    snprintf(name, sizeof name, "%s", command);
    snprintf(image, sizeof image, "%s%s", path, suffix);
    ck_assert_int_eq(pipe(ends), 0);
    fflush(stdout);
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    int status = ws__cli_main(is_diff ? 5 : 4, is_diff ? diff : plain);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    ssize_t got = read(ends[0], said, bytes - 1);
    said[got > 0 ? got : 0] = '\0';
    close(ends[0]);
    close(nowhere);
    return status;
}

static const struct {
    const char *command, *suffix;
    int good; /* its status when nothing is wrong */
} rows[] = {
    {"run", "", 1}, {"trace", "", 0}, {"audit", "", 0}, {"compare", "@12000", 0}, {"diff", "", 0},
};

START_TEST(contradicted)
{
    char said[1024];
    session_make(false);
    int status = program_run(rows[_i].command, rows[_i].suffix, said, sizeof said);
    ck_assert_msg(status == rows[_i].good, "%s: status %d: %s", rows[_i].command, status, said);
    session_make(true);
    status = program_run(rows[_i].command, rows[_i].suffix, said, sizeof said);
    if (!strcmp(rows[_i].command, "compare"))
        return; /* it may have seen enough before */
    ck_assert_msg(status == WS__EXIT_WANTING, "%s: status %d: %s", rows[_i].command, status, said);
    ck_assert_msg(strstr(said, "the state at mark 5000 is another; at mark 4000 it was the same"), "%s", said);
}
END_TEST

/* The visualizer compares before it draws. */
START_TEST(view_is_refused)
{
    char said[1024];
    session_make(true);
    ck_assert_int_eq(program_run("view", "@6000", said, sizeof said), WS__EXIT_WANTING);
    ck_assert_ptr_nonnull(strstr(said, "mark 5000"));
}
END_TEST

/* A guest that counts for ever, and a checkpoint far inside, which may be wrong. */
static void far_make(bool wrong)
{
    enum { FAR = WS_SESSION_WORTH + 1000000, END = FAR + 1000000 };
    static const uint8_t counter[] = {0x40, 0xeb, 0xfd}; /* inc %eax; jmp back to it */
    struct ws_session *session = calloc(1, sizeof *session);
    struct ws_machine *machine;
    ck_assert_ptr_nonnull(session);
    ws_buffer_append(&session->image, counter, sizeof counter);
    session->flat = true;
    session->flat_phys = 0x200000;
    ck_assert_int_eq(ws_session_machine(session, NULL, NULL, &machine, NULL, NULL), WS_OK);
    ws_machine_run(machine, END);
    ck_assert_int_eq(ws_session_finish(session, machine), WS_OK);
    ck_assert_int_eq(ws_session_checkpoints_make(session, (uint64_t[]){FAR}, 1, NULL, NULL), WS_OK);
    session->checkpoint[0].hash ^= wrong;
    ck_assert_int_eq(ws_session_write(session, path), WS_OK);
    ws_machine_free(machine);
    ws_session_release(session);
    free(session);
}

/* A damaged checkpoint is told of, and not used; what the replay then says of it is right, too. */
START_TEST(checkpoint_is_damaged)
{
    char said[1024];
    far_make(false);
    ck_assert_int_eq(program_run("view", "@21500000", said, sizeof said), WS__EXIT_HOST);
    ck_assert_msg(strstr(said, "needs a terminal") && !strstr(said, "damaged"), "%s", said);
    far_make(true);
    ck_assert_int_eq(program_run("view", "@21500000", said, sizeof said), WS__EXIT_WANTING);
    ck_assert_msg(strstr(said, "checkpoint at mark 21000000 is damaged"), "%s", said);
    ck_assert_msg(strstr(said, "the state at mark 21000000 is another"), "%s", said);
}
END_TEST

Suite *record_suite(void)
{
    Suite *suite = suite_create("record");
    TCase *sessions = tcase_create("sessions");
    tcase_add_checked_fixture(sessions, setup, teardown);
    tcase_add_loop_test(sessions, contradicted, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(sessions, view_is_refused);
    tcase_add_test(sessions, checkpoint_is_damaged);
    suite_add_tcase(suite, sessions);
    return suite;
}
