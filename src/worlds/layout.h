/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things are, for C and for the assembler alike.
 *
 * The laboratory's C builds initial memory with the structures below; the guest's assembly finds
 * its way in it with the numbers.  cross_page.c and the guest's trap.c assert that both agree.
 *
 * A world's linear address space.  K is the world's kernel base: 0xc0000000 in the host, 0xffc00000
 * in the VMM.
 *
 *   0x00000000  ┌──────────────────────────┐
 *               │ user half: of one process│   each process maps its own
 *   K           ├──────────────────────────┤
 *               │ kernel half              │   the same in all processes of the world
 *   K+0x001000  │  GDT, LDT, TSS, IDT      │   one page
 *   K+0x010000  │  kernel image            │
 *   K+0x0ff000  │  kernel stack            │   the page below is not mapped
 *   K+0x100000  │  process kernel stacks   │   one page each, every other page is not mapped
 *   K+0x200000  │  free                    │
 *   0xffc00000  ├──────────────────────────┤
 *               │  the cross page          │   the same in all worlds
 *   0xffc01000  └──────────────────────────┘   above: nothing in the host, the rest of the VMM in the VMM
 */
#ifndef WS_WORLDS_LAYOUT_H
#define WS_WORLDS_LAYOUT_H

#include <worldswitch/context.h>

/* -- the cross page ---------------------------------------------------------------------------- */

/* The arguments of the switch, as seen from ESP after everything was pushed: struct
 * ws_cross_frame. */
#define WS_CROSS_FRAME_FROM 60
#define WS_CROSS_FRAME_TO   64

/* -- a world's kernel half: offsets from its kernel base --------------------------------------- */

#define WS_KERNEL_TABLES        0x001000
#define WS_KERNEL_IMAGE         0x010000
#define WS_KERNEL_STACK         0x0ff000
#define WS_KERNEL_PROCESSES     0x100000
#define WS_KERNEL_FREE          0x200000
#define WS_KERNEL_PROCESS_BYTES 0x2000 /* a guard page, then the stack page */

/* Inside the page of tables. */
#define WS_TABLES_GDT  0x000
#define WS_TABLES_LDT  0x400
#define WS_TABLES_TSS  0x500
#define WS_TABLES_BOOT 0x600 /* in the boot world only: its registers, a struct ws_cross_context */
#define WS_TABLES_IDT  0x800

/* The base for which kernel images are linked; a world with another one relocates them. */
#define WS_KERNEL_LINKED 0xc0000000

/* In a GDT, the world's entries stand in this order after the null entry and 8 empty ones for each
 * world that was made before, so that no selector of one world means anything in another, kernel
 * code aside: see lab_tables.c. */
#define WS_GDT_KERNEL_CODE 0x08
#define WS_GDT_KERNEL_DATA 0x10
#define WS_GDT_KERNEL_MORE 0x18 /* flat data too: the kernel's ES, so that ES and DS differ */
#define WS_GDT_USER_CODE   0x20
#define WS_GDT_USER_DATA   0x28
#define WS_GDT_TSS         0x30
#define WS_GDT_LDT         0x38
#define WS_GDT_STRIDE      0x40
#define WS_LDT_FS          0x00
#define WS_LDT_GS          0x08
#define WS_LDT_STRIDE      0x10
#define WS_SELECTOR_IN_LDT 4 /* TI */

/* From the selector of the kernel's DS and SS to the one of its ES. */
#define WS_DATA_TO_MORE (WS_GDT_KERNEL_MORE - WS_GDT_KERNEL_DATA)

/* SDM 3A §7.2.1 "Task-State Segment (TSS)": the ring-0 stack's segment, the I/O map's base, the size. */
#define WS_TSS_SS0    8
#define WS_TSS_IO_MAP 102
#define WS_TSS_BYTES  104

/* -- vectors ----------------------------------------------------------------------------------- */

