/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random guests: no guest may end this process, and running is the same as stepping.
 *
 *     fuzz_guest [--seed N] [--programs N] [--instructions N] [--verbose]
 *
 * Each program is made of a seed alone, see random_guest.c.  It runs twice from one snapshot:
 * freely, and stopped every few instructions; the state hashes must agree at the end.  And it goes on twice from a
 * snapshot in the midst of it.  Two things excuse a difference, as the manual does: page tables that were changed under
 * way, and code written right in front of itself.
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

/* -- running ----------------------------------------------------------------------------------- */

enum { STAGES = 4 };

/* How a program is run. */
struct plan {
    uint64_t seed;
    uint64_t instructions;
    uint64_t until; /* stop here */
    unsigned piece; /* at most so many instructions at once; 0: all */
};

/* Run to `mark` in pieces of at most `piece` instructions (0: in one piece).  false: the guest has
 * halted. */
static bool run_to(struct ws_machine *machine, uint64_t mark, struct dice *dice, const struct plan *plan)
{
    unsigned piece = plan->piece;
    while (ws_machine_mark(machine) < mark) {
        uint64_t left = mark - ws_machine_mark(machine),
                 size = piece ? 1 + roll(dice, piece) : left;
        enum ws_stop stop = ws_machine_run(machine, size < left ? size : left);
        if (stop == WS_STOP_HALT)
            return false;
        if (ws_machine_halt(machine)->reason)
            return false;
        /* asleep: nothing more will begin */
        if (ws_machine_mark(machine) < mark && !piece)
            return false;
    }
    return true;
}

/* Run from where it is.  Now and then an interrupt, at the same marks whatever the pieces are. */
static uint64_t program_run(struct ws_machine *machine, const struct plan *plan)
{
    struct dice dice = {.state = plan->seed};
    for (unsigned stage = 0; stage < STAGES; stage++) {
        uint64_t mark = plan->instructions * (stage + 1) / STAGES;
        if (ws_machine_mark(machine) > mark)
            continue;
        bool last = mark >= plan->until;
        if (!run_to(machine, last ? plan->until : mark, &dice, plan) || last)
            break;
        if (stage % 2 == 0)
            ws_machine_interrupt(machine, (uint8_t)(plan->seed >> 8 * stage));
        else if (plan->seed & 1)
            ws_machine_nmi(machine);
    }
    return ws_machine_hash(machine);
}

/* Do running and stepping agree at this mark? */
static bool runs_agree(struct ws_machine *machine, const struct ws_snapshot *start,
                       struct plan plan, uint64_t until)
{
    plan.until = until;
    plan.piece = 0;
    ws_snapshot_restore(start, machine);
    uint64_t freely = program_run(machine, &plan);
    plan.piece = 1 + plan.seed % 7;
    ws_snapshot_restore(start, machine);
    return program_run(machine, &plan) == freely;
}

/* Does it go on from a snapshot as it went on before?  By then the machine is in another state altogether. */
static bool returns_agree(struct ws_machine *machine, const struct ws_snapshot *start, struct plan plan)
{
    struct ws_snapshot *midst;
    plan.until = 1 + plan.seed % plan.instructions;
    ws_snapshot_restore(start, machine);
    program_run(machine, &plan);
    plan.until = plan.instructions;
    if (ws_machine_halt(machine)->reason)
        return true;
    if (ws_snapshot_take(&midst, machine, NULL))
        abort();
    uint64_t before = program_run(machine, &plan);
    ws_snapshot_restore(midst, machine);
    bool agree = program_run(machine, &plan) == before;
    ws_snapshot_free(midst);
    return agree;
}

static void registers_print(struct ws_machine *machine, const struct plan *plan)
{
    struct ws_registers registers;
    program_run(machine, plan);
    ws_machine_registers(machine, &registers);
    printf("  %s, mark %llu, halt %u:", plan->piece ? "stepped" : "freely",
           (unsigned long long)ws_machine_mark(machine), ws_machine_halt(machine)->reason);
    for (int i = 0; i < WS_REGISTER_COUNT; i++)
        printf(" %s %x", ws_register_info((enum ws_register)i)->name, registers.value[i]);
    printf("\n");
}

