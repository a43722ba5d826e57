/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine reports while it runs.
 *
 * An event belongs to one instruction (or to one delivery of a vector between two instructions).  Its mark is the
 * mark at which that instruction was about to begin: go there, and EIP stands on the culprit.  Listeners are
 * called when the event has happened, so that the registers they read are those after it.
 */
#ifndef WORLDSWITCH_EVENT_H
#define WORLDSWITCH_EVENT_H

#include <stdint.h>

/* name, text in traces, meaning of `which` / `before` / `after` */
#define WS_EVENT_TABLE(X)                                                                            \
    X(INSTRUCTION, "instruction", "about to execute; nothing has changed yet")                       \
    X(CONTROL_REGISTER, "control-register", "which: enum ws_register; before, after")                \
    X(TABLE_LOAD, "table-load", "which: WS_GDTR_BASE, WS_IDTR_BASE, WS_LDTR, WS_TR; before, after")  \
    X(VECTOR, "vector", "which: the vector; before: EIP interrupted; after: EIP of the handler")     \
    X(RETURN, "return", "an iret; which: new CPL; before, after: EIP")                               \
    X(IO, "io", "which: port; after: value; write, bytes")                                           \
    X(HALT, "halt", "hlt executed; which: the interrupt flag")                                       \
    X(REQUEST, "request", "an interrupt asked for from outside; which: vector")                      \
    X(CALL, "call", "near or far; before: ESP before, after: EIP after")                             \
    X(RET, "ret", "ret, lret; before: ESP before, after: EIP after")                                 \
    X(TASK, "task", "a far transfer or a vector changed the task register; before, after: selector") \
    X(NO_CHIP, "no-chip", "a port without a chip, at its first access; like io")                     \
    X(STALE, "stale-translation",                                                                    \
      "an address is used whose page table entry was changed, and that "                             \
      "was not invalidated since: which: the page")

enum ws_event_kind {
#define WS_EVENT_ENUM(name, text, meaning) WS_EVENT_##name,
    WS_EVENT_TABLE(WS_EVENT_ENUM)
#undef WS_EVENT_ENUM
        WS_EVENT_COUNT
};

/* A set of kinds: bit N for kind N. */
#define WS_EVENT_MASK(name) (1u << WS_EVENT_##name)

struct ws_event {
    uint64_t mark;   /* before the instruction it belongs to; for VECTOR: before the interrupted one */
    uint32_t linear; /* that instruction's linear address */
    uint32_t which;  /* see the table */
    uint32_t before;
    uint32_t after;
    uint32_t esp;        /* CALL, RET, RETURN, VECTOR: ESP after */
    uint32_t error_code; /* VECTOR: pushed error code, when has_error_code */
    uint8_t kind;        /* enum ws_event_kind */
    uint8_t cpl;         /* privilege level before */
    uint8_t bytes;       /* IO: access size; INSTRUCTION, CALL: length of the instruction */
    uint8_t origin;      /* VECTOR: enum ws_origin */
    uint8_t write;       /* IO: 1 for out */
    uint8_t far;         /* CALL, RET: a far one */
    uint8_t has_error_code;
    uint8_t page; /* VECTOR 14, raised by the CPU: enum ws_page_result, why the page walk failed; else 0 */
    int8_t irq;   /* VECTOR, from outside: the line of the 8259s that has this vector, 0 to 15; else -1 */
};

/* "vector" and so on; a constant. */
const char *ws_event_name(enum ws_event_kind kind);

struct ws_machine;
/* Called with each event of the kinds listened for.  It may read the machine and may call ws_machine_stop(); it
 * must not change it. */
typedef void ws_event_listener(void *context, struct ws_machine *machine, const struct ws_event *event);

#endif
