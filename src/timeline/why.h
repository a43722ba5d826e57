/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of a post-mortem.
 *
 *   why.c        how the run ended, and the instruction that did it
 *   why_fault.c  a fault: its reason, and what its delivery met
 *   why_open.c   handlers that have not returned, and their frames
 *   why_way.c    how control came there
 *   why_entry.c  the descriptor, gate or page table entry that decided, and who wrote it
 *   why_spin.c   a guest that makes no progress
 *   why_stale.c  an old translation that the guest did not invalidate
 *   why_fit.c    what is left out, so that one screen holds it
 */
#ifndef WS_TIMELINE_WHY_H
#define WS_TIMELINE_WHY_H

#include <worldswitch/why.h>

/* What the lines of a post-mortem tell.  Where not all fit, those at the end of this list are left out first. */
enum ws__why_rank {
    WS__WHY_ALWAYS,   /* the first fault: where, why, which instruction; few lines, of a length that is bounded */
    WS__WHY_BEGAN,    /* an exception that came over and over: the first time */
    WS__WHY_LED,      /* how control came there, with which frame */
    WS__WHY_DECIDED,  /* the entry of a table that decided, and who wrote it */
    WS__WHY_MET,      /* the vectors of the chain */
    WS__WHY_REASON,   /* why the first one's handler could not be entered */
    WS__WHY_SECOND,   /* the entry that decided about that */
    WS__WHY_END,      /* what a guest did at last that did not die of a fault */
    WS__WHY_AROUND,   /* the code around */
    WS__WHY_STANDING, /* what has been so for long, or was said in other words */
    WS__WHY_REPEATED, /* why the handlers of the double fault and so on could not be entered */
    WS__WHY_RANKS
};

/* Lines begin.  All that is appended from here on has this rank; or only the next line has it. */
void ws__why_rank(struct ws_buffer *out, enum ws__why_rank rank);
void ws__why_line(struct ws_buffer *out, enum ws__why_rank rank);
/* Append `text`, which has ranks, without them; leave out what `why` has no room for, and say so. */
void ws__why_fit(const struct ws_why *why, struct ws_buffer *out, const struct ws_buffer *text);

/* Go to that mark.  false: the journey ended elsewhere; out->failed: for lack of memory. */
bool ws__why_visit(const struct ws_why *why, struct ws_buffer *out, uint64_t mark);
/* Execute every instruction up to that mark, or to the end of the run: a journey may jump, and listeners would not hear
 * of the instructions between. */
void ws__why_run(const struct ws_why *why, struct ws_buffer *out, uint64_t mark);
/* Listen to these kinds of events.  false: there is no memory, which out->failed says. */
bool ws__why_listen(const struct ws_why *why, struct ws_buffer *out, uint32_t kinds, ws_event_listener *listener,
                    void *context);

/* Append "0x00100012 <start+0x12>". */
void ws__why_place(const struct ws_why *why, struct ws_buffer *out, uint32_t linear);
/* Append the instruction at `linear`, as memory is now. */
void ws__why_instruction(const struct ws_why *why, struct ws_buffer *out, uint32_t linear);

/* The machine stands at the instruction at `linear`: the linear address of its operand number `at` in memory, as its
 * registers are.  false: it has none. */
bool ws__why_operand(const struct ws_why *why, uint32_t linear, unsigned at, uint32_t *address);

/* Append the code around; `before`: from a little before. */
void ws__why_code(const struct ws_why *why, struct ws_buffer *out, uint32_t linear, bool before);

/* A vector, and what its delivery met, as struct ws_halt has them. */
struct ws__chain {
    uint64_t mark;
    uint32_t faults;
    struct ws_fault fault[WS_FAULTS];
};

/* A handler that was entered and has not returned; the last of the chain led to it. */
struct ws__open {
    struct ws_event event;
    struct ws__chain chain;
};

enum { WS__OPENS = 16 };

struct ws__opens {
    uint64_t end; /* where the run is taken to end; UINT64_MAX: where the guest halts */
    unsigned count;
    struct ws__open row[WS__OPENS]; /* the newest one is the last */
    struct ws__chain met;           /* for the next one */
    bool whole;                     /* the run was looked at from its beginning */
};

