/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lint: what a guest has prepared that would fault when it is used, or that the manual forbids, although nothing has
 * failed yet.
 *
 * The rules are few, and each is sure: what they tell of does fail on a processor, as soon as it is used.  The tables
 * of the CPU are looked at when ring 3 is entered with tables that were not seen before, and at the end.  The rest is
 * seen while the guest runs.  Each thing is told of once.
 */
#ifndef WORLDSWITCH_LINT_H
#define WORLDSWITCH_LINT_H

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/machine.h>

struct ws_lint;

/* name, explanation, citation; a finding may have a citation of its own, which says more */
/* clang-format off */
#define WS_LINT_TABLE(X)                                                                                              \
    X(GATE, "gate", "A gate that is present leads to a handler: to code that is mapped.",                            \
      "SDM 3A §6.11 \"IDT Descriptors\"")                                                                             \
    X(DESCRIPTOR, "descriptor", "A system descriptor that is present has a type that there is, and room.",         \
      "SDM 3A §3.5 \"System Descriptor Types\"")                                                                      \
    X(RING0_STACK, "ring-0-stack", "When ring 3 is entered, the TSS names a stack for the way back to ring 0.",      \
      "SDM 3A §7.2.1 \"Task-State Segment (TSS)\"")                                                                   \
    X(RESERVED_BIT, "reserved-bit", "A page directory entry of a 4 MiB page has its reserved bits clear.",           \
      "SDM 3A §4.3 \"32-Bit Paging\"")                                                                                \
    X(EOI, "eoi", "A handler tells the 8259s before it returns, or no IRQ of its level or below comes.",     \
      "8259A data sheet, \"End of Interrupt (EOI)\"")                                                                 \
    X(SHARED_STACK, "shared-stack", "A process that waits in ring 0 has a stack there that no other one is given.",   \
      "SDM 3A §6.12.1 \"Exception- or Interrupt-Handler Procedures\"")                                                \
    X(MODULE_STACK, "module-stack", "The stack is not where the loader has put a module: each push overwrites it.",  \
      "Multiboot Specification 0.6.96 §3.3 \"Boot information format\"")                                              \
    X(STALE, "stale-translation", "A page whose entry was changed is invalidated before it is used again.",          \
      "SDM 3A §4.10.4.2 \"Recommended Invalidation\"")
/* clang-format on */

enum ws_lint_rule {
#define WS_LINT_ENUM(name, text, explanation, citation) WS_LINT_##name,
    WS_LINT_TABLE(WS_LINT_ENUM)
#undef WS_LINT_ENUM
        WS_LINT_RULES
};

/* The columns of the table; constants. */
const char *ws_lint_name(enum ws_lint_rule rule);
const char *ws_lint_explanation(enum ws_lint_rule rule);

struct ws_lint_finding {
    uint64_t mark; /* where it was seen */
    uint8_t rule;  /* enum ws_lint_rule */
    const char *citation;
    char text[240]; /* one sentence, without a full stop */
};

/* Look at this machine from now on; a loader has prepared it, and nothing has run.  The caller frees *out before the
 * machine.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_lint_new(struct ws_lint **out, struct ws_machine *machine);
void ws_lint_free(struct ws_lint *lint);
/* The run is over: look at what the guest has left. */
void ws_lint_finish(struct ws_lint *lint);

/* Ascending by mark; borrowed until the machine runs on. */
size_t ws_lint_findings(const struct ws_lint *lint);
const struct ws_lint_finding *ws_lint_finding(const struct ws_lint *lint, size_t index);

#endif
