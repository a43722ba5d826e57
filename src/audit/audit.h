/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the audit's files share.
 */
#ifndef WS_AUDIT_AUDIT_H
#define WS_AUDIT_AUDIT_H

#include <worldswitch/audit.h>
#include <worldswitch/fpu.h>

#include "audit/rules.h"
#include "watch/watcher.h"

/* What a thorough audit knows of the last CR3 write. */
struct left {
    uint64_t mark; /* 0: there was none */
    uint32_t linear;
    uint32_t cr3;     /* that was given up */
    uint64_t suspect; /* the mark of the first instruction since then in code of that address space; 0: none */
    uint32_t suspect_linear;
};

/* A thread in an address space. */
struct ws__whose {
    uint32_t cr3;
    uint32_t thread; /* its number */
};

/* Whose the registers of x87, MMX and XMM are; see audit_fpu.c. */
enum { WS__FPU_RECENT = 8 };
struct ws__fpu_recent {
    struct ws_fpu state[WS__FPU_RECENT]; /* a ring */
    unsigned count;                      /* all that were put in */
};

struct ws__fpu_audit {
    struct ws__fpu_owner *owners;
    struct ws__fpu_recent recent; /* without ring 3: at the calls of who runs, the states before them */
    struct ws_fpu last;           /* what was kept last, and whose it is */
    struct ws__whose last_of;
    bool crossed; /* there was a switch since */
    bool rings;   /* this system has a ring 3 */
    bool pending; /* thorough: registers were found wrong, and nothing has read them yet: */
    uint64_t pending_mark;
    char pending_text[WS_FINDING_TEXT];
};

/* Debug registers of a thread, and at the last calls of who runs; see audit_debug.c. */
struct ws__debug_owner;
enum { WS__DEBUG_REGISTERS = 5 };
struct ws__debug_recent {
    uint32_t value[WS__FPU_RECENT][WS__DEBUG_REGISTERS]; /* a ring */
    unsigned count;                                      /* all that were put in */
};

/* A part of the entered world's memory that its switch must leave alone. */
enum { WS__RANGES = 5, WS__RANGE_BYTES = WS_PAGE_BYTES };
struct ws__range {
    const char *what; /* "GDT" and so on */
    uint32_t linear;
    uint32_t bytes;
    bool descriptors;
    uint8_t copy[WS__RANGE_BYTES]; /* as it was when CR3 was written */
};

/* A world switch that has written CR3, and has not ended. */
struct ws__between {
    bool open;
    bool interrupts;          /* that they are on is told */
    struct ws_registers due;  /* the entered world's */
    struct ws_registers left; /* as they were, when CR3 was written */
    uint64_t cr3_mark;
    uint64_t last_mark; /* thorough: the last instruction that has begun */
    uint32_t last_linear;
    struct ws__range range[WS__RANGES];
    unsigned ranges;
};

/* A vector that the CPU raised in the switch code. */
struct ws__failure {
    uint32_t linear; /* of the instruction */
    uint32_t esp;    /* before it */
    uint32_t error_code;
    uint32_t cr2;
    uint8_t vector;
    uint8_t origin; /* enum ws_origin */
    bool has_error_code;
};

/* Its place in the public list. */
enum { WS__RULE_AT_FPU = WS__RULES + WS__CONTEXT_RULES };

/* What was learned from the run so far. */
struct ws__known {
    struct departed *departed; /* worlds */
    struct departed *context;  /* of processes; those that run now are not known */
    uint32_t esp0;             /* the ring-0 stack of the process that runs; 0: not known */
    uint64_t cr3_mark;         /* behind the last write of CR3; 0: there was none */
    uint64_t switches;
    uint64_t context_switches;
    uint64_t thread_switches;
    struct ws__fpu_audit fpu;
    struct ws__debug_owner *debug_owners;
    struct ws__debug_recent debug_recent;
    struct ws__attributes attributes;     /* of the world that runs */
    uint64_t judged[WS__RULE_AT_FPU + 1]; /* how often each was applied */
    struct left left;
    bool lost; /* an instruction of the switch code has failed: what is found behind it is a consequence */
    bool finished;
};

struct ws_audit {
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws__known known;
    struct ws_finding *finding;
    size_t findings;
    struct ws__between between;
    struct ws__stack_owner *owner; /* of ring-0 stacks, as told */
    uint32_t ring0_esp;            /* before the last instruction of ring 0 */
    bool thorough;
    bool looks;            /* thorough: at each instruction, now */
    uint32_t cross_linear; /* as told; bytes 0: not told */
    uint32_t cross_bytes;
    char loader[WS_NAME_BYTES];
};

