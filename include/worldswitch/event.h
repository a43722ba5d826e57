/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine reports while it runs.
 *
 * An event belongs to one instruction, or to the delivery of a vector between two instructions.  Its mark is the mark
 * at which that instruction was about to begin: go there, and EIP points to the instruction that caused the event.
 * Listeners are called when the event has happened, so they see the registers after it.  Four kinds are reported
 * earlier: INSTRUCTION before its instruction begins, IO, NO_CHIP, NO_MEMORY and STALE while theirs is executed.
 */
#ifndef WORLDSWITCH_EVENT_H
#define WORLDSWITCH_EVENT_H

#include <stdint.h>

#include <worldswitch/reason.h>

/* name, text in traces, meaning of `which` / `before` / `after` */
#define WS_EVENT_TABLE(X)                                                                             \
    X(INSTRUCTION, "instruction", "about to execute; nothing has changed yet")                        \
    X(CONTROL_REGISTER, "control-register", "which: enum ws_register; before, after")                 \
    X(TABLE_LOAD, "table-load", "which: WS_GDTR_BASE, WS_IDTR_BASE, WS_LDTR, WS_TR; before, after")   \
    X(VECTOR, "vector", "which: the vector; before: EIP interrupted; after: EIP of the handler")      \
    X(RETURN, "return", "an iret; which: new CPL; before, after: EIP")                                \
    X(IO, "io", "which: port; after: value; write, bytes")                                            \
    X(HALT, "halt", "hlt executed; which: the interrupt flag")                                        \
    X(REQUEST, "request", "an interrupt asked for from outside; which: vector")                       \
    X(CALL, "call", "near or far; before: ESP before, after: EIP after")                              \
    X(RET, "ret", "ret, lret; before: ESP before, after: EIP after")                                  \
    X(JUMP, "jump", "near, to an address in a register or in memory; before: ESP; after: EIP after")  \
    X(TASK, "task", "a far transfer or a vector changed the task register; before, after: selector")  \
    X(NO_CHIP, "no-chip", "a port without a chip, at its first access; like io")                      \
    X(NO_MEMORY, "no-memory",                                                                         \
      "an access to physical memory where nothing answers, once a page; which: its address; like io") \
    X(STALE, "stale-translation",                                                                     \
      "an address is used whose page table entry was changed, and that "                              \
      "was not invalidated since: which: the page; reason, if the CPU keeps translations")            \
    X(FAULT_CHAIN, "fault-chain", "a vector that the CPU could not deliver; which: the vector; before: EIP")

enum ws_event_kind {
#define WS_EVENT_ENUM(name, text, meaning) WS_EVENT_##name,
    WS_EVENT_TABLE(WS_EVENT_ENUM)
#undef WS_EVENT_ENUM
        WS_EVENT_COUNT
};

/* A set of kinds of events: bit N for kind N. */
#define WS_EVENT_MASK(name) (1u << WS_EVENT_##name)

struct ws_event {
    uint64_t mark;   /* before the event's instruction; VECTOR: before the interrupted one */
    uint32_t linear; /* that instruction's linear address */
    uint32_t which;  /* see the table, as for `before` and `after` */
    uint32_t before;
    uint32_t after;
    uint32_t esp;        /* CALL, RET, JUMP, RETURN, VECTOR, TASK: ESP after it */
    uint32_t esp_before; /* RETURN: ESP before it: where it took its frame from */
    uint32_t error_code; /* VECTOR, FAULT_CHAIN: the error code, if has_error_code */
    uint32_t cr2;        /* VECTOR, FAULT_CHAIN 14, if the CPU raised it: the address that was accessed */
    uint8_t kind;        /* enum ws_event_kind */
    uint8_t cpl;         /* the privilege level before the event */
    uint8_t bytes;       /* IO: size of the access; INSTRUCTION, CALL: length of the instruction */
    uint8_t origin;      /* VECTOR, FAULT_CHAIN: enum ws_origin */
    uint8_t write;       /* IO: 1 for out */
    uint8_t far;         /* CALL, RET: 1 for a far call or return */
    uint8_t has_error_code;
    int8_t irq; /* VECTOR, FAULT_CHAIN, from outside: the line of the 8259s with this vector, 0 to 15; IO: the line that
                   this EOI ends, 2 is the slave's; else -1 */
    struct ws_reason reason; /* VECTOR, FAULT_CHAIN: why it was raised; STALE: see the table */
};

/* The kind's text from the table, as "vector".  It is a constant. */
const char *ws_event_name(enum ws_event_kind kind);

struct ws_machine;
/* A function that is called with each event of the kinds that it listens to.  It may read the machine and may call
 * ws_machine_stop(); it must not change the machine. */
typedef void ws_event_listener(void *context, struct ws_machine *machine, const struct ws_event *event);

#endif
