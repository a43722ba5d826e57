/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers that a world switch written in assembler needs: where things are in a saved context, on the stack at its
 * entry, and how to tell the laboratory where a world's registers are kept.
 *
 * This header is read by C and by the assembler:  gcc -m32 -c cross.S  with  #include <worldswitch/context.h>
 */
#ifndef WORLDSWITCH_CONTEXT_H
#define WORLDSWITCH_CONTEXT_H

#include <worldswitch/cross.h>

/* -- the built-in context: offsets in struct ws_cross_context ---------------------------------- */

#define WS_CONTEXT_ESP            0
#define WS_CONTEXT_SS             4
#define WS_CONTEXT_LDTR           6
#define WS_CONTEXT_CR0            8
#define WS_CONTEXT_CR2            12
#define WS_CONTEXT_CR3            16
#define WS_CONTEXT_CR4            20
#define WS_CONTEXT_TR             24
#define WS_CONTEXT_GDTR           26
#define WS_CONTEXT_IDTR           34
#define WS_CONTEXT_TSS_DESCRIPTOR 40

/* Byte 5 of a TSS descriptor holds its type; bit 1 of the type says busy.
 * SDM 3A §7.2.2 "TSS Descriptor". */
#define WS_DESCRIPTOR_TYPE_BYTE 5
#define WS_TSS_BUSY             2

/* -- the stack at the switch's first instruction ----------------------------------------------- */

/* A far call has pushed CS and EIP; the arguments are above. Offsets from ESP. */
#define WS_CROSS_ENTRY_EIP  0
#define WS_CROSS_ENTRY_CS   4
#define WS_CROSS_ENTRY_FROM 8
#define WS_CROSS_ENTRY_TO   12

/* -- a context switch of one's own ------------------------------------------------------------- */

/* Where its code stands, from the kernel's base, which is 0xc0000000 in a lab's first world; and where the world's TSS
 * is, with the ring-0 stack in it.  SDM 3A §7.2.1 "Task-State Segment (TSS)". */
#define WS_CONTEXT_SWITCH_OFFSET 0xf0000
#define WS_KERNEL_TSS_OFFSET     0x1500
#define WS_TSS_ESP0              4

/* In a process's block, to which both arguments of context_switch(from, to) point. */
#define WS_PROCESS_ESP  0 /* of its kernel stack, while it does not run */
#define WS_PROCESS_ESP0 4 /* top of its kernel stack: the TSS has it while the process runs */
#define WS_PROCESS_CR3  8

/* -- a format of one's own: rows of struct ws_cross_slot --------------------------------------- */

/* What a slot holds: a register's number, as enum ws_register has it, or one of the last two. */
#define WS_SLOT_EAX        0
#define WS_SLOT_ECX        1
#define WS_SLOT_EDX        2
#define WS_SLOT_EBX        3
#define WS_SLOT_ESP        4 /* as it is when the world goes on, behind the last pop of the switch */
#define WS_SLOT_EBP        5
#define WS_SLOT_ESI        6
#define WS_SLOT_EDI        7
#define WS_SLOT_EIP        8
#define WS_SLOT_EFLAGS     9
#define WS_SLOT_CS         10
#define WS_SLOT_SS         11
#define WS_SLOT_DS         12
#define WS_SLOT_ES         13
#define WS_SLOT_FS         14
#define WS_SLOT_GS         15
#define WS_SLOT_GDTR_BASE  16
#define WS_SLOT_GDTR_LIMIT 17
#define WS_SLOT_IDTR_BASE  18
#define WS_SLOT_IDTR_LIMIT 19
#define WS_SLOT_LDTR       20
#define WS_SLOT_TR         21
#define WS_SLOT_CR0        22
#define WS_SLOT_CR2        23
#define WS_SLOT_CR3        24
#define WS_SLOT_CR4        25
/* Linear: where the frame on the world's stack begins, its lowest byte. */
#define WS_SLOT_FRAME 0x80
/* Linear: the descriptor of the world's TSS, so that its busy bit can be cleared.  It never changes. */
#define WS_SLOT_TSS_DESCRIPTOR 0x81

/* Where a slot is: in the world's context; or on its stack, in the frame that the switch pops. */
#define WS_SLOT_IN_CONTEXT 0
#define WS_SLOT_ON_STACK   1

#ifdef __ASSEMBLER__