#define WS_VECTOR_SYSTEM_CALL    0x80 /* int $0x80 */
#define WS_VECTOR_WORLD_SWITCH   0xe0 /* from outside: to the world that the resident block names */
#define WS_VECTOR_CONTEXT_SWITCH 0xe1 /* from outside: to the process that the resident block names */
#define WS_VECTORS_EXCEPTIONS    32

/* System calls of the kernels: EAX the number, EBX the argument; the result comes back in EAX. */
#define WS_CALL_WRITE 0 /* print the string at EBX */
#define WS_CALL_YIELD 1 /* switch to the next process of the world */
#define WS_CALL_EXIT  2 /* never come back */
#define WS_CALL_IOCTL 3 /* what the world's kernel makes of it */

/* -- kernel memory: offsets in struct ws_resident and struct ws_process_block ------------------ */

#define WS_RESIDENT_CROSS  32
#define WS_RESIDENT_TSS    40
#define WS_RESIDENT_RESUME 68
#define WS_RESIDENT_BYTES  72
#define WS_FRAME_SELECTORS 16 /* bytes of struct ws_trap_frame before its pushal registers */
#define WS_FRAME_VECTOR    48
#define WS_FRAME_AFTER     8 /* bytes of vector and error code, which iret does not know */

#ifndef __ASSEMBLER__

#include <stdint.h>

#include "watch/names_row.h"

/* A left world's stack, upwards from its saved ESP.  `from` and `to` are the caller's, who drops
 * them. */
struct ws_cross_frame {
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, pushed_esp, ebx, edx, ecx, eax;
    uint32_t eflags;
    uint32_t eip, cs;
    uint32_t from, to;
};

/* What a kernel's entry code leaves on the stack, upwards.  user_esp and user_ss are there only if
 * the vector came in ring 3.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures". */
struct ws_trap_frame {
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, pushed_esp, ebx, edx, ecx, eax;
    uint32_t vector;
    uint32_t error_code; /* 0 where the CPU pushes none */
    uint32_t eip, cs, eflags;
    uint32_t user_esp, user_ss;
};

/* A kernel stack that context_switch() left, upwards from the saved ESP. */
struct ws_switch_frame {
    uint32_t edi, esi, ebx, ebp;
    uint32_t eip; /* where it returns to */
};

/* A process as its kernel knows it.  It stands at the foot of the process's kernel stack page. */
struct ws_process_block {
    uint32_t esp;  /* saved by context_switch() */
    uint32_t esp0; /* top of the kernel stack: the TSS gets it while the process runs */
    uint32_t cr3;
    uint32_t next; /* linear: the next process of the world; they form a ring */
    char name[32];
};

/* What a world's kernel must know of itself.  Its image defines the object `resident`; the builder
 * fills it.  The fields from request_world on may be written from outside while the world runs, as
 * a device would. */
struct ws_resident {
    char name[32];            /* of the world, for messages */
    uint32_t cross_entry;     /* with cross_selector: the far pointer of the far call */
    uint16_t cross_selector;  /* this world's kernel code */
    uint8_t wipe_first;       /* what of this world's context is to be zero while it runs, in words; */
    uint8_t wipe_words;       /* the form of contexts is the switch's affair */
    uint32_t tss;             /* linear */
    uint32_t self;            /* linear: this world's context in the cross page */
    uint32_t peer;            /* linear: the context to which this world's own code switches */
    uint32_t processes;       /* linear: the first process; 0 if there is none */
    uint32_t current;         /* linear: the process that runs; 0 while none does */
    uint32_t request_world;   /* linear: the context that WS_VECTOR_WORLD_SWITCH asks for */
    uint32_t request_process; /* linear: the process that WS_VECTOR_CONTEXT_SWITCH asks for */
    uint32_t resume;          /* where the next exception's handler returns to; 0: it halts the machine */
};

/* A record of the table that cross.S makes of its steps; the texts are linear addresses in the same
 * file. */
struct ws_cross_record {
    uint32_t number; /* 0: the end; `linear` is then the first byte after the code */
    uint32_t linear;
    uint32_t phase;
    uint32_t why;
    uint32_t without;
};

#endif
#endif
