/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random guests: no guest may end this process, and running is the same as stepping.
 *
 *     fuzz_guest [--seed N] [--programs N] [--instructions N] [--keep] [--verbose]
 *
 * Each program is made of a seed alone, see random_guest.c.  It is run in all the ways of ways.c, and at each mark that
 * is compared the state must be the same.  There are no excuses.  --keep: the CPU keeps translations (cpu/kept.h).
 * Without arguments, there are some programs of both kinds.  They are short then, and five times as long with
 * WS_MORE=1 or WS_LONG=1: most of what a program can do it does in the beginning.
 *
 * The programs run in a child process, so that its death is a finding with a seed.  With
 * FUZZ_LIBFUZZER defined, this is a libFuzzer target whose input is the random numbers.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "effort.h"
#include "fuzz/random_guest.h"
#include "fuzz/ways.h"

/* Say where one way comes to another state than stepping. */
static void difference_report(const struct course *course, const char *way, unsigned at)
{
    printf("seed %llu: %s, another state at mark %llu; at mark %llu it was the same\n",
           (unsigned long long)course->seed, way, (unsigned long long)course->mark[at],
           (unsigned long long)(at ? course->mark[at - 1] : 0));
    fflush(stdout);
}

/* Returns whether all ways agree. */
static bool program_compare(struct stage *stage, const struct dice *dice, uint64_t seed, uint64_t instructions)
{
    struct dice again = *dice;
    struct course course;
    unsigned at;
    program_make(stage->machine, &again);
    again = *dice;
    program_make(stage->other, &again);
    if (ws_snapshot_take(&stage->start, stage->machine) || ws_snapshot_take(&stage->other_start, stage->other))
        abort();
    course_take(&course, stage, seed, instructions);
    const char *way = course_compare(&course, stage, &at);
    if (way)
        difference_report(&course, way, at);
    ws_snapshot_free(stage->start);
    ws_snapshot_free(stage->other_start);
    return !way;
}

enum { INSTRUCTIONS_A_SECOND = 1000000 }; /* so few that the disk is done soon */

static struct ws_machine *machine_make(bool keeps)
{
    struct ws_machine_options options = {
        .memory_bytes = GUEST_MEMORY, .tlb = keeps ? WS_TLB_KEEP : WS_TLB_COHERENT, .ips = INSTRUCTIONS_A_SECOND};
    struct ws_machine *machine;
    if (ws_machine_new(&machine, &options))
        abort();
    disk_make(machine);
    return machine;
}

#ifdef FUZZ_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    struct stage stage = {.machine = machine_make(bytes & 1), .other = machine_make(bytes & 1)};
    struct dice dice = {.input = input, .bytes = bytes};
    if (!program_compare(&stage, &dice, bytes, 2000))
        abort();
    ws_machine_free(stage.machine);
    ws_machine_free(stage.other);
    return 0;
}

#else

/* What parent and child share. */
struct shared {
    uint64_t seed; /* of the program that runs */
    uint64_t programs;
    uint64_t instructions;
    uint64_t halts[WS_HALT_COUNT];
    uint64_t different;
};

struct settings {
    uint64_t seed;
    uint64_t programs;
    uint64_t instructions; /* of each */
    bool keeps;
    bool verbose;
};

enum { PROGRAMS_A_MACHINE = 50 };

/* The child: programs in the same two machines one after the other, which are new now and then. */
static void child_run(struct shared *shared, const struct settings *settings, uint64_t end)
{
    struct stage stage = {0};
    struct ws_snapshot *empty = NULL, *other_empty = NULL;
    for (; shared->seed < end; shared->seed++) {
        if (!stage.machine || shared->seed % PROGRAMS_A_MACHINE == 0) {
            ws_snapshot_free(empty);
            ws_snapshot_free(other_empty);
            ws_machine_free(stage.machine);
            ws_machine_free(stage.other);
            stage = (struct stage){.machine = machine_make(settings->keeps), .other = machine_make(settings->keeps)};
            if (ws_snapshot_take(&empty, stage.machine) || ws_snapshot_take(&other_empty, stage.other))
                abort();
        }
        ws_snapshot_restore(empty, stage.machine);
        ws_snapshot_restore(other_empty, stage.other);
        ws_machine_acts_forget(stage.machine);
        ws_machine_acts_forget(stage.other);
        struct dice dice = {.state = shared->seed};
        if (settings->verbose) {
            printf("seed %llu\n", (unsigned long long)shared->seed);
            fflush(stdout);
        }
        if (!program_compare(&stage, &dice, shared->seed, settings->instructions))
            shared->different++;
        shared->programs++;
        shared->instructions += ws_machine_mark(stage.other);
        shared->halts[ws_machine_halt(stage.other)->reason]++;
        if (settings->verbose)
            printf("  %s\n", ws_halt_text((enum ws_halt_reason)ws_machine_halt(stage.other)->reason));
    }
    ws_snapshot_free(empty);
    ws_snapshot_free(other_empty);
    ws_machine_free(stage.machine);
    ws_machine_free(stage.other);
}

