/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts at every boundary between two instructions of the world switch, in both directions: each reaches the
 * host's handler once, and the hosted system says what it says without them.
 *
 * usage: interrupts [COUNT]      so many; the system is booted as often as that takes, and then runs on to its end.
 *                                Without a number: 700, or 20000 in long tests
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"

#include <worldswitch/cross.h>
#include <worldswitch/hosted.h>

/* IRQ 1: nothing else in the machine asks for it, and the host's handler ends it and goes on. */
enum { VECTOR = 0x21, BOUNDARIES = WS_CROSS_INSTRUCTIONS + 1, DIRECTIONS = 2 };
/* Not in each switch: the VM would be interrupted before each of its instructions, and the VMM would call that
 * hanging.  An odd number, so that both directions have their turns. */
enum { SWITCHES_BETWEEN = 3 };

struct tally {
    uint32_t handler; /* linear: where the host's IDT sends it */
    unsigned long forced;
    unsigned long arrived; /* at the handler */
    unsigned long in_vmm;  /* of these, first taken by the VMM */
    unsigned tried[DIRECTIONS];
    unsigned at[DIRECTIONS][BOUNDARIES];
};

static void vector_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct tally *tally = context;
    (void)machine;
    if (event->which != VECTOR)
        return;
    if (event->after == tally->handler)
        tally->arrived++;
    else
        tally->in_vmm++;
}

static struct ws_machine *boot(struct tally *tally)
{
    struct ws_machine *machine;
    struct ws_symbols *symbols;
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);
    bool good = ws_machine_new(&machine, NULL) == WS_OK && ws_symbols_new(&symbols) == WS_OK &&
                ws_hosted_boot(machine, symbols) == WS_OK &&
                ws_machine_disk_attach_memory(machine, disk, bytes) == WS_OK &&
                ws_symbols_find(symbols, "vector_33", &tally->handler) == WS_OK &&
                ws_machine_break_add(machine, WS_CROSS_LINEAR) == WS_OK &&
                ws_machine_listen(machine, WS_EVENT_MASK(VECTOR), vector_take, tally) == WS_OK;
    if (!good) {
        fprintf(stderr, "the hosted system cannot be booted\n");
        exit(99);
    }
    ws_symbols_free(symbols);
    return machine;
}

/* Which way: the host's stack is in its kernel half, below the cross page. */
static unsigned direction(const struct ws_machine *machine)
{
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    return registers.value[WS_ESP] > WS_CROSS_LINEAR;
}

/* Force one in the switch that is about to begin, one boundary later than the last time in this direction. */
static void force(struct tally *tally, struct ws_machine *machine)
{
    unsigned way = direction(machine), boundary = tally->tried[way]++ % BOUNDARIES;
    if (boundary)
        ws_machine_run(machine, boundary);
    ws_machine_interrupt(machine, VECTOR);
    tally->forced++;
    tally->at[way][boundary]++;
}

/* One run of the system, with as many interrupts as are wanted.  false: an interrupt is lost, or comes twice, or the
 * guest suffers. */
static bool run(struct tally *tally, unsigned long wanted)
{
    static const char last[] = "the disk is synchronized\n";
    struct ws_machine *machine = boot(tally);
    size_t bytes;
    bool good = true;
    for (unsigned i = 0; good && ws_machine_run(machine, 0) == WS_STOP_BREAKPOINT; i++)
        if (i % SWITCHES_BETWEEN == 0) {
            good = tally->arrived == tally->forced;
            if (tally->forced < wanted)
                force(tally, machine);
            else
                ws_machine_break_remove(machine, WS_CROSS_LINEAR);
        }
    const char *serial = ws_machine_serial(machine, &bytes);
    good = good && tally->arrived == tally->forced && bytes > sizeof last &&
           !memcmp(serial + bytes - strlen(last), last, strlen(last)) && strstr(serial, "vm: done\n");
    if (!good)
        fprintf(stderr, "%lu forced, %lu arrived; the guest said:\n%.*s", tally->forced, tally->arrived, (int)bytes,
                serial);
    ws_machine_free(machine);
    return good;
}

int main(int argc, char **argv)
{
    static struct tally tally;
    unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : effort(700, 20000);
    unsigned untried = 0;
    while (tally.forced < wanted)
        if (!run(&tally, wanted))
            return 1;
    for (unsigned way = 0; way < DIRECTIONS; way++)
        for (unsigned boundary = 0; boundary < BOUNDARIES; boundary++)
            untried += !tally.at[way][boundary];
    printf("%lu interrupts forced, %lu arrived at the host's handler, %lu of them by way of the VMM; %u boundaries "
           "untried\n",
           tally.forced, tally.arrived, tally.in_vmm, untried);
    return untried || !tally.in_vmm;
}
