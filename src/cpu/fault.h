/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page faults of loads and stores: which access of the instruction it is, and why.
 *
 * The TLB refuses a page.  CR2 wants the address, and the error code wants to know whether the access was a write of
 * ring 3: that follows from the instruction's operands, which are walked in the order of their accesses.
 */
#ifndef WS_CPU_FAULT_H
#define WS_CPU_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

struct ws__cpu;

/* The present instruction, in ring 3: does it access this linear page only by itself, to read a descriptor or a TSS?
 * Then it does so with the supervisor's rights. */
bool ws__fault_is_implicit(struct ws__cpu *cpu, uint32_t page);

/* In step mode an access of the instruction at `linear` was refused.  It has done nothing: say that its page fault is
 * to be raised. */
void ws__fault_handle(struct ws__cpu *cpu, uint32_t linear);

/* Say that a page fault is to be raised for the access that this walk was made for: the run loop does it.
 * SDM 3A §4.7 "Page-Fault Exceptions" */
void ws__fault_raise(struct ws__cpu *cpu, const struct ws_translation *walk);

#endif
