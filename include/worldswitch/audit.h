/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit: did a world switch do all that it must?
 *
 * After each world switch a table of rules is gone through: does the entered world have back everything that it had
 * when it was left, and is nothing of the left world within reach any more?  What a world had is known from having
 * watched it leave, never from what the guest says; for its first entry, from ws_audit_expect(), and without that only
 * the rules apply that need no past.
 *
 * After a context switch a shorter list is gone through, since most of a world stays: registers that a C routine must
 * keep, stack, tables, and the ring-0 stack of the TSS.
 *
 * A switch that does not come to its end is found too: a fault in the midst of it, or a guest that cannot go on.  What
 * is found behind such a fault would be a consequence, and is left out.
 */
#ifndef WORLDSWITCH_AUDIT_H
#define WORLDSWITCH_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/crossing.h>
#include <worldswitch/machine.h>
#include <worldswitch/registers.h>
#include <worldswitch/status.h>

struct ws_audit;
struct ws_lab;

/* A rule, for lists and manuals. */
struct ws_audit_rule {
    const char *name;        /* "left-world-gone" */
    const char *citation;    /* where it is written, or "" */
    const char *explanation; /* what must hold and why, one or two sentences */
    uint8_t kind;            /* enum ws_crossing_kind: for which switches */
};

enum { WS_FINDING_TEXT = 400 };

/* Something that is wrong. */
struct ws_finding {
    const char *rule;    /* the name of an audit rule; a constant */
    uint64_t mark;       /* where to look: the instruction that did it, or the end of the crossing */
    uint32_t linear;     /* where that instruction is; 0: it is not known, and `mark` is the end */
    uint32_t error_code; /* of the vector, if has_error_code */
    uint32_t cr2;        /* of a #PF: the address */
    uint8_t vector;      /* that the instruction raised, or that came, if has_vector */
    bool has_vector, has_error_code;
    char text[WS_FINDING_TEXT]; /* one line: what was expected, what was seen, and why where that is known */
};

/* All rules; a constant list that ends with a NULL name. */
const struct ws_audit_rule *ws_audit_rules(void);

/* Audit each switch that `watcher` sees on `machine`.  The caller owns *out and frees it before both.
 * WS_OK or WS_NO_MEMORY. */
enum ws_status ws_audit_new(struct ws_audit **out, struct ws_machine *machine, struct ws_watcher *watcher);
void ws_audit_free(struct ws_audit *audit);

/*
 * A thorough audit costs time.  It also looks at every instruction between the CR3 write and the end of a world switch:
 * is it the left world's; has it changed the entered world's tables or stack; has it turned interrupts on before that
 * world has its handlers and its stack?  And at each context switch it looks at the page tables, before and after, and
 * at the ring-0 stack that the TSS names: the rules "left-code", "context-kernel-kept", "context-user-part" and
 * "context-ring0-stack".  WS_OK or WS_NO_MEMORY.
 */
enum ws_status ws_audit_thorough(struct ws_audit *audit);

/* Which linear pages the worlds may share; without this, the page that holds the instruction that writes CR3.  It also
 * lets the audit see a fault in the switch code before CR3 was written. */
void ws_audit_cross_page(struct ws_audit *audit, uint32_t linear, uint32_t bytes);

/* This world loads the others, and may go on mapping their memory: its pages need not vanish when it is left. */
void ws_audit_loader(struct ws_audit *audit, const char *world);

/* What a world that never ran must have when it is entered first: all categories, and EIP.  `registers` is copied.
 * WS_OK or WS_NO_MEMORY. */
enum ws_status ws_audit_expect(struct ws_audit *audit, const char *world, const struct ws_registers *registers);

/* The page of ring-0 stack that ends at `top`, linear, belongs to this process: when a kernel goes back to ring 3 from
 * there, CR3 must be `cr3`, says the rule "context-stack-owner" of a thorough audit.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_audit_stack(struct ws_audit *audit, const char *process, uint32_t cr3, uint32_t top);

/* Tell all of this about a laboratory (world.h) that has not run yet: its cross page, its boot world, the stacks of its
 * processes, and what each of its other worlds must have when it is entered first.  Once.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_audit_lab(struct ws_audit *audit, const struct ws_lab *lab);

/*
 * Forget all findings and all that was seen, as if nothing had run: how worlds were left, and what was expected of
 * them.  What the audit was told about thoroughness, cross page and loader stays.
 */
void ws_audit_reset(struct ws_audit *audit);

/* A copy of what an audit knows at a mark. */
struct ws_audit_saved;

/* Keep such a copy beside a snapshot, and go back to it when the machine does; the watcher is then put back by
 * ws_watcher_reset().  Findings made since are gone.  The caller owns *out; it can be restored many times.
 * WS_OK or WS_NO_MEMORY; then nothing has changed. */
enum ws_status ws_audit_save(const struct ws_audit *audit, struct ws_audit_saved **out);
enum ws_status ws_audit_restore(struct ws_audit *audit, const struct ws_audit_saved *saved);
void ws_audit_saved_free(struct ws_audit_saved *saved);

/* The run is over: a switch that is still open is a finding, and so is a triple fault in the switch code. */
void ws_audit_finish(struct ws_audit *audit);

/* How often a rule (its index in ws_audit_rules()) was applied.  For those behind "fpu", which are no tables' rows,
 * that is how many switches of the rule's kind there were, whether the audit is thorough or not. */
uint64_t ws_audit_judged(const struct ws_audit *audit, size_t rule);

/* How many context switches were audited, and how many switches between threads: the same rules are theirs. */
uint64_t ws_audit_context_switches(const struct ws_audit *audit);
uint64_t ws_audit_thread_switches(const struct ws_audit *audit);

/* How many world switches were audited, how many findings there are, and each of them (borrowed until the machine runs
 * again or the audit is freed; NULL if there is none). */
uint64_t ws_audit_switches(const struct ws_audit *audit);
size_t ws_audit_findings(const struct ws_audit *audit);
const struct ws_finding *ws_audit_finding(const struct ws_audit *audit, size_t index);

#endif
