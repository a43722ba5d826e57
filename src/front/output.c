/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing results.  A regular file is there when it is whole, so that no half of a result is ever taken for one; pipes,
 * terminals and devices are written in place.
 */
#define _GNU_SOURCE /* ppoll */

#include "front/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "front/commands.h"

enum { PENDING_MUCH = 1 << 16 };

/* The handler need not do anything: that it is there lets a signal end the waiting. */
static void interrupt_notice(int number)
{
    (void)number;
}

/* Those that ask us to end. */
static void interrupts_fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

static void signals_set(void)
{
    struct sigaction notice = {.sa_handler = interrupt_notice};
    sigset_t interrupts;
    interrupts_fill(&interrupts);
    sigprocmask(SIG_BLOCK, &interrupts, NULL);
    sigaction(SIGINT, &notice, NULL);
    sigaction(SIGTERM, &notice, NULL);
    sigaction(SIGHUP, &notice, NULL);
}

/* -- opening ------------------------------------------------------------------------------------------- */

int ws__output_open(struct ws__output *output, const char *path)
{
    *output = (struct ws__output){.descriptor = STDOUT_FILENO};
    signals_set();
    if (!path || !strcmp(path, "-"))
        return WS__EXIT_DONE;
    output->path = path;
    if (ws__whole_file_open(&output->file, path)) {
        output->descriptor = output->file.descriptor;
        return WS__EXIT_DONE;
    }
    ws__complain(NULL, "cannot write \"%s\": %s", path, strerror(errno));
    return WS__EXIT_HOST;
}

/* -- writing ------------------------------------------------------------------------------------------- */

/* Wait until what `events` say is possible; only here signals get through.  false: the user asked to stop.  Not
 * select(), which knows no descriptors from 1024 on. */
static bool descriptor_wait(struct ws__output *output, int descriptor, short events)
{
    struct pollfd waiting = {.fd = descriptor, .events = events};
    sigset_t let_through;
    sigprocmask(SIG_BLOCK, NULL, &let_through);
    sigdelset(&let_through, SIGINT);
    sigdelset(&let_through, SIGTERM);
    sigdelset(&let_through, SIGHUP);
    if (ppoll(&waiting, 1, NULL, &let_through) >= 0)
        return true;
    output->interrupted |= errno == EINTR;
    return errno != EINTR;
}

bool ws__output_wait(struct ws__output *output, int readable)
{
    return descriptor_wait(output, readable, POLLIN);
}

void ws__output_fail(struct ws__output *output, enum ws_status status)
{
    if (output->failure == WS_OK)
        output->failure = status;
}

void ws__output_flush(struct ws__output *output)
{
    size_t at = 0;
    if (output->pending.failed)
        ws__output_fail(output, WS_NO_MEMORY);
    while (at < output->pending.size && !output->error && !output->failure && !output->closed) {
        /* A pipe that can be written takes PIPE_BUF bytes without waiting. */
        size_t rest = output->pending.size - at, bytes = rest < PIPE_BUF ? rest : PIPE_BUF;
        /* The second Ctrl-C, or the first one while a reader does not read, gives up on the rest. */
        if (!descriptor_wait(output, output->descriptor, POLLOUT))
            break;
        ssize_t written = write(output->descriptor, output->pending.data + at, bytes);
        if (written >= 0)
            at += (size_t)written;
        else if (errno == EPIPE)
            output->closed = true;
        else if (errno != EINTR && errno != EAGAIN)
            output->error = errno;
    }
    ws_buffer_clear(&output->pending);
}

void ws__output_relax(struct ws__output *output)
{
    if (output->pending.size >= PENDING_MUCH || output->pending.failed)
        ws__output_flush(output);
}

bool ws__output_asked(void)
{
    sigset_t waiting;
    sigpending(&waiting);
    return sigismember(&waiting, SIGINT) || sigismember(&waiting, SIGTERM) || sigismember(&waiting, SIGHUP);
}

bool ws__output_done(struct ws__output *output)
{
    sigset_t interrupts;
    int number;
    interrupts_fill(&interrupts);
    if (ws__output_asked()) {
        sigwait(&interrupts, &number);
        output->interrupted = true;
    }
    return output->interrupted || output->closed || output->enough || output->error || output->failure;
}

/* -- closing ------------------------------------------------------------------------------------------- */

/* Put what was written to its place, if it is whole and a result. */
static void file_finish(struct ws__output *output)
{
    int error = 0;
    if (output->nothing || output->failure || output->error)
        ws__whole_file_drop(&output->file);
    else
        error = ws__whole_file_put(&output->file);
    if (!output->error)
        output->error = error;
}

int ws__output_close(struct ws__output *output, int status)
{
    ws__output_flush(output);
    if (output->path)
        file_finish(output);
    if (output->failure) {
        ws__complain(NULL, "%s: there is no result, or not all of it", ws_status_text(output->failure));
        status = WS__EXIT_HOST;
    } else if (output->error) {
        ws__complain(NULL, "cannot write \"%s\": %s", output->path ? output->path : "standard output",
                     strerror(output->error));
        status = WS__EXIT_HOST;
    } else if (output->closed) {
        status = WS__EXIT_DONE;
    } else if (output->interrupted) {
        status = WS__EXIT_INTERRUPTED;
    }
    ws_buffer_release(&output->pending);
    return status;
}

int ws__output_printed(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return WS__EXIT_DONE;
    if (errno == EPIPE)
        return WS__EXIT_DONE;
    ws__complain(NULL, "cannot write \"standard output\": %s", strerror(errno));
    return WS__EXIT_HOST;
}
