/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a person waits for the first screen: the program on a terminal of its own, from fork to the last line, which
 * names the keys.
 */
#define _DEFAULT_SOURCE
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

/* What is drawn last: "q leave"; or the offer of the tour, at the first start. */
static const char last_words[] = "leave", offer[] = "go on without it";

/* Read what the program draws until the words appear. false: it ended first. */
static int words_wait(int terminal)
{
    static char drawn[1 << 16];
    size_t size = 0;
    while (size < sizeof drawn - 1) {
        ssize_t got = read(terminal, drawn + size, sizeof drawn - 1 - size);
        if (got <= 0)
            return 0;
        size += (size_t)got;
        drawn[size] = '\0';
        if (strstr(drawn, last_words) || strstr(drawn, offer))
            return 1;
    }
    return 0;
}

static double first_screen(const char *program)
{
    struct winsize window = {.ws_row = 24, .ws_col = 80};
    int terminal;
    double begin = bench_now();
    pid_t child = forkpty(&terminal, NULL, NULL, &window);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        execl(program, program, "view", "--lab", (char *)NULL);
        _exit(127);
    }
    int drawn = child > 0 && words_wait(terminal);
    double seconds = bench_now() - begin;
    if (!drawn) {
        fprintf(stderr, "%s did not draw a screen\n", program);
        exit(1);
    }
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    close(terminal);
    return seconds;
}

int main(int argc, char **argv)
{
    double seconds[BENCH_ROUNDS];
    const char *program = argc > 1 ? argv[1] : "./worldswitch";
    for (int i = 0; i < BENCH_ROUNDS; i++)
        seconds[i] = first_screen(program);
    printf("first screen after %.0f ms (median of %d)\n", bench_median(seconds, BENCH_ROUNDS) * 1e3, BENCH_ROUNDS);
    return 0;
}
