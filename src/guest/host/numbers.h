/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's numbers, for C and for the assembler alike.
 *
 * The host's linear address space:
 *
 *   0x00000000  ┌──────────────────────────┐
 *               │ nothing                  │   so that a null pointer faults
 *   0x00400000  │ the process's program    │   each process has its own; the rest is the same in all
 *   0x10000000  │  in the VMX: the memory  │   8 MiB, lent to the VM as long as it lives
 *               │  of its virtual machine  │
 *               │ the process's stack      │
 *   0xbffff000  ├──────────────────────────┤   HOST_STACK_TOP
 *   0xc0000000  ├──────────────────────────┤   HOST_BASE
 *               │ all RAM, page by page    │   "direct": linear = physical + HOST_BASE; the kernel runs here;
 *               │                          │   frames that belong to another world are taken out
 *   0xffc00000  ├──────────────────────────┤
 *               │ a cross page             │   of one VMM at a time: driver/window.c
 *   0xffc01000  │ nothing                  │
 *   0xffffffff  └──────────────────────────┘
 */
#ifndef WS_GUEST_HOST_NUMBERS_H
#define WS_GUEST_HOST_NUMBERS_H

#include "worlds/layout.h"

#define HOST_BASE      0xc0000000
#define HOST_PHYS      0x00100000 /* where the loader puts the kernel */
#define HOST_RAM_MOST  0x04000000 /* more is not used: its page tables must lie in the first 4 MiB */
#define HOST_PROGRAM   0x00400000
#define HOST_STACK_TOP 0xbffff000

#define PAGE_BYTES       4096
#define PAGE_ENTRIES     1024
#define PAGE_TABLE_BYTES 0x400000 /* of linear space that one page table maps */

/* Selectors: those of layout.h, with the ring that uses them. */
#define HOST_CODE      WS_GDT_KERNEL_CODE
#define HOST_DATA      WS_GDT_KERNEL_DATA
#define HOST_MORE      WS_GDT_KERNEL_MORE
#define HOST_USER_CODE (WS_GDT_USER_CODE | 3)
#define HOST_USER_DATA (WS_GDT_USER_DATA | 3)
#define HOST_TASK      WS_GDT_TSS
#define HOST_LOCAL     WS_GDT_LDT
#define HOST_FS        (WS_LDT_FS | WS_SELECTOR_IN_LDT | 3)
#define HOST_GS        (WS_LDT_GS | WS_SELECTOR_IN_LDT | 3)

#define VECTOR_CALL WS_VECTOR_SYSTEM_CALL

/* Control registers in the host's world.  The VMM's differ in each, see driver/vmm_world.c. */
#define HOST_CR0 0x8001003b /* PG WP NE ET TS MP PE: the first use of the x87 unit traps, see fpu.c */
#define HOST_CR4 0x00000080 /* PGE */

#endif
