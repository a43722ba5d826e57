/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a run ended, and why a guest cannot go on.  Neither is an error of the library's functions.
 */
#ifndef WORLDSWITCH_HALT_H
#define WORLDSWITCH_HALT_H

#include <stdint.h>

#include <worldswitch/reason.h>

/* Why a run ended. */
enum ws_stop {
    WS_STOP_COUNT,      /* the number of instructions that was asked for was executed */
    WS_STOP_BREAKPOINT, /* an instruction with a breakpoint is about to begin */
    WS_STOP_ASKED,      /* the client called ws_machine_stop() */
    WS_STOP_HALT        /* the guest cannot go on: see ws_machine_halt() */
};

/* name, exit status of the program worldswitch, text.  The status of EXIT is (value << 1) | 1, as under QEMU. */
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

/* A vector that could not be delivered. */
struct ws_fault {
    uint32_t eip;        /* of the instruction that raised it, or that was interrupted */
    uint32_t linear;     /* that instruction's linear address */
    uint32_t cr2;        /* #PF: the linear address that was accessed; else 0 */
    uint32_t error_code; /* 0 if it has none */
    uint8_t vector;
    uint8_t origin; /* enum ws_origin */
    uint8_t has_error_code;
    uint8_t cpl; /* the privilege level at which it was raised */
    struct ws_reason reason;
};

/* The longest chain: an interrupt, two faults, a third that makes it a double fault, #DF, and what stops that. */
enum { WS_FAULTS = 6 };

struct ws_halt {
    uint64_t mark;          /* the mark at which the guest halted */
    uint32_t reason;        /* enum ws_halt_reason */
    uint32_t eip;           /* of the instruction that could not go on; after hlt: of the next one */
    uint32_t cr3;           /* the address space */
    uint8_t vector;         /* TRIPLE_FAULT: the vector that could not be delivered */
    uint8_t origin;         /* TRIPLE_FAULT: where it came from, enum ws_origin */
    uint8_t exit_value;     /* EXIT: the value that was written to the port */
    uint8_t has_error_code; /* TRIPLE_FAULT: the vector has an error code, which follows */
    uint32_t error_code;
    /* TRIPLE_FAULT: the whole chain.  The first vector comes first; each other one was met while the CPU was delivering
     * the one in front of it, or is the double fault (8) that these two make.  The last one is the reason why the
     * double fault could not be delivered. */
    uint32_t faults;
    struct ws_fault fault[WS_FAULTS];
};

/* The reason in words: one sentence without a full stop.  It is a constant. */
const char *ws_halt_text(enum ws_halt_reason reason);

/* The exit status of the program worldswitch for this halt. */
int ws_halt_exit_status(const struct ws_halt *halt);

#endif
