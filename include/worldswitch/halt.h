/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a run ended, and why a guest cannot go on.  Not an error of ours: a run that ends this way ended with WS_OK.
 */
#ifndef WORLDSWITCH_HALT_H
#define WORLDSWITCH_HALT_H

#include <stdint.h>

/* Why a run ended. */
enum ws_stop {
    WS_STOP_COUNT,      /* the asked number of instructions was begun and finished */
    WS_STOP_BREAKPOINT, /* the instruction at a breakpoint is about to begin */
    WS_STOP_ASKED,      /* somebody called ws_machine_stop() */
    WS_STOP_HALT        /* the guest cannot go on: see ws_machine_halt() */
};

/* name, exit status of the program, text.  The status of EXIT is (value << 1) | 1, as under QEMU. */
#define WS_HALT_TABLE(X)                                                                         \
    X(NONE, 0, "running")                                                                        \
    X(STOPPED, 0, "the guest halted with interrupts off")                                        \
    X(EXIT, 1, "the guest left through the debug exit port")                                     \
    X(TRIPLE_FAULT, 4, "the guest triple-faulted")                                               \
    X(LIMIT, 6, "the instruction limit was reached")                                             \
    X(ASLEEP, 8, "the guest sleeps and nothing can wake it")                                     \
    X(REAL_MODE, 10, "the guest left protected mode, which this machine does not have outside")  \
    X(VIRTUAL_8086, 10, "the guest entered virtual-8086 mode, which this machine does not have") \
    X(RESET, 0, "the guest reset the machine")                                                   \
    X(ENGINE, 10, "the CPU emulator cannot go on")                                               \
    X(POWER_OFF, 0, "the guest switched the machine off")                                        \
    X(HOST, 10, "the host cannot go on: see ws_machine_failure()")

enum ws_halt_reason {
#define WS_HALT_ENUM(name, status, text) WS_HALT_##name,
    WS_HALT_TABLE(WS_HALT_ENUM)
#undef WS_HALT_ENUM
        WS_HALT_COUNT
};

enum { WS_NAME_BYTES = 32 };

struct ws_halt {
    uint64_t mark;          /* when */
    uint32_t reason;        /* enum ws_halt_reason */
    uint32_t eip;           /* of the instruction that could not go on; after a hlt: the one behind it */
    uint32_t cr3;           /* in which address space */
    uint8_t vector;         /* TRIPLE_FAULT: what could not be delivered */
    uint8_t origin;         /* TRIPLE_FAULT: enum ws_origin, where it came from */
    uint8_t exit_value;     /* EXIT: what was written to the port */
    uint8_t has_error_code; /* TRIPLE_FAULT: the vector has one */
    uint32_t error_code;
    char world[WS_NAME_BYTES]; /* filled by whoever knows the worlds' names; else "" */
};

/* One sentence without full stop; a constant. */
const char *ws_halt_text(enum ws_halt_reason reason);

/* What the program exits with for this halt. */
int ws_halt_exit_status(const struct ws_halt *halt);

#endif