/* The machine stands at opens->end, and will again: find the handlers that have not returned. */
void ws__why_opens(const struct ws_why *why, struct ws_buffer *out, struct ws__opens *opens);
/* The same of a guest that has done nothing but wait since: look further and further back for the handler that has its
 * frame on the stack that `esp` is in.  NULL: there is none, or it was entered too long ago.  `opens` has those that
 * were found. */
const struct ws__open *ws__why_open_long_ago(const struct ws_why *why, struct ws_buffer *out, struct ws__opens *opens,
                                             uint32_t esp);
/* The newest one that was entered before this mark and has its frame on the stack that `esp` is in.  NULL: none. */
const struct ws__open *ws__why_open_near(const struct ws__opens *opens, uint32_t esp, uint64_t mark);
/* An iret is about to take a frame from `esp`: append why it is not that of this handler.  A ret took a word from
 * there: append if that was a part of the frame. */
void ws__why_iret(const struct ws_why *why, struct ws_buffer *out, const struct ws__open *open, uint32_t esp);
void ws__why_ret(const struct ws_why *why, struct ws_buffer *out, const struct ws__open *open, uint32_t esp);

/* Append how control came to the instruction at `linear`, which faulted, unless the code around shows it.  Returns
 * whether it was told.  The machine stands at `mark` afterwards. */
bool ws__why_way(const struct ws_why *why, struct ws_buffer *out, uint64_t mark, uint32_t linear,
                 const struct ws_fault *fault, const struct ws__opens *opens);

/* Append all about the first fault of a chain, and what followed.  `told`: it was raised over and over, first for this
 * reason, which was told already; NULL: it was not.  `entered`: a handler was entered at last, and has not returned. */
void ws__why_fault(const struct ws_why *why, struct ws_buffer *out, const struct ws__chain *chain,
                   const struct ws_reason *told, const struct ws__opens *opens, bool entered);
/* Append "#PF page fault (vector 14), error code 0x2 (...), cr2 0x00000000". */
void ws__why_vector(const struct ws_why *why, struct ws_buffer *out, const struct ws_fault *fault);

/* The machine stands at the mark of interest, and will again.  If an instruction of the run has changed what stands at
 * this physical address, code, append "  WHAT at mark N by ..." with the last one that did, and return true. */
bool ws__why_writer(const struct ws_why *why, struct ws_buffer *out, uint32_t phys, uint8_t bytes, const char *what);
/* The same of a page table entry, if it was changed after this mark; accessed and dirty bits do not count. */
bool ws__why_entry_writer(const struct ws_why *why, struct ws_buffer *out, uint32_t phys, uint64_t after,
                          const char *what);

/* The machine stands at the instruction that faulted: append what decided, and who wrote it.  It may stand elsewhere
 * afterwards. */
void ws__why_entry(const struct ws_why *why, struct ws_buffer *out, const struct ws_fault *fault);

/* The machine stands at the mark of interest, and will again: append this vector's gate, and who wrote it. */
void ws__why_gate(const struct ws_why *why, struct ws_buffer *out, uint32_t vector);

/* The machine stands at the mark of interest: append how the page tables translate `linear`, and who wrote the entries.
 * `used`: who changed accessed and dirty bits counts, too.  The machine may stand elsewhere afterwards. */
void ws__why_page(const struct ws_why *why, struct ws_buffer *out, uint32_t linear, enum ws_access access, bool user,
                  bool used);

/* If the CPU keeps translations: append the first use of one that was out of date.  The machine stands at the end
 * afterwards; `end` is that of struct ws__opens. */
void ws__why_stale(const struct ws_why *why, struct ws_buffer *out, uint64_t end);

/* The machine stands at the end of the run, and will again: append what it did over and over.  Nothing if it did not.
 * Returns whether it was a loop without exceptions. */
bool ws__why_spin(const struct ws_why *why, struct ws_buffer *out);

/* If one exception was raised over and over before this mark, as a handler that faults itself does, append where that
 * began; else, if `once`, the last exception.  The machine stands at the mark afterwards.  Returns whether one was
 * raised over and over; then *reason, if it is not NULL, gets why for the first time. */
bool ws__why_exceptions(const struct ws_why *why, struct ws_buffer *out, uint64_t mark, bool once,
                        struct ws_reason *reason);

#endif
