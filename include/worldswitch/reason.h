/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why the CPU raised an exception: one row of a table, and the values that decided.
 *
 * A reason is true or it is the honest general one, REFUSED: where the engine has raised the exception by itself, the
 * library goes through the checks of that instruction afterwards, and believes a check only if it leads to the same
 * vector with the same error code.
 */
#ifndef WORLDSWITCH_REASON_H
#define WORLDSWITCH_REASON_H

#include <stdint.h>

#include <worldswitch/buffer.h>

/*
 * name, sentence, citation.  The sentence takes one value for each of these, in the order of `value`:
 *   %x a number in hexadecimal, %u a decimal one, %v a vector, %s a selector, %p enum ws_page_result,
 *   %r a segment register (0 to 5: ES, CS, SS, DS, FS, GS),
 *   %t a descriptor's type (bits 3 to 0: its type field, 4: system, 5: D/B),
 *   %i a number with a sign, %d the conditions in DR6
 */
/* clang-format off */
#define WS_REASON_TABLE(X)                                                                                            \
    X(NONE, "", "")                                                                                                   \
    X(REFUSED, "the CPU refused the instruction; which rule it broke is not known here",                              \
      "SDM 3A §6.15 \"Exception and Interrupt Reference\"")                                                           \
    X(SOFTWARE, "the guest asked for vector %v with an instruction",                                                  \
      "SDM 2A \"INT n/INTO/INT3/INT1—Call to Interrupt Procedure\"")                                                  \
    X(OUTSIDE, "it came from outside the CPU", "SDM 3A §6.3 \"Sources of Interrupts\"")                               \
    X(DOUBLE, "while the CPU was delivering vector %v, it met vector %v",                                             \
      "SDM 3A §6.15 \"Exception and Interrupt Reference\"")                                                           \
    /* paging */                                                                                                      \
    X(PAGE, "%p: the entry at physical %x is %x", "SDM 3A §4.7 \"Page-Fault Exceptions\"")                            \
    X(KEPT, "the CPU still has an old translation of page %x, and %p; the page tables allow the access now",          \
      "SDM 3A §4.10.4.3 \"Optional Invalidation\"")                                                                   \
    /* old translations that are used: the entry that the CPU has kept, and the present one */                        \
    X(STALE_PAGE, "the CPU kept page %x as %x, but its entry is %x: invlpg, or a load of CR3, is missing",            \
      "SDM 3A §4.10.4.2 \"Recommended Invalidation\"")                                                                \
    X(STALE_GLOBAL,                                                                                                   \
      "the CPU kept global page %x as %x, but its entry is %x: invlpg, or a change of CR4.PGE, is missing",           \
      "SDM 3A §4.10.4.2 \"Recommended Invalidation\"")                                                                \
    X(STALE_DIRECTORY,                                                                                                \
      "the CPU kept the directory entry of page %x as %x, but it is %x: invlpg, or a load of CR3, is missing",        \
      "SDM 3A §4.10.4.2 \"Recommended Invalidation\"")                                                                \
    X(STALE_USED, "the CPU kept page %x as %x and sets no bit again that was cleared in %x: invlpg is missing",       \
      "SDM 3A §4.8 \"Accessed and Dirty Flags\"")                                                                     \
    /* accesses to a segment */                                                                                       \
    X(SEGMENT_NULL, "%r holds a null selector, so no memory can be reached through it",                               \
      "SDM 3A §5.4.1 \"Null Segment Selector Checking\"")                                                             \
    X(SEGMENT_LIMIT, "offset %x + %u bytes is beyond %r's limit %x", "SDM 3A §5.3 \"Limit Checking\"")                \
    X(SEGMENT_BELOW, "offset %x + %u bytes is not above the limit of %r, which expands down: %x",                     \
      "SDM 3A §5.3 \"Limit Checking\"")                                                                               \
    X(SEGMENT_TYPE, "%r is %t: the access is not allowed", "SDM 3A §5.4 \"Type Checking\"")                           \
    X(FETCH_LIMIT, "EIP %x is beyond CS's limit %x", "SDM 3A §5.3 \"Limit Checking\"")                                \
    X(BRANCH_LIMIT, "the branch leads to offset %x, beyond the limit %x of the code segment",                         \
      "SDM 3A §5.3 \"Limit Checking\"")                                                                               \
    X(ALIGNMENT, "the operand at %x is not on a multiple of 16 bytes",                                                \
      "SDM 1 §4.1.1 \"Alignment of Words, Doublewords, Quadwords, and Double Quadwords\"")                            \
    /* selectors and descriptors */                                                                                   \
    X(SELECTOR_NULL, "the selector %x is null: it names no segment", "SDM 3A §3.4.2 \"Segment Selectors\"")           \
    X(SELECTOR_LIMIT, "selector %s lies beyond the limit %x of that table", "SDM 3A §3.4.2 \"Segment Selectors\"")    \
    X(LDT_NONE, "selector %s names the LDT, but no LDT was loaded", "SDM 3A §2.4 \"Memory-Management Registers\"")    \
    X(SELECTOR_LOCAL, "selector %s names the LDT, but must name the GDT",                                             \
      "SDM 3A §2.4 \"Memory-Management Registers\"")                                                                  \
    X(ABSENT, "descriptor %s is not present: its P bit is 0", "SDM 3A §3.4.5 \"Segment Descriptors\"")                \
    X(DATA_TYPE, "descriptor %s is %t, which %r cannot hold", "SDM 3A §5.4 \"Type Checking\"")                        \
    X(DATA_DPL, "descriptor %s has DPL %u: CPL %u and RPL %u must not be greater",                                    \
      "SDM 3A §5.6 \"Privilege Level Checking When Accessing Data Segments\"")                                        \
    X(STACK_TYPE, "SS must be writable data, but descriptor %s is %t", "SDM 3A §5.4 \"Type Checking\"")               \
    X(STACK_RPL, "SS's selector %s has RPL %u, but the stack is for ring %u",                                         \
      "SDM 3A §5.7 \"Privilege Level Checking When Loading the SS Register\"")                                        \
    X(STACK_DPL, "SS's descriptor %s has DPL %u, but the stack is for ring %u",                                       \
      "SDM 3A §5.7 \"Privilege Level Checking When Loading the SS Register\"")                                        \
    X(CODE_TYPE, "CS must be code, but descriptor %s is %t", "SDM 3A §5.4 \"Type Checking\"")                         \
    X(CODE_DPL, "code descriptor %s has DPL %u, which CPL %u and RPL %u do not allow",                                \
      "SDM 3A §5.8.1 \"Direct Calls or Jumps to Code Segments\"")                                                     \
    X(GATE_OUTER, "gate %s has DPL %u: CPL %u and RPL %u must not be greater", "SDM 3A §5.8.3 \"Call Gates\"")        \
    X(RETURN_INNER, "the return to selector %s, RPL %u, would lead inwards from CPL %u",                              \
      "SDM 3A §5.8.6 \"Returning from a Called Procedure\"")                                                          \
    X(RETURN_DPL, "code descriptor %s has DPL %u, but the return is to ring %u",                                      \
      "SDM 3A §5.8.6 \"Returning from a Called Procedure\"")                                                          \
    X(LDT_TYPE, "lldt wants an LDT, but descriptor %s is %t", "SDM 3A §5.4 \"Type Checking\"")                        \
    X(TSS_TYPE, "an available TSS is wanted, but descriptor %s is %t", "SDM 3A §7.2.2 \"TSS Descriptor\"")            \
    X(TSS_IDLE, "NT is set, so iret returns to the task in the TSS's link, which must be busy, but %s is %t",         \
      "SDM 3A §7.4 \"Task Linking\"")                                                                                 \
    X(TSS_LIMIT, "the TSS %s has limit %x: it is too small", "SDM 3A §7.2.2 \"TSS Descriptor\"")                      \
    X(TASK_SEGMENT, "the new task's %r is %s, %t, DPL %u: it cannot hold that", "SDM 3A §7.3 \"Task Switching\"")     \
    X(TASK_NULL, "the new task's %r is null", "SDM 3A §7.3 \"Task Switching\"")                                       \
    X(TASK_LDT, "the new task's LDT selector %s names %t", "SDM 3A §7.3 \"Task Switching\"")                          \
    /* deliveries */                                                                                                  \
    X(IDT_NONE, "there is no gate for vector %v: IDTR's limit is 0, so there is no IDT",                              \
      "SDM 3A §6.11 \"IDT Descriptors\"")                                                                             \
    X(IDT_LIMIT, "the gate of vector %v, at IDT + %x, lies beyond IDTR's limit %x",                                   \
      "SDM 3A §6.11 \"IDT Descriptors\"")                                                                             \
    X(GATE_EMPTY, "the gate of vector %v is empty: IDT + %x holds 00000000 00000000",                                 \
      "SDM 3A §6.11 \"IDT Descriptors\"")                                                                             \
    X(GATE_TYPE, "the gate of vector %v is no interrupt, trap or task gate: IDT + %x holds type %x",                  \
      "SDM 3A §6.11 \"IDT Descriptors\"")                                                                             \
    X(GATE_ABSENT, "the gate of vector %v is not present: at IDT + %x its P bit is 0",                                \
      "SDM 3A §6.11 \"IDT Descriptors\"")                                                                             \
    X(GATE_DPL, "the gate of vector %v has DPL %u: ring %u may not ask for it",                                       \
      "SDM 3A §6.12.1.2 \"Protection of Exception- and Interrupt-Handler Procedures\"")                               \
    X(HANDLER_NULL, "the gate of vector %v names a null selector",                                                    \
      "SDM 3A §6.12.1 \"Exception- or Interrupt-Handler Procedures\"")                                                \
    X(HANDLER_TYPE, "the gate of vector %v names selector %s, which is %t and not code",                              \
      "SDM 3A §6.12.1 \"Exception- or Interrupt-Handler Procedures\"")                                                \
    X(HANDLER_OUTER, "the handler of vector %v is in ring %u, outside of the interrupted ring %u",                    \
      "SDM 3A §6.12.1.2 \"Protection of Exception- and Interrupt-Handler Procedures\"")                               \
    X(HANDLER_LIMIT, "the handler's offset %x is beyond the limit %x of its code segment",                            \
      "SDM 3A §5.3 \"Limit Checking\"")                                                                               \
    X(TASK_NONE, "the stack of ring %u is in the TSS, but no TSS was loaded: TR is null",                             \
      "SDM 3A §7.2.1 \"Task-State Segment (TSS)\"")                                                                   \
    X(STACK_BEYOND, "the TSS %s ends at %x, in front of the stack pointer of ring %u",                                \
      "SDM 3A §7.2.1 \"Task-State Segment (TSS)\"")                                                                   \
    X(STACK_NULL, "SS%u in the TSS is null", "SDM 3A §7.2.1 \"Task-State Segment (TSS)\"")                            \
    X(STACK_FULL, "%u bytes at stack offset %x are not within the limit %x of the stack",                             \
      "SDM 3A §5.3 \"Limit Checking\"")                                                                               \
    /* privileges */                                                                                                  \
    X(PRIVILEGED, "only ring 0 may execute this instruction, and CPL is %u",                                          \
      "SDM 3A §5.9 \"Privileged Instructions\"")                                                                      \
    X(INTERRUPT_FLAG, "CPL %u is greater than IOPL %u: this ring may not change IF",                                  \
      "SDM 3A §2.3 \"System Flags and Fields in the EFLAGS Register\"")                                               \
    X(PORT, "port %x: CPL %u is greater than IOPL %u, and the TSS's bitmap does not allow the port",                  \
      "SDM 1 §19.5.2 \"I/O Permission Bit Map\"")                                                                     \
    X(CLOCK, "CR4.TSD is set, and CPL is %u", "SDM 2B \"RDTSC—Read Time-Stamp Counter\"")                             \
    X(COUNTER, "this CPU has no performance counter %x", "SDM 2B \"RDPMC—Read Performance-Monitoring Counters\"")     \
    /* special registers */                                                                                           \
    X(CR4_RESERVED, "the value %x for CR4 sets bits that this CPU does not have: %x",                                 \
      "SDM 2B \"MOV—Move to/from Control Registers\"")                                                                \
    X(CR0_PAGING, "the value %x for CR0 sets PG without PE", "SDM 2B \"MOV—Move to/from Control Registers\"")         \
    X(CR0_CACHE, "the value %x for CR0 sets NW without CD", "SDM 2B \"MOV—Move to/from Control Registers\"")          \
    X(CONTROL_REGISTER, "there is no CR%u", "SDM 2B \"MOV—Move to/from Control Registers\"")                          \
    X(MSR_NONE, "there is no model-specific register %x", "SDM 4 §2.1 \"Architectural MSRs\"")                        \
    X(MSR_VALUE, "model-specific register %x does not take %x:%x", "SDM 4 §2.1 \"Architectural MSRs\"")               \
    X(DEBUG_REGISTER, "with CR4.DE set, there is no DR%u", "SDM 3B §17.2 \"Debug Registers\"")                        \
    X(DEBUG_PROTECTED, "DR7.GD protects the debug registers", "SDM 3B §17.2.4 \"Debug Control Register (DR7)\"")      \
    X(BREAKPOINT, "a debug condition was met: %d (DR6 is %x)",                                                        \
      "SDM 3B §17.2.3 \"Debug Status Register (DR6)\"")                                                               \
    /* instructions */                                                                                                \
    X(DIVIDE_ZERO, "the divisor is 0", "SDM 2A \"DIV—Unsigned Divide\"")                                              \
    X(DIVIDE_LARGE, "the quotient of a division by %x does not fit into its register",                                \
      "SDM 2A \"DIV—Unsigned Divide\"")                                                                               \
    X(X87, "an x87 instruction before it has left an exception that is not masked", "SDM 2D \"WAIT/FWAIT—Wait\"")      \
    X(TOO_LONG, "the instruction is longer than 15 bytes", "SDM 3A §6.15 \"Exception and Interrupt Reference\"")      \
    X(BOUND, "the index %i is not from %i to %i", "SDM 2A \"BOUND—Check Array Index Against Bounds\"")                \
    X(UD2, "ud2 exists to raise this exception", "SDM 2B \"UD—Undefined Instruction\"")                               \
    X(INVALID, "this CPU has no instruction with the bytes %x %x and so on",                                          \
      "SDM 3A §6.15 \"Exception and Interrupt Reference\"")                                                           \
    X(LOCK, "the lock prefix goes only with certain instructions that write to memory, and this is none of them",     \
      "SDM 2A \"LOCK—Assert LOCK# Signal Prefix\"")                                                                   \
    X(NO_MOV_TO_CS, "mov cannot load CS", "SDM 2B \"MOV—Move\"")                                                      \
    X(SSE_OFF, "the guest has not switched SSE on: CR4.OSFXSR is 0", "SDM 3A §2.5 \"Control Registers\"")             \
    X(UNIT_NONE, "CR0.EM is set: there is no floating-point unit to use", "SDM 3A §2.5 \"Control Registers\"")        \
    X(UNIT_SWITCHED, "CR0.TS is set: the unit's registers may be those of another task",                              \
      "SDM 3A §13.4.1 \"Using the TS Flag to Control the Saving of the x87 FPU and SSE State\"")
/* clang-format on */

enum ws_reason_code {
#define WS_REASON_ENUM(name, sentence, citation) WS_REASON_##name,
    WS_REASON_TABLE(WS_REASON_ENUM)
#undef WS_REASON_ENUM
        WS_REASON_COUNT
};

enum { WS_REASON_VALUES = 4 };

struct ws_reason {
    uint32_t code; /* enum ws_reason_code */
    uint32_t value[WS_REASON_VALUES];
};

/* Append the sentence with its values, without a full stop.  Nothing for WS_REASON_NONE. */
void ws_reason_append(struct ws_buffer *out, const struct ws_reason *reason);
/* Where the manual says so: "SDM 3A §5.3 \"Limit Checking\""; "" for WS_REASON_NONE.  It is a constant. */
const char *ws_reason_citation(const struct ws_reason *reason);

#endif
