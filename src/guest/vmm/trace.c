/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traces: frames from which the VMM has derived something, and so must see each write to them.
 *
 * A write faults, since shadow entries for traced frames are read-only.  The VMM opens the frame,
 * lets the VM execute this one instruction with the trap flag set, and is back with #DB: it compares
 * what it had derived with what stands there now, and closes the frame again.  So every instruction
 * that can write works, and none has to be emulated; a page table that maps itself is no problem.
 * Interrupts may come in between: they go to the host, and the step goes on afterwards.
 */
#include "vmm.h"

/* What one instruction may write: two operands, each across a page's end. */
enum { STEP_WRITES = 4 };
/* The fault tells of one byte of the operand, which is as long as this at most: fxsave. */
enum { OPERAND_MOST = 512 };

static uint8_t traces[HOSTED_VM_PAGES];

/* The step that goes on: through which pages its instruction writes to which traced frames. */
static struct {
    unsigned count; /* 0: none */
    struct {
        uint32_t frame, linear;
    } writes[STEP_WRITES];
} step;

bool traced(uint32_t frame)
{
    return frame >= HOSTED_VM_PAGES || traces[frame]; /* writes to no memory leave nothing */
}

void trace_set(uint32_t frame, uint8_t why)
{
    if (frame >= HOSTED_VM_PAGES)
        return;
    if (!traced(frame))
        shadow_protect(frame);
    traces[frame] |= why;
}

void trace_clear(uint32_t frame, uint8_t why)
{
    if (frame < HOSTED_VM_PAGES)
        traces[frame] &= (uint8_t)~why;
}

void trace_step(uint32_t frame, uint32_t linear)
{
    if (step.count == STEP_WRITES)
        vm_stop("the instruction at %x writes more page tables than the VMM can trace", vcpu.frame->eip);
    step.writes[step.count].frame = frame;
    step.writes[step.count++].linear = linear;
    vcpu.counters.traced++;
}

void trace_written(uint32_t frame, uint32_t from, uint32_t to)
{
    uint8_t why = frame < HOSTED_VM_PAGES ? traces[frame] : 0;

    frame_window(frame); /* where there is no memory: ones again */
    if (why & (TRACE_TABLE | TRACE_DIRECTORY))
        shadow_sync(frame, from, to);
    if (why & TRACE_GDT)
        segments_sync();
    if (why & TRACE_CODE_TABLE)
        code_moved();
    if (why & TRACE_CODE)
        code_written(frame, from, to);
}

bool trace_stepping(void)
{
    return step.count > 0;
}

void trace_step_end(void)
{
    unsigned count = step.count;

    step.count = 0;
    for (unsigned i = 0; i < count; i++)
        shadow_invalidate(step.writes[i].linear); /* closed: the next write faults again */
    for (unsigned i = 0; i < count; i++) {
        uint32_t at = step.writes[i].linear % WS_PAGE_BYTES;

        trace_written(step.writes[i].frame, at < OPERAND_MOST ? 0 : at - OPERAND_MOST, at + OPERAND_MOST);
    }
}
