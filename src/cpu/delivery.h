/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One attempt to enter a handler, for those who do parts of it.
 *
 *   delivery.c         vector, gate, code segment, stack, frame
 *   delivery_tables.c  descriptors, as a CPU reads them by itself
 *   task_switch.c      the same through a task gate
 *   task_transfer.c    tasks that far jumps and calls name
 *   interrupt_return.c the way back by `iret`, where the engine takes another one
 */
#ifndef WS_CPU_DELIVERY_H
#define WS_CPU_DELIVERY_H

#include "cpu/cpu.h"

/* One attempt to enter a handler. */
struct ws__delivery {
    struct ws__cpu *cpu;
    struct ws_registers registers; /* as interrupted */
    const struct ws__raise *cause;
    struct ws__raise *fault; /* what the attempt itself raised */
    uint32_t ext;            /* WS_ERROR_EXT, unless software asked for the vector */
    unsigned cpl;
    struct ws_gate gate;
    struct ws_descriptor code; /* the handler's segment */
    unsigned new_cpl;
    uint16_t new_ss; /* these three only if the stack is switched */
    struct ws_descriptor stack;
    uint32_t esp;
    bool inner;         /* the stack is switched */
    uint32_t fault_eip; /* what the frame of `fault` holds */
    uint16_t left_task; /* through a task gate: the task register before, and */
    unsigned left_cpl;  /* the CPL */
};

/* Begin an attempt that is no delivery but a transfer by an instruction: `cause` says where that stands; what it
 * raises goes to `raise`. */
void ws__delivery_begin(struct ws__delivery *d, struct ws__cpu *cpu, const struct ws__raise *cause,
                        struct ws__raise *raise);
/* The stack segment d->new_ss must be writable data of exactly the new privilege level, else `vector`; and present,
 * else `missing`.  false: a fault was raised. */
bool ws__delivery_stack_check(struct ws__delivery *d, uint8_t vector, uint8_t missing);

/* Raise an exception of the attempt's own.  Always false. */
bool ws__delivery_fault(struct ws__delivery *d, uint8_t vector, uint32_t error_code);

/* Does the cause push an error code? */
bool ws__delivery_has_error_code(const struct ws__raise *cause);
/* EFLAGS as they are saved. */
uint32_t ws__delivery_flags(const struct ws__delivery *d);

/* Read by linear address with supervisor rights.  false: a fault was raised, here and below. */
bool ws__delivery_read(struct ws__delivery *d, uint32_t linear, void *out, uint32_t bytes);
/* Fetch a descriptor from the GDT or LDT.  Beyond the table's limit it is `vector`(selector). */
bool ws__delivery_descriptor(struct ws__delivery *d, uint16_t selector, uint8_t vector, struct ws_descriptor *out);
/* Set the accessed bit of a segment that is about to be loaded. */
bool ws__delivery_mark(struct ws__delivery *d, uint16_t selector, const struct ws_descriptor *descriptor);

/* -- task_switch.c ------------------------------------------------------------------------------ */

/* Leave the task for the one that d->gate names, and push the error code there.  false: a fault was
 * raised; of the task that was left, or of the new one: d->fault_eip says. */
bool ws__task_switch(struct ws__delivery *d);
/* The same by a far jump: the task that was left is busy no longer.  d->cause says what EIP is saved; it has no
 * error code. */
bool ws__task_jump(struct ws__delivery *d);
/* The way back: `iret` with NT.  d->cause as above. */
bool ws__task_return(struct ws__delivery *d);

/* A far jump or call names `selector`: put the TSS that it leads to into d->gate.  false: a fault was raised. */
bool ws__task_target(struct ws__delivery *d, uint16_t selector);

#endif