/*
 * WS_FORMAT, rows, WS_FORMAT_END: the format of this file's switch, in a section of its own, whose linker script is
 *
 *      SECTIONS
 *      {
 *          . = 0xffbff000;  .ws.format : { *(.ws.format) }
 *          . = 0xffc00000;  .text : { *(.text) }
 *          /DISCARD/ : { *(*) }
 *      }
 *
 * Linked so with --oformat=binary, it is what ws_cross_code_read() reads.  The arguments are those of struct
 * ws_cross_code; `entry` is a label.
 */
        .macro  WS_FORMAT entry, contexts_offset, context_bytes, wipe_offset, wipe_bytes, frame_bytes
        .pushsection .ws.format, "a", @progbits
        .ascii  "WSX1"
        .long   \entry - WS_CROSS_LINEAR, \contexts_offset, \context_bytes, \wipe_offset, \wipe_bytes, \frame_bytes
        .long   (.Lws_format_end - .Lws_format_rows) / 8
.Lws_format_rows:
        .endm
        .macro  WS_FORMAT_END
.Lws_format_end:
        .popsection
        .endm

/* WS_SLOT: one row of the table.  `offset` counts from the context's first byte, or from the frame's. */
        .macro  WS_SLOT what, place, offset, bytes=4
        .byte   \what, \place
        .short  \offset
        .byte   \bytes, 0, 0, 0
        .endm

#else

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/status.h>

/* Where one value of a world is that does not run. */
struct ws_cross_slot {
    uint8_t what;    /* WS_SLOT_EAX and so on: enum ws_register, WS_SLOT_FRAME or WS_SLOT_TSS_DESCRIPTOR */
    uint8_t place;   /* WS_SLOT_IN_CONTEXT or WS_SLOT_ON_STACK */
    uint16_t offset; /* of its first byte, in the context or in the frame */
    uint8_t bytes;   /* 2 or 4: of a 32-bit value, the low ones */
    uint8_t unused[3];
};

/*
 * A world switch: code for the cross page, and the format in which it keeps a world that does not run.  The laboratory
 * fills contexts and stacks of worlds that never ran in this format, so that the code enters them like all others.
 *
 * The code is called far, cross(from, to), with the linear addresses of two contexts; it ends in the entered world
 * behind the call that left it, with ESP as that call's caller has it, the two arguments on top.  A world that never
 * ran has called nothing: there, ESP is WS_SLOT_ESP.
 *
 * Places are offsets in the cross page.  Code and contexts stay clear of the mailbox (WS_CROSS_MAILBOX_OFFSET) and of
 * what is at WS_CROSS_RESERVED_OFFSET and above.
 */
struct ws_cross_code {
    const void *code;                 /* a flat image, linked for WS_CROSS_LINEAR */
    uint32_t bytes;                   /* of code */
    uint32_t entry;                   /* where the far call goes; below `bytes` */
    uint32_t contexts_offset;         /* where the first context is; a multiple of 4 */
    uint32_t context_bytes;           /* of each context; a multiple of 4 */
    uint32_t wipe_offset, wipe_bytes; /* in a context: what is zero while its world runs, so that no stale value can */
                                      /* pass for a saved one; the kernels see to it; multiples of 4 */
    uint32_t frame_bytes;             /* on a world's stack: what the switch pops of a world that never ran */
    const struct ws_cross_slot *slot; /* the format */
    uint32_t slots;
};

/*
 * A context switch: code for a kernel, which calls it like a C function, context_switch(from, to), near, in ring 0 with
 * interrupts off, with the linear addresses of two processes' blocks.  It keeps what C wants kept on from's kernel
 * stack, leaves from's ESP in its block, and returns on to's.
 */
struct ws_context_code {
    const void *code;                 /* a flat image, linked for the kernel's base + WS_CONTEXT_SWITCH_OFFSET */
    uint32_t bytes;                   /* at most a page */
    uint32_t entry;                   /* of its first instruction; below `bytes` */
    uint32_t frame_bytes;             /* on the stack of a process that never ran, from its block's ESP upwards */
    const struct ws_cross_slot *slot; /* in that frame: WS_SLOT_ON_STACK; EIP is where it returns to */
    uint32_t slots;
};

/* Read what context.h's macros and linker script made: the format, and the code.  *out points into `image`.
 * WS_OK, WS_BAD_IMAGE (it is something else, or too short, or has more code than the page has room for). */
enum ws_status ws_cross_code_read(struct ws_cross_code *out, const void *image, size_t bytes);

/* The built-in switch: the code of ws_cross_page(), its contexts, its format.  A constant. */
const struct ws_cross_code *ws_cross_built_in(void);

#endif
#endif
