/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of a post-mortem.
 *
 *   why.c        how the run ended, and the instruction that did it
 *   why_entry.c  the descriptor, gate or page table entry that decided, and who wrote it
 *   why_spin.c   a guest that makes no progress
 *   why_stale.c  an old translation that the guest did not invalidate
 */
#ifndef WS_TIMELINE_WHY_H
#define WS_TIMELINE_WHY_H

#include <worldswitch/why.h>

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

/* The machine stands at the instruction that faulted: append what decided, and who wrote it.  It may stand elsewhere
 * afterwards. */
void ws__why_entry(const struct ws_why *why, struct ws_buffer *out, const struct ws_fault *fault);

/* The machine stands at the mark of interest: append how the page tables translate `linear`, and who wrote the entries.
 * `used`: who changed accessed and dirty bits counts, too.  The machine may stand elsewhere afterwards. */
void ws__why_page(const struct ws_why *why, struct ws_buffer *out, uint32_t linear, enum ws_access access, bool user,
                  bool used);

/* If the CPU keeps translations: append the first use of one that was out of date.  The machine stands at the end
 * afterwards. */
void ws__why_stale(const struct ws_why *why, struct ws_buffer *out);

/* The machine stands at the end of the run: append what it did over and over.  Nothing if it did not.  It may stand
 * elsewhere afterwards. */
void ws__why_spin(const struct ws_why *why, struct ws_buffer *out);

/* If one exception was raised over and over before this mark, as a handler that faults itself does, append where that
 * began; else, unless the guest is dead by a triple fault, the last exception.  The machine stands at the end
 * afterwards.  Returns whether one was raised over and over. */
bool ws__why_exceptions(const struct ws_why *why, struct ws_buffer *out, uint64_t mark, bool dead);

#endif
