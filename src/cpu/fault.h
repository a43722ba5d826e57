/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page faults of loads and stores: which access of the instruction failed, and why.
 *
 * The TLB has refused an access to a page (tlb.c), and knows only which page it was.  The page fault needs the address
 * for CR2 and, for the error code, whether ring 3 wanted to write.  Both follow from the instruction's operands:
 * fault.c walks the page tables for each of them, in the order in which the CPU accesses them.
 */
#ifndef WS_CPU_FAULT_H
#define WS_CPU_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

struct ws__cpu;

/* The present instruction runs in ring 3: does it access this linear page only to read a descriptor or a TSS?  A CPU
 * does that with supervisor rights, whatever the ring. */
bool ws__fault_is_implicit(struct ws__cpu *cpu, uint32_t page);

/* In step mode, an access of the instruction at `linear` was refused, and the instruction has done nothing.  Find the
 * access, and say that its page fault is to be raised. */
void ws__fault_handle(struct ws__cpu *cpu, uint32_t linear);

/* The access that this walk was made for is a page fault: set CR2, and have the run loop raise it.  SDM 3A §4.7
 * "Page-Fault Exceptions" */
void ws__fault_raise(struct ws__cpu *cpu, const struct ws_translation *walk);

#endif
