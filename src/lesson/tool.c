/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running tools, with limits. */
#define _GNU_SOURCE

#include "lesson/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/printable.h"
#include "lesson/confine.h"

enum {
    SAID_MOST = 16 << 10,
    /* Of a processor.  A submission needs some hundredths; only one that repeats something for ever needs seconds, so
     * that the verdict is the same on a slow machine. */
    SECONDS = 5,
    HUNG_SECONDS = 60, /* of the wall: a tool that waits for something uses no processor.  No verdict depends on it */
    MEMORY = 1 << 30,
    FILE_MOST = 4 << 20,
    PROCESSES = 4096, /* of the user, all in all; a compiler needs a handful, and the user may have many others */
    MISSING = 127,    /* exit status of a tool that is not there */
    UNCONFINED = 126, /* and of one that could not be confined, and was not run */
    WRAPPER_WORDS = 16 + 3 * WS__CONFINE_SEEN + 2 * WS__CONFINE_HIDDEN
};

void ws__tool_word(struct ws__tool *tool, const char *format, ...)
{
    va_list arguments;
    if (tool->words == WS__TOOL_WORDS) {
        tool->full = true;
        return;
    }
    va_start(arguments, format);
    tool->full |= vsnprintf(tool->word[tool->words++], WS__TOOL_WORD, format, arguments) >= WS__TOOL_WORD;
    va_end(arguments);
}

void ws__tool_words(struct ws__tool *tool, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, " ");
        if (length)
            ws__tool_word(tool, "%.*s", (int)length, words);
        words += length + (words[length] == ' ');
    }
}

/* -- in the tool's process ----------------------------------------------------------------------------- */

static void limits_set(void)
{
    const struct {
        int which;
        rlim_t most, hard;
    } row[] = {{RLIMIT_CPU, SECONDS, SECONDS + 1},   {RLIMIT_AS, MEMORY, MEMORY}, {RLIMIT_FSIZE, FILE_MOST, FILE_MOST},
               {RLIMIT_NPROC, PROCESSES, PROCESSES}, {RLIMIT_CORE, 0, 0},         {RLIMIT_NOFILE, 64, 64}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct rlimit limit = {row[i].most, row[i].hard};
        setrlimit((__rlimit_resource_t)row[i].which, &limit);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0); /* so that what the tool starts can be ended with it */
}

/* What stands before a tool's words so that it sees little.  Returns how many words, NULL not counted. */
static unsigned wrapper_words(const char *folder, const struct ws__hidden *hidden, const char **word)
{
    static const char *const before[] = {"bwrap", "--unshare-all", "--die-with-parent", "--new-session"};
    const char *const behind[] = {"--dev", "/dev", "--proc", "/proc", "--bind", folder, "/work", "--chdir", "/work"};
    unsigned count = sizeof before / sizeof before[0];
    memcpy(word, before, sizeof before);
    for (size_t i = 0; ws__confine_seen[i]; i++) {
        word[count++] = "--ro-bind-try";
        word[count++] = ws__confine_seen[i];
        word[count++] = ws__confine_seen[i];
    }
    for (unsigned i = 0; i < hidden->count; i++) {
        word[count++] = "--tmpfs";
        word[count++] = hidden->folder[i];
    }
    memcpy(word + count, behind, sizeof behind);
    return count + sizeof behind / sizeof behind[0];
}

static void tool_become(const struct ws__tool *tool, const char *folder, enum ws__tool_walls walls)
{
    char temporary[WS__TOOL_FOLDER + 8], path[4096], locale[] = "LC_ALL=C";
    char *environment[] = {temporary, path, locale, NULL};
    const char *argument[WRAPPER_WORDS + WS__TOOL_WORDS + 1], *search = getenv("PATH");
    bool wrapped = walls == WS__TOOL_BUBBLEWRAP;
    struct ws__hidden hidden;
    ws__confine_hidden(&hidden);
    unsigned count = wrapped ? wrapper_words(folder, &hidden, argument) : 0;
    for (unsigned i = 0; i < tool->words; i++)
        argument[count++] = tool->word[i];
    argument[count] = NULL;
    snprintf(temporary, sizeof temporary, "TMPDIR=%s", wrapped ? "/work" : folder);
    snprintf(path, sizeof path, "PATH=%s", search ? search : "/usr/bin:/bin");
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    limits_set();
    if (walls == WS__TOOL_LANDLOCK && !ws__landlock_enter(folder))
        _exit(UNCONFINED);
    if (chdir(folder) == 0)
        execvpe(argument[0], (char *const *)argument, environment);
    _exit(MISSING);
}

/* -- in ours ------------------------------------------------------------------------------------------- */

