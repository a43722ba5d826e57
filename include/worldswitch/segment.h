/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Selectors, segment descriptors and gates: taken apart into fields, and described in words.
 *
 *   selector   15........3 2  1 0      TI 0: GDT, 1: LDT
 *              [  index  ][TI][RPL]
 *
 * SDM 3A §3.4.2 "Segment Selectors", §3.4.5 "Segment Descriptors", §3.5 "System Descriptor Types",
 * §6.11 "IDT Descriptors".
 */
#ifndef WORLDSWITCH_SEGMENT_H
#define WORLDSWITCH_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/buffer.h>

enum {
    WS_DESCRIPTOR_BYTES = 8,
    WS_SELECTOR_RPL = 3,   /* requested privilege level */
    WS_SELECTOR_TI = 4,    /* set: the index counts in the LDT */
    WS_SELECTOR_INDEX = ~7 /* mask: the descriptor's byte offset in its table */
};

/* SDM 3A §3.5 "System Descriptor Types", table 3-2; the S flag is clear. */
enum ws_system_type {
    WS_TYPE_TSS16 = 1,
    WS_TYPE_LDT = 2,
    WS_TYPE_TSS16_BUSY = 3,
    WS_TYPE_CALL_GATE16 = 4,
    WS_TYPE_TASK_GATE = 5,
    WS_TYPE_INTERRUPT_GATE16 = 6,
    WS_TYPE_TRAP_GATE16 = 7,
    WS_TYPE_TSS32 = 9,
    WS_TYPE_TSS32_BUSY = 11,
    WS_TYPE_CALL_GATE32 = 12,
    WS_TYPE_INTERRUPT_GATE32 = 14,
    WS_TYPE_TRAP_GATE32 = 15
};

/* Bits of the type field of code and data descriptors.  SDM 3A §3.4.5.1 "Code- and Data-Segment Descriptor Types". */
enum {
    WS_TYPE_ACCESSED = 1,
    WS_TYPE_WRITABLE = 2,    /* data */
    WS_TYPE_READABLE = 2,    /* code */
    WS_TYPE_EXPAND_DOWN = 4, /* data */
    WS_TYPE_CONFORMING = 4,  /* code */
    WS_TYPE_CODE = 8
};

/* A segment, LDT or TSS descriptor. */
struct ws_descriptor {
    uint32_t base;  /* linear address of the segment's first byte */
    uint32_t limit; /* last valid offset in bytes, granularity already applied */
    uint8_t type;   /* 4 bits: enum ws_system_type if `system`, else the WS_TYPE_ bits */
    bool system;    /* the S flag is clear: LDT, TSS or gate */
    uint8_t dpl;    /* descriptor privilege level, 0..3 */
    bool present;   /* P */
    bool available; /* AVL, for software */
    bool big;       /* D/B: 32-bit code, or stack that uses ESP */
    bool granular;  /* G: the raw limit counts 4 KiB pages */
};

/* A gate of the IDT, or a call gate. */
struct ws_gate {
    uint32_t offset;   /* in the target segment; 0 for a task gate */
    uint16_t selector; /* of the code segment; for a task gate, of the TSS */
    uint8_t type;      /* enum ws_system_type */
    bool system;       /* the S flag is clear, as it must be in a gate */
    uint8_t dpl;       /* the outermost ring that may use it by `int` or a far call */
    bool present;
    uint8_t parameters; /* of a call gate: how many parameters are copied */
};

void ws_descriptor_decode(struct ws_descriptor *descriptor, const uint8_t raw[WS_DESCRIPTOR_BYTES]);
/* The inverse.  A limit that cannot be expressed is rounded up: with `granular`, or above 1 MiB, it ends with its
 * page. */
void ws_descriptor_encode(uint8_t raw[WS_DESCRIPTOR_BYTES], const struct ws_descriptor *descriptor);
void ws_gate_decode(struct ws_gate *gate, const uint8_t raw[WS_DESCRIPTOR_BYTES]);
void ws_gate_encode(uint8_t raw[WS_DESCRIPTOR_BYTES], const struct ws_gate *gate);

/* Is it a gate: call, interrupt, trap or task gate?  Then decode it with ws_gate_decode(). */
bool ws_descriptor_is_gate(const struct ws_descriptor *descriptor);

/* The type in words: "32-bit code, readable", "data, writable, expand-down", "32-bit TSS (busy)".  It is a constant. */
const char *ws_descriptor_type_text(const struct ws_descriptor *descriptor);

/* Append a description without a newline: type, base, limit, DPL, present or not. */
void ws_descriptor_describe(struct ws_buffer *out, const struct ws_descriptor *descriptor);
void ws_gate_describe(struct ws_buffer *out, const struct ws_gate *gate);
/* "0x001b: GDT entry 3, RPL 3" */
void ws_selector_describe(struct ws_buffer *out, uint16_t selector);

#endif