/* Run all programs; each death of a child costs one program.  Returns how many deaths. */
static unsigned programs_run(struct shared *shared, const struct settings *settings)
{
    uint64_t end = settings->seed + settings->programs;
    unsigned deaths = 0;
    shared->seed = settings->seed;
    while (shared->seed < end) {
        fflush(stdout);
        pid_t child = fork();
        if (child < 0)
            return deaths + 1;
        if (child == 0) {
            child_run(shared, settings, end);
            exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            break;
        printf("seed %llu: the process ended (%s %d)\n", (unsigned long long)shared->seed,
               WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        shared->seed++;
        deaths++;
    }
    return deaths;
}

/* Programs that have found a defect once, with those before them that were necessary for it.  One alone runs each time,
 * more than one with WS_MORE=1 or WS_LONG=1. */
static const struct {
    uint64_t seed, programs;
} found[] = {
    {1003605, 1},  /* a page that could not be fetched was remembered as such */
    {1016008, 1},  /* a saved x87 control word of 0 was taken for the initial state */
    {3008211, 1},  /* a noticed write brought unnoticed ones into the copy of a mixed frame */
    {3008780, 10}, /* a block that crosses into a mixed frame was entered while it was forgotten */
};

enum { FULL_LENGTH = 3000, SHORT_LENGTH = 600 };

static unsigned found_run(struct shared *shared, const struct settings *settings)
{
    unsigned deaths = 0;
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        if (found[i].programs > effort_more(1, 10, 10))
            continue;
        struct settings one = *settings;
        one.seed = found[i].seed;
        one.programs = found[i].programs;
        one.instructions = FULL_LENGTH;
        deaths += programs_run(shared, &one);
    }
    return deaths;
}

static bool settings_read(struct settings *settings, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        uint64_t *number = strcmp(argv[i], "--seed") == 0           ? &settings->seed
                           : strcmp(argv[i], "--programs") == 0     ? &settings->programs
                           : strcmp(argv[i], "--instructions") == 0 ? &settings->instructions
                                                                    : NULL;
        if (strcmp(argv[i], "--verbose") == 0)
            settings->verbose = true;
        else if (strcmp(argv[i], "--keep") == 0)
            settings->keeps = true;
        else if (number && i + 1 < argc)
            *number = strtoull(argv[++i], NULL, 0);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct settings settings = {.seed = 1, .programs = effort(300, 20000), .instructions = FULL_LENGTH};
    if (!settings_read(&settings, argc, argv)) {
        fprintf(stderr, "usage: fuzz_guest [--seed N] [--programs N] [--instructions N] [--keep] [--verbose]\n");
        return 2;
    }
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 10;
    if (argc == 1)
        settings.instructions = effort_more(SHORT_LENGTH, FULL_LENGTH, FULL_LENGTH);
    unsigned deaths = argc == 1 ? found_run(shared, &settings) : 0;
    uint64_t keeping = argc == 1 ? settings.programs / 4 : 0;
    settings.programs -= keeping;
    deaths += programs_run(shared, &settings);
    if (keeping) {
        settings.programs = keeping;
        settings.keeps = true;
        deaths += programs_run(shared, &settings);
    }
    printf("%llu programs, %llu instructions, %u deaths, %llu different\n", (unsigned long long)shared->programs,
           (unsigned long long)shared->instructions, deaths, (unsigned long long)shared->different);
    for (int i = 0; i < WS_HALT_COUNT; i++)
        printf("  %6llu %s\n", (unsigned long long)shared->halts[i], ws_halt_text((enum ws_halt_reason)i));
    return deaths || shared->different || !shared->programs;
}

#endif
