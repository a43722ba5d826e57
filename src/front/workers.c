/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process for each job, so many at once.
 */
#define _GNU_SOURCE

#include "front/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front/commands.h"

enum { LOOK_MILLISECONDS = 100, AT_ONCE_MOST = 256 };

/* A sanitizer maps terabytes, which it does not use. */
#ifdef __SANITIZE_ADDRESS__
enum { SHADOWED = true };
#else
enum { SHADOWED = false };
#endif

/* A process at work, and what it has said so far. */
struct worker {
    pid_t pid; /* 0: none */
    int pipe;
    size_t job;
    struct ws_buffer bytes;
};

unsigned ws__workers_count(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > AT_ONCE_MOST ? AT_ONCE_MOST : (unsigned)count;
}

/* -- in the job's process ---------------------------------------------------------------------- */

static void limits_set(const struct ws__workers *workers)
{
    struct rlimit processor = {workers->processor_seconds, workers->processor_seconds + 1};
    struct rlimit core = {0, 0}, memory = {workers->memory_bytes, workers->memory_bytes};
    setrlimit(RLIMIT_CPU, &processor);
    if (workers->memory_bytes && !SHADOWED)
        setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_CORE, &core);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* What a dying emulator says on the way is no message of ours; what a sanitizer says, a developer must read. */
    int nowhere = SHADOWED ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
}

static void job_do(const struct ws__workers *workers, size_t job, int pipe)
{
    struct ws_buffer answer = WS_BUFFER_INIT;
    size_t at = 0;
    limits_set(workers);
    if (!workers->work(workers->context, job, &answer) || answer.failed)
        _exit(WS__EXIT_HOST);
    while (at < answer.size) {
        ssize_t written = write(pipe, answer.data + at, answer.size - at);
        if (written < 0 && errno != EINTR)
            _exit(WS__EXIT_HOST);
        at += written > 0 ? (size_t)written : 0;
    }
    _exit(WS__EXIT_DONE);
}

/* -- in the caller's --------------------------------------------------------------------------- */

static bool worker_begin(const struct ws__workers *workers, struct worker *worker, size_t job)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        job_do(workers, job, ends[1]);
    int error = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        errno = error;
        return false;
    }
    *worker = (struct worker){.pid = pid, .pipe = ends[0], .job = job};
    return true;
}

static int worker_wait(struct worker *worker)
{
    int status = 0;
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close(worker->pipe);
    worker->pid = 0;
    return status;
}

/* It has closed its pipe.  false: it ended without an answer, by its own choice. */
static bool worker_end(const struct ws__workers *workers, struct worker *worker)
{
    int status = worker_wait(worker);
    struct ws__answer answer = {.bytes = worker->bytes};
    bool good = WIFSIGNALED(status) || (WEXITSTATUS(status) == WS__EXIT_DONE && answer.bytes.size);
    if (WIFSIGNALED(status)) {
        answer.died_of = WTERMSIG(status);
        ws_buffer_release(&answer.bytes);
    }
    if (good && !answer.bytes.failed)
        workers->take(workers->context, worker->job, &answer);
    ws_buffer_release(&answer.bytes);
    return good && !answer.bytes.failed;
}

static void workers_stop(struct worker *worker, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!worker[i].pid)
            continue;
        kill(worker[i].pid, SIGKILL);
        worker_wait(&worker[i]);
        ws_buffer_release(&worker[i].bytes);
    }
}

/* Read what there is.  false: a worker failed. */
static bool workers_hear(const struct ws__workers *workers, struct worker *worker, unsigned count)
{
    struct pollfd ready[AT_ONCE_MOST];
    char bytes[4096];
    for (unsigned i = 0; i < count; i++)
        ready[i] = (struct pollfd){.fd = worker[i].pid ? worker[i].pipe : -1, .events = POLLIN};
    if (poll(ready, count, LOOK_MILLISECONDS) < 0)
        return errno == EINTR;
    for (unsigned i = 0; i < count; i++) {
        if (!worker[i].pid || !ready[i].revents)
            continue;
        ssize_t got = read(worker[i].pipe, bytes, sizeof bytes);
        if (got > 0)
            ws_buffer_append(&worker[i].bytes, bytes, (size_t)got);
        else if (got == 0 && !worker_end(workers, &worker[i]))
            return false;
    }
    return true;
}

/* Begin jobs while there is room.  Returns how many are at work, or -1. */
static int workers_fill(const struct ws__workers *workers, struct worker *worker, unsigned count, size_t *next,
                        size_t step, size_t end)
{
    int busy = 0;
    for (unsigned i = 0; i < count; i++) {
        if (!worker[i].pid && *next < end) {
            if (!worker_begin(workers, &worker[i], *next))
                return -1;
            *next += step;
        }
        busy += worker[i].pid != 0;
    }
    return busy;
}

int ws__workers_run(const struct ws__workers *workers, size_t first, size_t step, size_t end, struct ws__output *output)
{
    struct worker worker[AT_ONCE_MOST] = {{0}};
    unsigned count = workers->at_once < AT_ONCE_MOST ? workers->at_once : AT_ONCE_MOST;
    size_t next = first;
    while (!ws__output_done(output)) {
        errno = 0;
        int busy = workers_fill(workers, worker, count, &next, step, end);
        if (busy == 0)
            return WS__EXIT_DONE;
        if (busy < 0 || !workers_hear(workers, worker, count)) {
            ws__complain(NULL, "a job could not be done, fewer at once may help (--jobs 1): %s",
                         errno ? strerror(errno) : "no memory, or the emulator refused");
            workers_stop(worker, count);
            return WS__EXIT_HOST;
        }
    }
    workers_stop(worker, count);
    return WS__EXIT_DONE;
}
