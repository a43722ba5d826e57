/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ablation of a switch routine of another author's kernel, of any length and of any kind.
 *
 * The library knows nothing of it but where it begins.  So the guest runs once as it is, and what is seen then is
 * right: which instructions the routine executes on its way from one side to the other, what the guest says, how it
 * ends.  Then it runs from its start again, once for each of these instructions, without it.
 *
 *   switch_learn.c    the sound run
 *   switch_observe.c  what can be seen of a run, and how two runs differ
 *   switch_try.c      a trial and its verdict
 *   switch_differ.c   in which registers and words two machines differ
 *   switch_survive.c  why nobody noticed
 */
#ifndef WS_ABLATION_SWITCH_H
#define WS_ABLATION_SWITCH_H

#include <worldswitch/ablation.h>
#include <worldswitch/audit.h>
#include <worldswitch/buffer.h>
#include <worldswitch/crossing.h>
#include <worldswitch/disasm.h>
#include <worldswitch/machine.h>

/* A guest at its start. */
struct ws__guest {
    struct ws_machine *machine;
    struct ws_watcher *watcher; /* NULL: not watched */
    struct ws_audit *audit;     /* likewise */
    void *own;                  /* the maker's */
};

/* Makes the same guest again and again: equal runs of it are equal in everything. */
struct ws__guest_maker {
    enum ws_status (*open)(void *context, bool watched, struct ws__guest *out);
    void (*close)(struct ws__guest *guest);
    void *context;
};

enum {
    WS__SWITCH_INSTRUCTIONS = 1024,
    WS__SWITCH_PASSAGES = 256,
    WS__SWITCH_TIMES = 64, /* how many executions of an instruction are looked at */
    WS__SWITCH_STORMS = 4, /* so many of the first passages are interrupted, */
    WS__SWITCH_BOUNDARIES = 512,
    WS__SEEN = 4096
};

/* An instruction of the routine. */
struct ws__switch_step {
    struct ws_instruction instruction;
    uint32_t phys;                   /* of its first byte */
    uint64_t times;                  /* that it is executed in the run, in switches or not */
    uint64_t mark[WS__SWITCH_TIMES]; /* before the first of them */
};

/* Once from the routine's first instruction to the end of the crossing. */
struct ws__switch_passage {
    char from[WS_NAME_BYTES], to[WS_NAME_BYTES];
    uint64_t begin, end;
    uint8_t kind; /* enum ws_crossing_kind */
};

/* An exception that the CPU raised. */
struct ws__seen_exception {
    uint64_t mark;
    uint32_t linear, error_code, cr2;
    uint8_t vector;
    bool has_error_code;
    struct ws_reason reason;
};

/* What can be seen of a run.  The rest of it is inside. */
struct ws__observed {
    struct ws__seen_exception exception[WS__SEEN];
    unsigned exceptions;
    struct ws__switch_passage crossing[WS__SEEN];
    unsigned crossings;
    struct ws_finding *finding; /* owned */
    size_t findings;
    struct ws_halt halt;
    uint64_t output, disk;  /* hashes of what was sent and written */
    uint64_t letters[256];  /* how often each byte was sent */
    uint8_t screen[4000];   /* the text screen, at the end */
    uint8_t vector;         /* an interrupt to look for; */
    uint64_t asked, served; /* the marks; UINT64_MAX: it was not */
    uint32_t served_linear;
};

struct ws__switch {
    const struct ws__guest_maker *maker;
    uint32_t linear; /* of the routine */
    struct ws__switch_step step[WS__SWITCH_INSTRUCTIONS];
    unsigned steps;
    struct ws__switch_passage passage[WS__SWITCH_PASSAGES];
    unsigned passages;
    struct ws__observed sound;
    bool has_vector; /* the guest can be interrupted: */
    uint8_t vector;
    struct ws__observed calm; /* a run with an interrupt in front of the routine */
};

/* -- switch_learn.c ---------------------------------------------------------------------------- */

