/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing results.  A regular file is written under a temporary name and renamed when it is whole, so that no half of
 * a result is ever taken for one; pipes, terminals and devices are written in place.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#include <worldswitch/image.h>

#include "cli/cli.h"

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

static int file_open(struct ws__output *output, const char *path)
{
    struct stat there;
    bool exists = stat(path, &there) == 0;
    if (exists && !S_ISREG(there.st_mode)) {
        output->descriptor = ws_file_open_special(path);
        return output->descriptor < 0 ? -1 : 0;
    }
    if (exists && access(path, W_OK) < 0)
        return -1;
    size_t bytes = strlen(path) + sizeof(".XXXXXX");
    output->temporary = malloc(bytes);
    if (!output->temporary)
        return -1;
    snprintf(output->temporary, bytes, "%s.XXXXXX", path);
    output->descriptor = mkstemp(output->temporary);
    if (output->descriptor < 0)
        return -1;
    mode_t mask = umask(0);
    umask(mask);
    return fchmod(output->descriptor, exists ? there.st_mode & 0777 : 0666 & ~mask);
}

int ws__output_open(struct ws__output *output, const char *path)
{
    *output = (struct ws__output){.descriptor = STDOUT_FILENO};
    signals_set();
    if (!path || !strcmp(path, "-"))
        return WS__EXIT_DONE;
    output->path = strdup(path);
    if (output->path && file_open(output, path) == 0)
        return WS__EXIT_DONE;
    ws__complain(NULL, "cannot write \"%s\": %s", path, strerror(errno));
    if (output->temporary && output->descriptor >= 0) {
        close(output->descriptor);
        unlink(output->temporary);
    }
    free(output->path);
    free(output->temporary);
    return WS__EXIT_HOST;
}

/* -- writing ------------------------------------------------------------------------------------------- */

/* Wait until `readable` can be read or `writable` written, one of them -1; only here signals get through.  false: the
 * user asked to stop. */
static bool descriptor_wait(struct ws__output *output, int readable, int writable)
{
    sigset_t let_through;
    fd_set in, out;
    sigprocmask(SIG_BLOCK, NULL, &let_through);
    sigdelset(&let_through, SIGINT);
    sigdelset(&let_through, SIGTERM);
    sigdelset(&let_through, SIGHUP);
    FD_ZERO(&in);
    FD_ZERO(&out);
    if (readable >= 0)
        FD_SET(readable, &in);
    if (writable >= 0)
        FD_SET(writable, &out);
    int last = readable > writable ? readable : writable;
    if (pselect(last + 1, &in, &out, NULL, NULL, &let_through) >= 0)
        return true;
    output->interrupted |= errno == EINTR;
    return errno != EINTR;
}

bool ws__output_wait(struct ws__output *output, int readable)
{
    return descriptor_wait(output, readable, -1);
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
        if (!descriptor_wait(output, -1, output->descriptor))
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

bool ws__output_done(struct ws__output *output)
{
    sigset_t waiting, interrupts;
    int number;
    interrupts_fill(&interrupts);
    sigpending(&waiting);
    if (sigismember(&waiting, SIGINT) || sigismember(&waiting, SIGTERM) || sigismember(&waiting, SIGHUP)) {
        sigwait(&interrupts, &number);
        output->interrupted = true;
    }
    return output->interrupted || output->closed || output->enough || output->error ||
           output->failure;
}

/* -- closing ------------------------------------------------------------------------------------------- */

/* Some file systems tell only now that there was no room. */
static void file_finish(struct ws__output *output)
{
    if (close(output->descriptor) < 0 && !output->error)
        output->error = errno;
    if (!output->temporary)
        return;
    if (output->nothing || output->failure) {
        unlink(output->temporary);
        return;
    }
    if (output->error || rename(output->temporary, output->path) < 0) {
        if (!output->error)
            output->error = errno;
        unlink(output->temporary);
    }
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
    free(output->temporary);
    free(output->path);
    return status;
}
