/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lint: what its files share.
 */
#ifndef WS_AUDIT_LINT_H
#define WS_AUDIT_LINT_H

#include <worldswitch/lint.h>
#include <worldswitch/reason.h>

enum { WS__LINT_IRQS = 16, WS__LINT_MODULES = 16, WS__LINT_SEEN = 64 };

/* An interrupt that is being handled: where its handler returns to. */
struct ws__lint_served {
    bool open;
    uint32_t eip, esp;
};

struct ws__lint_module {
    uint32_t first, end; /* physical */
};

/* The tables that one look was for. */
struct ws__lint_tables {
    uint32_t gdt, idt, tss, directory;
};

struct ws_lint {
    struct ws_machine *machine;      /* borrowed */
    struct ws_lint_finding *finding; /* owned */
    uint64_t *subject;               /* owned: what each finding is about, to tell of it once */
    size_t findings;
    struct ws__lint_served served[WS__LINT_IRQS];
    struct ws__lint_module module[WS__LINT_MODULES];
    unsigned modules;
    struct ws__lint_tables seen[WS__LINT_SEEN]; /* the last ones, in a ring */
    unsigned seens;
};

/* Tell of something, unless it was told of: `subject` says what it is about.  The text has printf's form. */
void ws__lint_tell(struct ws_lint *lint, enum ws_lint_rule rule, uint64_t mark, uint32_t subject, const char *format,
                   ...) __attribute__((format(printf, 5, 6)));
/* The same of a reason; `what` stands in front of its sentence. */
void ws__lint_tell_reason(struct ws_lint *lint, enum ws_lint_rule rule, uint64_t mark, uint32_t subject,
                          const char *what, const struct ws_reason *reason);

/* lint_tables.c: look at the tables of the CPU as they are now; `leaves`: ring 3 was just entered. */
void ws__lint_tables(struct ws_lint *lint, uint64_t mark, bool leaves);

#endif
