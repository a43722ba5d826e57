/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cross page: the one page that all worlds of a laboratory map, at one linear address, and
 * nothing else.
 *
 *   0xffc00000  +0x000  the switch: 45 instructions, the same for every direction
 *               +0x400  saved contexts, one a world; entry 0 belongs to the boot world
 *               +0x800  the mailbox through which worlds talk
 *   0xffc01000
 *
 * A world is left and entered by a far call to the page's first byte, with two arguments on the
 * stack, pushed right to left as in C:  cross(struct ws_cross_context *from, struct
 * ws_cross_context *to).  The far return that ends it is executed in the entered world, and goes to
 * where that world once called.
 *
 * This is the built-in switch.  A laboratory can have another one, with contexts of another form: see context.h and
 * ws_lab_set_cross().
 *
 * This header is read by C and, for its numbers, by the assembler.
 */
#ifndef WORLDSWITCH_CROSS_H
#define WORLDSWITCH_CROSS_H

/* The first page of the top 4 MiB of the linear address space.  Those belong to the VMM, so that
 * one truncated segment keeps a virtual machine out of the VMM and out of the cross page. */
#define WS_CROSS_LINEAR          0xffc00000
#define WS_CROSS_BYTES           0x1000
#define WS_CROSS_CONTEXTS_OFFSET 0x400
#define WS_CROSS_MAILBOX_OFFSET  0x800
#define WS_CROSS_RESERVED_OFFSET 0xf00 /* from here on: the handler of a storm */
#define WS_CROSS_CONTEXT_BYTES   48
#define WS_CROSS_CONTEXTS        16 /* how many worlds fit, the boot world counted */
#define WS_CROSS_INSTRUCTIONS    45 /* executed from the first to the far return, both included */

/* number, name, what a reader sees: the parts of the switch, in the order of execution */
#define WS_CROSS_PHASE_TABLE(X)                           \
    X(0, QUIET, "interrupts off")                         \
    X(1, PUSH, "registers to the left world's stack")     \
    X(2, FETCH, "where from, where to")                   \
    X(3, SAVE, "privileged state to the cross page")      \
    X(4, SPACE, "the address space")                      \
    X(5, CONTROL, "the entered world's CR4, CR0, CR2")    \
    X(6, TABLES, "tables and task of the entered world")  \
    X(7, STACK, "stack of the entered world")             \
    X(8, POP, "registers from the entered world's stack") \
    X(9, RETURN, "into the entered world's code")

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* GDTR or IDTR, as `sgdt` and `sidt` store them.  SDM 3A §2.4 "Memory-Management Registers". */
struct ws_cross_table {
    uint16_t limit; /* last valid byte */
    uint32_t base;  /* linear, in the world it belongs to */
} __attribute__((packed));

/* What a left world leaves behind, besides the registers on its own stack.  While the world runs,
 * its saved context is void: the laboratory's kernels wipe it, so that no stale value can pass for
 * a saved one. */
struct ws_cross_context {
    uint32_t esp; /* with ss: the far pointer that `lss` loads */
    uint16_t ss;
    uint16_t ldtr;
    uint32_t cr0;
    uint32_t cr2;
    uint32_t cr3;
    uint32_t cr4;
    uint16_t tr;
    struct ws_cross_table gdtr;
    uint16_t unused_1;
    struct ws_cross_table idtr;
    uint32_t tss_descriptor; /* linear: where its TSS's descriptor is. Fixed, never saved */
    uint32_t unused_2;
};

/* What one world wants from another.  The words mean what the worlds' kernels agree on. */
struct ws_cross_mailbox {
    uint32_t request;  /* what to do */
    uint32_t argument; /* with what */
    uint32_t result;   /* the answer */
    uint32_t trips;    /* how many requests were answered so far */
};

enum ws_cross_phase {
#define WS_CROSS_PHASE_ENUM(number, name, text) WS_PHASE_##name = number,
    WS_CROSS_PHASE_TABLE(WS_CROSS_PHASE_ENUM)
#undef WS_CROSS_PHASE_ENUM
        WS_PHASE_COUNT
};

/* One instruction of the switch.  The texts stand beside the instruction in cross.S, and nowhere
 * else. */
struct ws_cross_step {
    uint32_t linear;
    uint8_t number;      /* 1 .. WS_CROSS_INSTRUCTIONS */
    uint8_t size;        /* bytes */
    uint8_t phase;       /* enum ws_cross_phase */
    const char *why;     /* why it is there; a constant */
    const char *without; /* what happens when it is removed; a constant */
};

/* How many instructions the switch has: WS_CROSS_INSTRUCTIONS. */
size_t ws_cross_step_count(void);
/* The instruction with that number, from 1.  Returns false, and leaves *out alone, if there is
 * none. */
bool ws_cross_step_get(unsigned number, struct ws_cross_step *out);
/* The instruction that has a byte at `linear`, under the assumption that the cross page is mapped
 * there. Returns false, and leaves *out alone, if there is none. */
bool ws_cross_step_at_linear(uint32_t linear, struct ws_cross_step *out);
/* Is this the built-in switch, or a copy in which little was changed?  `code` has WS_CROSS_CONTEXTS_OFFSET bytes.  Only
 * then do the numbers and texts of its steps say something about what is executed there. */
bool ws_cross_is_built_in(const uint8_t *code);
/* "interrupts off" and so on; a constant. */
const char *ws_cross_phase_text(enum ws_cross_phase phase);

/* The whole page as it stands before any world is built: code, empty contexts, empty mailbox.
 * WS_CROSS_BYTES bytes; a constant. */
const uint8_t *ws_cross_page(void);

/* The linear address of the saved context with that index, 0 .. WS_CROSS_CONTEXTS - 1. */
uint32_t ws_cross_context_linear(unsigned index);

#endif
#endif
