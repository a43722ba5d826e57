/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine's kernel: a small operating system without processes, for a PC with 2 MiB or
 * more, an interval timer, a serial port and an ATA disk.  It knows nothing of a VMM.
 *
 *   start.S    the first instructions; vector → frame → trap() → iret
 *   main.c     what it does, in order
 *   traps.c    GDT, IDT, TSS; what is done about a vector; waiting for one
 *   paging.c   page tables that change while they are in use
 *   disk.c     sectors, with an interrupt each
 *
 * Linear addresses, with paging on (a directory each for "red" and "blue"):
 *
 *   0x00000000  ┌───────────────────────┐
 *               │ the first 2 MiB of RAM│  the same in both directories
 *   0x00200000  ├───────────────────────┤
 *   VM_COLOUR   │ one page              │  red's or blue's
 *   VM_WANDER   │ one page              │  red's frame, or blue's: changed while in use
 *   VM_GUARDED  │ one page              │  read-only until the kernel writes
 *   VM_DEMAND   │ one page              │  not present until the kernel touches it
 *   VM_TABLE    │ the page table itself │
 *               └───────────────────────┘  nothing else
 */
#ifndef WS_GUEST_VM_H
#define WS_GUEST_VM_H

/* The GDT. */
#define VM_CODE    0x08
#define VM_DATA    0x10
#define VM_TASK    0x18
#define VM_NO_SUCH 0x78 /* beyond its end */

#define VM_VECTORS         0x31
#define VM_VECTOR_SOFTWARE 0x30
#define VM_STACK_BYTES     0x2000

#define VM_COLOUR  0x40000000
#define VM_WANDER  0x40001000
#define VM_GUARDED 0x40002000
#define VM_DEMAND  0x40003000
#define VM_TABLE   0x40004000

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#include "guest/shared/chips.h"
#include "guest/shared/console.h"
#include "guest/shared/cpu.h"
#include "worlds/layout.h"

/* start.S */
uint32_t provoke_selector(void), provoke_vector(void), provoke_opcode(void), provoke_divide(void), provoke_int(void);
extern const char provoke_end[];

/* main.c */
_Noreturn void vm_main(void);

/* traps.c */
void traps_init(void);
void interrupt_wait(const volatile uint32_t *counter, uint32_t until); /* sleep until then */
extern volatile uint32_t ticks;
/* What the last handled exception was, for main.c to tell. */
extern volatile uint32_t trap_vector, trap_error, trap_cr2;

/* paging.c */
void paging_init(void);
void paging_show(void);                                 /* change page tables in use, tell what is seen */
bool paging_mend(uint32_t linear, uint32_t error_code); /* is that page fault one of ours? */

/* disk.c */
bool disk_init(void); /* false: there is none */
bool disk_read(uint32_t sector, void *to);
bool disk_write(uint32_t sector, const void *from);
void disk_interrupt(void);

#endif
#endif