#define RULE_FPU            "fpu"
#define RULE_UNDISTURBED    "undisturbed"
#define RULE_ENDS           "ends"
#define RULE_LEFT_CODE      "left-code"
#define RULE_MEMORY         "entered-memory"
#define RULE_STACK_OWNER    "context-stack-owner"
#define RULE_WHOSE_STACK    "context-whose-stack"
#define RULE_DEBUG          "debug-registers"
#define RULE_INTERRUPTS_OFF "interrupts-off" /* a row of WS__RULE_TABLE, of which more is seen here */

/* audit.c: a finding of that rule, a constant.  NULL: it is not added, for it is a consequence of another, or there is
 * no memory for it. */
struct ws_finding *ws__finding_add(struct ws_audit *audit, const char *rule, uint64_t mark, const char *text);
/* The same, by the instruction at `linear` (0: not known); the text is taken. */
struct ws_finding *ws__finding_say(struct ws_audit *audit, const char *rule, uint64_t mark, uint32_t linear,
                                   struct ws_buffer *text);
/* What the world must have when it is entered; NULL: that is not known. */
const struct ws_registers *ws__due_find(const struct ws_audit *audit, const char *world);
/* Has the entered world its handlers and its stack already?  Then it can be interrupted like any other time. */
bool ws__is_whole(const struct ws_registers *due, const struct ws_registers *now);

/* audit_between.c: an event of CONTROL_REGISTER or INSTRUCTION; the switch has ended. */
void ws__between_event(struct ws_audit *audit, const struct ws_event *event);
void ws__between_end(struct ws_audit *audit, const struct ws_crossing *crossing);

/* audit_stacks.c: an event of INSTRUCTION in ring 0, or of RETURN; free a list. */
void ws__stack_event(struct ws_audit *audit, const struct ws_event *event);
void ws__stack_owners_free(struct ws__stack_owner *owner);

/* audit_reason.c: append the instruction there, with its address; what failed, and why. */
void ws__instruction_say(const struct ws_audit *audit, struct ws_buffer *out, uint32_t linear);
void ws__failure_say(const struct ws_audit *audit, struct ws_buffer *out, const struct ws__failure *failure);

/* audit_state.c */
void ws__departed_free(struct departed *departed);

/* audit_gone.c: of worlds and processes that are not there any more, forget what they are due. */
void ws__gone_forget(struct ws_audit *audit, const struct ws_crossing *crossing);

/* audit_fpu.c: whose page directory is gone, owns nothing any more. */
void ws__fpu_gone_forget(struct ws_audit *audit, const struct ws_crossing *crossing);

/* audit_fpu.c: a list of owners; false: there is no memory for all of it, and *copy is to be freed. */
void ws__fpu_owners_free(struct ws__fpu_owner *owners);
bool ws__fpu_owners_copy(struct ws__fpu_owner **copy, const struct ws__fpu_owner *owners);

/* audit_fpu.c: listen; a crossing has ended; stop. */
enum ws_status ws__audit_fpu_begin(struct ws_audit *audit);
void ws__audit_fpu_crossing(struct ws_audit *audit, const struct ws_crossing *crossing);
void ws__audit_fpu_end(struct ws_audit *audit);

/* audit_fpu.c, of a thorough audit: an instruction is about to begin; nothing has read what was wrong until now. */
void ws__audit_fpu_instruction(struct ws_audit *audit, const struct ws_event *event);
void ws__audit_fpu_settle(struct ws_audit *audit);

/* audit_reader.c: does this instruction read a register of x87, MMX or SSE, to work with it? */
bool ws__reads_fpu(const uint8_t *code, size_t bytes);

/* audit_debug.c: a routine is called, under these registers; a crossing has ended */
void ws__audit_debug_call(struct ws_audit *audit, const struct ws_registers *registers);
void ws__audit_debug_crossing(struct ws_audit *audit, const struct ws_crossing *crossing);
void ws__debug_owners_free(struct ws__debug_owner *owners);
bool ws__debug_owners_copy(struct ws__debug_owner **copy, const struct ws__debug_owner *owners);

/* audit_thorough.c: from now on look at each instruction, or no longer, as what is known demands; what is known of the
 * code that was executed since CR3 was written; stop looking. */
void ws__audit_look(struct ws_audit *audit);
void ws__left_code_judge(struct ws_audit *audit, const struct ws_crossing *crossing);
void ws__audit_thorough_end(struct ws_audit *audit);

#endif
