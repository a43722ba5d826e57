/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first instructions: from the state in which a multiboot loader leaves a PC to C at 3 GiB.
 *
 * Entry    Multiboot Specification 0.6.96, §3.2 "Machine state": protected mode, flat segments of unknown
 *          selectors, paging and interrupts off, no stack, EBX the physical address of the boot information.
 * Exit     never; host_main(RAM in bytes) runs on the boot stack, with paging, and still on the loader's
 *          segments.  Nothing else of the loader is left.
 *
 * The kernel is linked at 3 GiB + 1 MiB, and loaded at 1 MiB; but this part of it is linked where it is
 * loaded.  As long as paging is off, all other symbols are 3 GiB too high: PHYS() says where a thing really
 * is.
 *
 *         before CR0.PG is set: linear is physical         after                       and then, at `high`
 *   0xffffffff ┌────────────────────┐               ┌────────────────────┐           ┌────────────────────┐
 *              │ nothing            │               │ nothing            │           │ nothing            │
 *   0xc0400000 │                    │               ├────────────────────┤           ├────────────────────┤
 *              │                    │               │ first 4 MiB again  │           │ first 4 MiB of RAM │◄── EIP, ESP
 *   0xc0000000 │                    │               ├────────────────────┤           ├────────────────────┤
 *              ├────────────────────┤ end of RAM    │ nothing            │           │ nothing            │
 *              │ RAM, the kernel    │◄── EIP        │                    │           │                    │
 *   0x00400000 │ at 1 MiB           │               ├────────────────────┤           │                    │
 *              │                    │               │ first 4 MiB of RAM │◄── EIP    │                    │
 *   0x00000000 └────────────────────┘               └────────────────────┘           └────────────────────┘
 */
#include "guest/host/numbers.h"

#define PHYS(symbol) ((symbol) - HOST_BASE)

/* Multiboot Specification 0.6.96, §3.1 "OS image format": the header, with flag 1: "tell me the memory". */
#define HEADER_MAGIC 0x1badb002
#define HEADER_FLAGS 2
/* §3.3 "Boot information format": bit 0 of flags says that mem_upper, KiB above 1 MiB, is there. */
#define INFORMATION_MEMORY    1
#define INFORMATION_MEM_UPPER 8
#define MIB                   0x100000

#define PRESENT_WRITABLE 3
#define STACK_BYTES      4096

        .section .multiboot, "a"
        .balign 4
        .long   HEADER_MAGIC, HEADER_FLAGS, -(HEADER_MAGIC + HEADER_FLAGS)

        .section .boot, "ax"
        .globl  start
start:
        cli
        cld
/* ESI = bytes of RAM; 0 if the loader does not say. */
        xorl    %esi, %esi
        testl   $INFORMATION_MEMORY, (%ebx)
        jz      1f
        movl    INFORMATION_MEM_UPPER(%ebx), %esi
        shll    $10, %esi
        addl    $MIB, %esi
1:
/* One page table: the first 4 MiB of RAM, writable; twice in the directory. */
        movl    $PHYS(kernel_first_table), %edi
        movl    $PRESENT_WRITABLE, %eax
        movl    $PAGE_ENTRIES, %ecx
1:      stosl
        addl    $PAGE_BYTES, %eax
        loop    1b
        movl    $PHYS(kernel_first_table) + PRESENT_WRITABLE, %eax
        movl    %eax, PHYS(kernel_directory)
        movl    %eax, PHYS(kernel_directory) + HOST_BASE / PAGE_TABLE_BYTES * 4

        movl    $PHYS(kernel_directory), %eax
        movl    %eax, PHYS(ws_names)    # the first row's cr3
        movl    %eax, %cr3
        movl    $HOST_CR0, %eax
        movl    %eax, %cr0              # the picture's second column: EIP is where it was
        movl    $high, %eax
        jmp     *%eax

        .text
high:
        movl    $0, kernel_directory    # its third: a null pointer will fault
        movl    %cr3, %eax
        movl    %eax, %cr3
        movl    $kernel_stack + STACK_BYTES, %esp
        pushl   %esi
        call    host_main

        .bss
        .balign PAGE_BYTES
        .globl  kernel_directory, kernel_first_table, kernel_cross_table
kernel_directory:
        .space  PAGE_BYTES
kernel_first_table:
        .space  PAGE_BYTES
kernel_cross_table:
        .space  PAGE_BYTES
kernel_stack:
        .space  STACK_BYTES