/* Wait until the tool says something more, or has ended.  false: it says nothing, and the time is over. */
static bool more_comes(int pipe, time_t end)
{
    struct timespec now;
    struct pollfd ready = {.fd = pipe, .events = POLLIN};
    int got;
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        got = now.tv_sec < end ? poll(&ready, 1, (int)(end - now.tv_sec) * 1000) : 0;
    } while (got < 0 && errno == EINTR);
    return got > 0;
}

/* What the tool says, until it ends.  A tool that hangs is killed, with all that it has started. */
static void said_take(int pipe, pid_t tool, struct ws_buffer *said)
{
    char piece[4096];
    struct ws_buffer raw = WS_BUFFER_INIT;
    struct timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (ssize_t got = 1; got > 0 || (got < 0 && errno == EINTR);) {
        if (!more_comes(pipe, begin.tv_sec + HUNG_SECONDS)) {
            kill(-tool, SIGKILL);
            kill(tool, SIGKILL);
            break;
        }
        got = read(pipe, piece, sizeof piece);
        if (got > 0 && raw.size < SAID_MOST)
            ws_buffer_append(&raw, piece, (size_t)got);
    }
    for (size_t at = 0; at < raw.size && at < SAID_MOST;) {
        size_t line = 0;
        while (at + line < raw.size && raw.data[at + line] != '\n')
            line++;
        ws__printable_append(said, raw.data + at, line);
        ws_buffer_append(said, "\n", 1);
        at += line + 1;
    }
    said->failed |= raw.failed;
    ws_buffer_release(&raw);
}

#define TOO_LONG "it takes more than 5 seconds of a processor to make a program of it"

/* A tool did not do its work: say why, if a limit was the reason.  What the compiler says then is that a program of its
 * own was killed. */
static void limit_tell(const struct rusage *used, struct ws_buffer *said)
{
    static const struct {
        const char *says, *means;
    } row[] = {{"CPU time limit exceeded", TOO_LONG},
               {"File size limit exceeded", "the program would become larger than 4 MiB"},
               {"out of memory", "it takes more than 1 GiB of memory to make a program of it"},
               {"virtual memory exhausted", "it takes more than 1 GiB of memory to make a program of it"}};
    const char *means = NULL;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (strstr(ws_buffer_text(said), row[i].says))
            means = row[i].means;
    /* Within bubblewrap, it is not told who used how much. */
    if (used->ru_utime.tv_sec + used->ru_stime.tv_sec + 1 >= SECONDS)
        means = TOO_LONG;
    if (!means)
        return;
    ws_buffer_clear(said);
    ws_buffer_printf(said, "%s: is something repeated too often, or without an end?\n", means);
}

enum ws__tool_result ws__tool_run(const struct ws__tool *tool, const char *folder, enum ws__tool_walls walls,
                                  struct ws_buffer *said)
{
    int ends[2], status = 0;
    struct rusage used = {.ru_nsignals = 0};
    if (tool->full || pipe2(ends, O_CLOEXEC) < 0)
        return WS__TOOL_HOST;
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = open("/dev/null", O_RDONLY);
        dup2(nowhere, STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        tool_become(tool, folder, walls);
    }
    close(ends[1]);
    if (pid > 0)
        said_take(ends[0], pid, said);
    close(ends[0]);
    while (pid > 0 && wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
        continue;
    if (pid < 0 || said->failed || (WIFEXITED(status) && WEXITSTATUS(status) == UNCONFINED))
        return WS__TOOL_HOST;
    if (WIFEXITED(status) && WEXITSTATUS(status) == MISSING)
        return WS__TOOL_MISSING;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return WS__TOOL_DONE;
    if (WIFSIGNALED(status))
        ws_buffer_printf(said, "the tool was ended: it needed too much time, memory or room\n");
    limit_tell(&used, said);
    return WS__TOOL_FAILED;
}

void ws__tool_limits(struct ws_buffer *out)
{
    ws_buffer_printf(out, "%d s of a processor, %d MiB of memory, %d MiB in a file", SECONDS, MEMORY >> 20,
                     FILE_MOST >> 20);
}

bool ws__tool_walls_work(enum ws__tool_walls walls)
{
    struct ws__tool tool = {.words = 0};
    struct ws_buffer said = WS_BUFFER_INIT;
    if (walls == WS__TOOL_LANDLOCK && !ws__landlock_works())
        return false;
    ws__tool_word(&tool, "true");
    bool works = ws__tool_run(&tool, "/tmp", walls, &said) == WS__TOOL_DONE;
    ws_buffer_release(&said);
    return works;
}

enum ws__tool_walls ws__tool_walls(void)
{
    static int known = -1;
    if (known < 0)
        known = ws__tool_walls_work(WS__TOOL_BUBBLEWRAP) ? WS__TOOL_BUBBLEWRAP
                : ws__tool_walls_work(WS__TOOL_LANDLOCK) ? WS__TOOL_LANDLOCK
                                                         : WS__TOOL_NO_WALLS;
    return (enum ws__tool_walls)known;
}