/* Run the guest as it is.  `storms`: and find an interrupt that it can serve.  The caller owns *out.  WS_OK;
 * WS_NOT_FOUND: the routine made no switch; WS_NO_MEMORY, or as the maker. */
enum ws_status ws__switch_learn(struct ws__switch **out, const struct ws__guest_maker *maker, uint32_t linear,
                                bool storms);
/* The mark at which a trial has run long enough: the sound run had ended by then. */
uint64_t ws__switch_limit(const struct ws__switch *learned);
void ws__switch_free(struct ws__switch *learned);

/* -- switch_observe.c -------------------------------------------------------------------------- */

/* Look at this guest, and run it to its end, or to the mark `limit` (0: to its end).  WS_OK, or why it cannot be looked
 * at. */
enum ws_status ws__observe_begin(struct ws__observed *observed, struct ws__guest *guest);
enum ws_status ws__observe_run(struct ws__observed *observed, struct ws__guest *guest, uint64_t limit);
void ws__observed_release(struct ws__observed *observed);

/* Say all in which a run differs from the sound one: verdict->by, ->at, and in words. */
void ws__observed_compare(const struct ws__observed *sound, const struct ws__observed *observed,
                          struct ws_ablation_verdict *verdict, struct ws_buffer *words);
/* Has the interrupt in this run done no harm? */
bool ws__observed_is_calm(const struct ws__observed *sound, const struct ws__observed *calm);
/* Of a run that was interrupted, less must be the same: `calm` was interrupted, too. */
void ws__observed_judge_storm(const struct ws__observed *sound, const struct ws__observed *calm,
                              const struct ws__observed *observed, struct ws_ablation_verdict *verdict,
                              struct ws_buffer *words);

/* -- switch_try.c ------------------------------------------------------------------------------ */

/* As those of ablation.h: WS_ABLATION_REMOVE, and WS_ABLATION_INTERRUPT, whose `way` is a passage. */
size_t ws__switch_cases(const struct ws__switch *learned, unsigned kinds);
bool ws__switch_case_get(const struct ws__switch *learned, unsigned kinds, size_t index, struct ws_ablation_case *out);
uint64_t ws__switch_fingerprint(const struct ws__switch *learned);
void ws__switch_describe(const struct ws__switch *learned, const struct ws_ablation_case *tried,
                         struct ws_ablation_verdict *out);
enum ws_status ws__switch_try(const struct ws__switch *learned, const struct ws_ablation_case *tried,
                              struct ws_ablation_verdict *out);

/* -- switch_survive.c -------------------------------------------------------------------------- */

/* Run a guest with this instruction beside one without it, and decide from their states why nobody noticed: append it,
 * and set verdict->survival. */
enum ws_status ws__switch_survive(const struct ws__switch *learned, const struct ws__switch_step *step,
                                  struct ws_ablation_verdict *verdict, struct ws_buffer *words);

/* -- switch_differ.c --------------------------------------------------------------------------- */

enum { WS__DIFFER_MOST = 4096 };

/* The places in which two machines differ, each a number, in ascending order. */
struct ws__differ {
    uint64_t place[WS__DIFFER_MOST];
    unsigned count;
    bool more; /* than there is room for */
};

/* Physical addresses of bytes that do not count. */
struct ws__differ_except {
    uint32_t phys[WS_INSTRUCTION_BYTES];
    unsigned count;
};

void ws__differ_find(struct ws__differ *out, const struct ws_machine *one, const struct ws_machine *other,
                     const struct ws__differ_except *except);
/* The first place of `more` that is not in `all`; UINT64_MAX: there is none. */
uint64_t ws__differ_beyond(const struct ws__differ *more, const struct ws__differ *all);
void ws__differ_join(struct ws__differ *all, const struct ws__differ *more);
/* "ebx", "the word at phys 0x00101000", with both values. */
void ws__differ_say(struct ws_buffer *out, uint64_t place, const struct ws_machine *with,
                    const struct ws_machine *without);
bool ws__differ_has_eip(const struct ws__differ *differ);

#endif
