/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The context switch, instruction by instruction.  The two kernels differ in how they find their TSS: the laboratory's,
 * which the builder moves, through a pointer; the host's at a fixed address.
 */
#include "worlds/context_steps.h"

#include <stdbool.h>
#include <string.h>

enum { SAME = 4 };

#define ARGUMENTS "the arguments"
#define PUSHES    "registers to the left stack"
#define STACK     "the stack"
#define TASK      "the stack for ring 0, in the TSS"
#define SPACE     "the address space"
#define POPS      "registers from the entered stack"

/* The bytes that decide, how many they are, and how many the instruction has. */
enum kind {
    ONE,
    SOME,  /* it may be missing */
    EITHER /* the routine has this one or the next */
};

/* clang-format off */
static const struct row {
    uint8_t kind; /* enum kind */
    uint8_t byte[SAME], same, size;
    const char *phase, *why, *without;
} row_table[] = {
    { ONE, { 0x8b, 0x44, 0x24, 0x04 }, 4, 4, ARGUMENTS,
      "EAX = from: the block of the process that is left",
      "EAX is what the caller has left in it; unless that is from by chance, ESP is saved in a wrong place" },
    { ONE, { 0x8b, 0x54, 0x24, 0x08 }, 4, 4, ARGUMENTS,
      "EDX = to: the block of the process that is entered",
      "EDX is what the caller has left in it; unless that is to by chance, ESP gets a wrong value" },
    { ONE, { 0x55 }, 1, 1, PUSHES,
      "C wants four registers unchanged: they go to the left process's own stack, EBP first",
      "when this process comes back, EBP gets the return address, and ret goes astray" },
    { ONE, { 0x53 }, 1, 1, PUSHES,
      "EBX, for the same reason",
      "when this process comes back, EBX gets EBP's value, EBP the return address, and ret goes astray" },
    { ONE, { 0x56 }, 1, 1, PUSHES,
      "ESI, for the same reason",
      "when this process comes back, ESI gets EBX's value, and so on; ret goes astray" },
    { ONE, { 0x57 }, 1, 1, PUSHES,
      "EDI, the last thing that goes to this stack",
      "when this process comes back, EDI gets ESI's value, and so on; ret goes astray" },
    { ONE, { 0x89, 0x20 }, 2, 2, STACK,
      "ESP into from's block: the left process is complete, and can be found again",
      "this process comes back with an ESP of an earlier time, and with what lies there by then" },
    { ONE, { 0x8b, 0x22 }, 2, 2, STACK,
      "ESP from to's block: from here on the stack is the other process's. Both stacks are in the kernel half",
      "the stack stays: the same process goes on, with the other one's user half" },
    { SOME, { 0x8b, 0x1d }, 2, 6, TASK,
      "EBX = where this world's TSS is",
      "the top of the stack is written to wherever EBX points" },
    { ONE, { 0x8b, 0x4a, 0x04 }, 3, 3, TASK,
      "ECX = the top of to's kernel stack",
      "the TSS gets whatever ECX held: the next interrupt in ring 3 finds no stack there" },
    { EITHER, { 0x89, 0x4b, 0x04 }, 3, 3, TASK,
      "into the TSS: interrupts that come in ring 3 begin on to's kernel stack",
      "interrupts in ring 3 begin on another process's kernel stack, and destroy what it keeps there" },
    { ONE, { 0x89, 0x0d }, 2, 6, TASK,
      "into the TSS: interrupts that come in ring 3 begin on to's kernel stack",
      "interrupts in ring 3 begin on another process's kernel stack, and destroy what it keeps there" },
    { ONE, { 0x8b, 0x4a, 0x08 }, 3, 3, SPACE,
      "ECX = to's page directory",
      "CR3 gets the top of a stack: no page tables are there, so nothing is mapped" },
    { ONE, { 0x0f, 0x22, 0xd9 }, 3, 3, SPACE,
      "WITH THIS WRITE THE USER HALF IS THE OTHER PROCESS'S; the kernel half is the same in both, the stack too",
      "the process that is entered gets the left one's memory for its own" },
    { ONE, { 0x5f }, 1, 1, POPS,
      "EDI, as the entered process had it",
      "ESI gets the value for EDI, EBX that for ESI, EBP that for EBX, and ret takes EBP's for an address" },
    { ONE, { 0x5e }, 1, 1, POPS,
      "ESI",
      "EBX gets the value for ESI, EBP that for EBX, and ret takes EBP's for an address" },
    { ONE, { 0x5b }, 1, 1, POPS,
      "EBX",
      "EBP gets the value for EBX, and ret takes EBP's for an address" },
    { ONE, { 0x5d }, 1, 1, POPS,
      "EBP",
      "ret takes the value for EBP for an address" },
    { ONE, { 0xc3 }, 1, 1, "the entered process goes on",
      "back to where the entered process once called this routine",
      "the CPU runs on into whatever code comes next" },
};
/* clang-format on */

enum { ROWS = sizeof row_table / sizeof row_table[0] };

unsigned ws__context_steps(const uint8_t code[WS__CONTEXT_CODE], struct ws__context_step step[WS__CONTEXT_STEPS])
{
    unsigned count = 0, offset = 0;
    for (unsigned at = 0; at < ROWS; at++) {
        const struct row *row = &row_table[at];
        bool is = offset + SAME <= WS__CONTEXT_CODE && memcmp(code + offset, row->byte, row->same) == 0;
        if (!is && row->kind != ONE)
            continue;
        if (!is)
            return 0;
        step[count++] = (struct ws__context_step){(uint8_t)offset, row->size, row->phase, row->why, row->without};
        offset += row->size;
        at += row->kind == EITHER;
    }
    return count;
}