/* Say where running and stepping part: the last mark at which they agree is found by bisection. */
static void difference_report(struct ws_machine *machine, const struct ws_snapshot *start,
                              struct plan plan)
{
    uint64_t low = 0, high = plan.instructions;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (runs_agree(machine, start, plan, middle))
            low = middle;
        else
            high = middle;
    }
    printf("seed %llu: running and stepping part at mark %llu\n", (unsigned long long)plan.seed,
           (unsigned long long)low);
    for (unsigned last = 0; last < 2; last++) {
        plan.until = last ? high : low;
        for (unsigned stepped = 0; stepped < 2; stepped++) {
            plan.piece = stepped ? 1 + plan.seed % 7 : 0;
            ws_snapshot_restore(start, machine);
            registers_print(machine, &plan);
        }
    }
    fflush(stdout);
}

/* Returns whether running and stepping agree. */
static bool program_compare(struct ws_machine *machine, struct dice *dice, uint64_t seed,
                            uint64_t instructions)
{
    struct plan plan = {.seed = seed, .instructions = instructions};
    struct ws_snapshot *start;
    program_make(machine, dice);
    if (ws_snapshot_take(&start, machine, NULL))
        abort();
    bool agree = runs_agree(machine, start, plan, instructions);
    bool returns = returns_agree(machine, start, plan);
    if (!returns)
        printf("seed %llu: it goes on otherwise from a snapshot\n", (unsigned long long)seed);
    if (!agree)
        difference_report(machine, start, plan);
    ws_snapshot_free(start);
    return agree && returns;
}

static struct ws_machine *machine_make(void)
{
    struct ws_machine_options options = {.memory_bytes = GUEST_MEMORY};
    struct ws_machine *machine;
    if (ws_machine_new(&machine, &options))
        abort();
    return machine;
}

#ifdef FUZZ_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    struct ws_machine *machine = machine_make();
    struct dice dice = {.input = input, .bytes = bytes};
    if (!program_compare(machine, &dice, bytes, 2000))
        abort();
    ws_machine_free(machine);
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
    bool verbose;
};

enum { PROGRAMS_A_MACHINE = 50 };

/* The child: programs in one machine after the other, each machine used for some. */
static void child_run(struct shared *shared, const struct settings *settings, uint64_t end)
{
    struct ws_machine *machine = NULL;
    struct ws_snapshot *empty = NULL;
    for (; shared->seed < end; shared->seed++) {
        if (!machine || shared->seed % PROGRAMS_A_MACHINE == 0) {
            ws_snapshot_free(empty);
            ws_machine_free(machine);
            machine = machine_make();
            if (ws_snapshot_take(&empty, machine, NULL))
                abort();
        }
        ws_snapshot_restore(empty, machine);
        struct dice dice = {.state = shared->seed};
        if (settings->verbose) {
            printf("seed %llu\n", (unsigned long long)shared->seed);
            fflush(stdout);
        }
        if (!program_compare(machine, &dice, shared->seed, settings->instructions))
            shared->different++;
        shared->programs++;
        shared->instructions += 2 * ws_machine_mark(machine);
        shared->halts[ws_machine_halt(machine)->reason]++;
        if (settings->verbose)
            printf("  %s\n", ws_halt_text((enum ws_halt_reason)ws_machine_halt(machine)->reason));
    }
    ws_snapshot_free(empty);
    ws_machine_free(machine);
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
               WIFSIGNALED(status) ? "signal" : "status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        shared->seed++;
        deaths++;
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
        else if (number && i + 1 < argc)
            *number = strtoull(argv[++i], NULL, 0);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct settings settings = {.seed = 1, .programs = effort(300, 20000), .instructions = 3000};
    if (!settings_read(&settings, argc, argv)) {
        fprintf(stderr,
                "usage: fuzz_guest [--seed N] [--programs N] [--instructions N] [--verbose]\n");
        return 2;
    }
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 10;
    unsigned deaths = programs_run(shared, &settings);
    printf("%llu programs, %llu instructions, %u deaths, %llu different\n",
           (unsigned long long)shared->programs, (unsigned long long)shared->instructions, deaths,
           (unsigned long long)shared->different);
    for (int i = 0; i < WS_HALT_COUNT; i++)
        printf("  %6llu %s\n", (unsigned long long)shared->halts[i],
               ws_halt_text((enum ws_halt_reason)i));
    return deaths || shared->different || !shared->programs;
}

#endif
