/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The start stub: from the state in which a multiboot loader leaves a PC to the laboratory's first
 * world.
 *
 * Entry    Multiboot Specification 0.6.96, §3.2 "Machine state": protected mode, flat segments of unknown
 *          selectors, paging and interrupts off, no stack, no usable GDTR and IDTR.
 * Exit     never; it makes the CPU the boot world's and switches from it to the first world as from any other.
 *
 * The boot world is the smallest that has all that a world must have.  Its tables stand where the
 * builder put them, and what is found at `start_context` says where:
 *
 *         before CR0.PG is set                             after
 *   0xffffffff ┌────────────────────┐                0xffffffff ┌────────────────────┐
 *              │ nothing            │                           │ nothing            │
 *              │                    │                0xffc01000 ├────────────────────┤
 *              │                    │                           │ CROSS PAGE         │
 *              ├────────────────────┤ end of RAM     0xffc00000 ├────────────────────┤
 *              │ all other RAM,     │                           │ nothing            │
 *              │ the cross page     │                           │                    │
 *              ├────────────────────┤                           ├────────────────────┤
 *              │ stub, tables, stack│◄── EIP, EBX, ESP, GDTR    │ stub, tables, stack│◄── as before
 *   0x00100000 ├────────────────────┤                0x00100000 ├────────────────────┤
 *              │ the firmware's     │                           │ nothing            │
 *   0x00000000 └────────────────────┘                0x00000000 └────────────────────┘
 */
#include "worlds/layout.h"

#define COM1             0x3f8
#define PIC_MASTER_MASK  0x21
#define PIC_SLAVE_MASK   0xa1

        .text
        .space  12                      # the image's writer puts the multiboot header here

        .globl  start
start:
        cli
        cld

/* The interrupt controllers still have the firmware's vectors, which are the CPU's exceptions: mask
 * them all. */
        movb    $0xff, %al
        outb    %al, $PIC_MASTER_MASK
        outb    %al, $PIC_SLAVE_MASK

/* COM1: 115200 baud, 8 data bits, no parity, 1 stop bit, FIFOs on, no interrupts. */
        movl    $serial_setup, %esi
        movl    $serial_setup_end, %ecx
1:      movzwl  (%esi), %edx
        movb    2(%esi), %al
        outb    %al, %dx
        addl    $4, %esi
        cmpl    %ecx, %esi
        jb      1b

/* The boot world's tables, each at its final linear address: linear is physical here, before and after. */
        movl    start_context, %ebx
        lgdt    WS_CONTEXT_GDTR(%ebx)
        ljmp    $WS_GDT_KERNEL_CODE, $1f
1:      movl    $WS_GDT_KERNEL_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %ss
        movl    WS_CONTEXT_ESP(%ebx), %esp
        movl    $WS_GDT_KERNEL_MORE, %eax
        movl    %eax, %es
        lidt    WS_CONTEXT_IDTR(%ebx)
        lldt    WS_CONTEXT_LDTR(%ebx)
        movl    $(WS_LDT_FS | WS_SELECTOR_IN_LDT), %eax
        movl    %eax, %fs
        movl    $(WS_LDT_GS | WS_SELECTOR_IN_LDT), %eax
        movl    %eax, %gs
        ltr     WS_CONTEXT_TR(%ebx)

/* Paging.  What the stub needs stays where it is. */
        movl    WS_CONTEXT_CR4(%ebx), %eax
        movl    %eax, %cr4
        movl    WS_CONTEXT_CR3(%ebx), %eax
        movl    %eax, %cr3
        movl    WS_CONTEXT_CR0(%ebx), %eax
        movl    %eax, %cr0
        jmp     1f                      # drops what was fetched while paging was off
1:      movl    start_context, %ebx
        movl    WS_CONTEXT_CR2(%ebx), %eax
        movl    %eax, %cr2

/* From here on this is a world, and leaves as worlds leave. */
        pushl   start_to
        pushl   start_from
        lcall   *start_cross

/* Nothing comes back to the boot world; if it does, or an exception comes, that is the end. */
        .globl  start_end
start_end:
        cli
        hlt
        jmp     start_end

/* Port, value. */
        .balign 4
serial_setup:
        .word   COM1 + 1, 0x00          # no interrupts
        .word   COM1 + 3, 0x80          # the next two set the divisor
        .word   COM1 + 0, 0x01
        .word   COM1 + 1, 0x00
        .word   COM1 + 3, 0x03          # 8 data bits, no parity, 1 stop bit
        .word   COM1 + 2, 0x07          # FIFOs on and empty
        .word   COM1 + 4, 0x03          # ready
serial_setup_end:

/* Filled by the builder. */
        .data
        .globl  start_context, start_from, start_to, start_cross
start_context:
        .long   0                       # physical and linear: the boot world's registers, in the built-in format
start_from:
        .long   0                       # linear: the boot world's context
start_to:
        .long   0                       # linear: the first world's context
start_cross:
        .long   0                       # the switch: where it begins,
        .word   WS_GDT_KERNEL_CODE      # and in which segment
