/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lint: what its files share.
 */
#ifndef WS_AUDIT_LINT_H
#define WS_AUDIT_LINT_H

#include <worldswitch/lint.h>
#include <worldswitch/reason.h>

enum { WS__LINT_IRQS = 16, WS__LINT_MODULES = 16, WS__LINT_SEEN = 64, WS__LINT_FRAMES = 64 };

/* An interrupt that is being handled: where its handler returns to. */
struct ws__lint_served {
    bool open;
    uint32_t eip, esp;
};

struct ws__lint_module {
    uint32_t first, end; /* physical */
};

/* What the CPU pushes when ring 0 is entered from ring 3. */
enum { WS__LINT_FRAME_WORDS = 5 };

/* A process, known by its page directory, has gone to ring 0; this is its frame. */
struct ws__lint_frame {
    uint32_t phys; /* of the word with EIP; 0: the row is free */
    uint32_t cr3;
    uint64_t mark;
    uint32_t pushed[WS__LINT_FRAME_WORDS];
    /* The last frame that another process has had in the same place since; its cr3 0: none. */
    uint32_t over_cr3;
    uint64_t over_mark;
    uint32_t over_pushed[WS__LINT_FRAME_WORDS];
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
    struct ws__lint_frame frame[WS__LINT_FRAMES]; /* the oldest goes first */
    unsigned frames;
    struct ws__lint_tables seen[WS__LINT_SEEN]; /* the last ones, in a ring */
    unsigned seens;
};

/* Tell of something, unless it was told of: `subject` says what it is about.  The text has printf's form. */
void ws__lint_tell(struct ws_lint *lint, enum ws_lint_rule rule, uint64_t mark, uint32_t subject, const char *format,
                   ...) __attribute__((format(printf, 5, 6)));
/* The same of a reason; `what` stands in front of its sentence. */
void ws__lint_tell_reason(struct ws_lint *lint, enum ws_lint_rule rule, uint64_t mark, uint32_t subject,
                          const char *what, const struct ws_reason *reason);

/* lint_frames.c: ring 0 was entered from ring 3; ring 3 was entered by an iret. */
void ws__lint_frame_pushed(struct ws_lint *lint, const struct ws_event *event);
void ws__lint_frame_popped(struct ws_lint *lint, const struct ws_event *event);

/* lint_tables.c: look at the tables of the CPU as they are now; `leaves`: ring 3 was just entered. */
void ws__lint_tables(struct ws_lint *lint, uint64_t mark, bool leaves);

#endif
