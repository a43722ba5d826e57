/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One attempt to enter a handler, shared by the files that do parts of it.
 *
 *   delivery.c          vector, descriptors, gate, code segment, stack, frame
 *   task_switch.c       through a task gate to another task; far jumps and far calls to a task, and `iret` from one
 *   interrupt_return.c  `iret` with VM outside ring 0, which the engine does wrong
 */
#ifndef WS_CPU_DELIVERY_H
#define WS_CPU_DELIVERY_H

#include "cpu/cpu.h"
#include "x86/reason.h"

/* One attempt to enter a handler, or to switch tasks. */
struct ws__delivery {
    struct ws__cpu *cpu;
    struct ws_registers registers; /* as they were when the attempt began; after a task switch, those of the new task */
    const struct ws__raise *cause;
    struct ws__raise *fault; /* the exception that the attempt itself raised */
    uint32_t ext;            /* WS_ERROR_EXT, unless software asked for the vector */
    unsigned cpl;
    struct ws_gate gate;
    struct ws_descriptor code; /* the handler's code segment */
    unsigned new_cpl;
    uint16_t new_ss; /* SS's selector; only if the stack is switched */
    struct ws_descriptor stack;
    uint32_t esp;
    bool inner;         /* the handler is in an inner ring, so the stack is switched */
    uint32_t fault_eip; /* EIP for the frame of `fault` */
    uint16_t left_task; /* after a task switch: TR of the task that was left; else 0 */
    unsigned left_cpl;  /* its CPL */
};

/* Begin an attempt that is a transfer by an instruction, not a delivery: `cause` says where the instruction stands, and
 * a fault goes to `raise`. */
void ws__delivery_begin(struct ws__delivery *d, struct ws__cpu *cpu, const struct ws__raise *cause,
                        struct ws__raise *raise);
/* The stack segment d->new_ss must be writable data of exactly the new privilege level, else `vector` is raised; and it
 * must be present, else `missing` is raised.  false: a fault was raised. */
bool ws__delivery_stack_check(struct ws__delivery *d, uint8_t vector, uint8_t missing);

/* The attempt faults: raise this exception, for this reason.  Always false. */
bool ws__delivery_fault(struct ws__delivery *d, uint8_t vector, uint32_t error_code, struct ws_reason reason);
/* The same for an access to memory that cpu/memory.c has refused with this error code. */
bool ws__delivery_page_fault(struct ws__delivery *d, uint32_t error_code);

/* Does a delivery for this cause push an error code? */
bool ws__delivery_has_error_code(const struct ws__raise *cause);
/* EFLAGS as the frame or the TSS gets them. */
uint32_t ws__delivery_flags(const struct ws__delivery *d);

/* Read memory by linear address with supervisor rights.  Here and below, false: a fault was raised. */
bool ws__delivery_read(struct ws__delivery *d, uint32_t linear, void *out, uint32_t bytes);
/* Read a descriptor from the GDT or LDT.  If it lies beyond the table's limit, `vector` is raised. */
bool ws__delivery_descriptor(struct ws__delivery *d, uint16_t selector, uint8_t vector, struct ws_descriptor *out);
/* Set the accessed bit of a segment that is about to be loaded. */
bool ws__delivery_mark(struct ws__delivery *d, uint16_t selector, const struct ws_descriptor *descriptor);

/* -- task_switch.c ------------------------------------------------------------------------------ */

/* Switch to the task that d->gate names, and push the error code on its stack.  false: a fault was raised.  It belongs
 * to the old task or, once the switch is made, to the new one: d->fault_eip is its EIP. */
bool ws__task_switch(struct ws__delivery *d);
/* The same for a far jump, after which the old task is not busy any more.  d->cause says which EIP is saved; there is
 * no error code. */
bool ws__task_jump(struct ws__delivery *d);
/* The way back to the task before: `iret` with NT.  d->cause as above. */
bool ws__task_return(struct ws__delivery *d);

/* A far jump or far call names `selector`: put the selector of the TSS that it leads to into d->gate.  false: a fault
 * was raised. */
bool ws__task_target(struct ws__delivery *d, uint16_t selector);

#endif
