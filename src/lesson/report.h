/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a check found out: the results of its expectations, in their order.
 */
#ifndef WS_LESSON_REPORT_H
#define WS_LESSON_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/session.h>
#include <worldswitch/status.h>

/* One expectation. */
struct ws__result {
    struct ws_buffer name;
    struct ws_buffer explanation; /* what was expected, what was seen, and why it matters; may have several lines */
    unsigned points;              /* that it is worth */
    bool passed;
    bool placed;   /* there is an instant to look at: its run is the report's session */
    uint64_t mark; /* that instant */
};

struct ws__report {
    struct ws__result *result; /* owned */
    size_t results;
    struct ws_buffer printed;   /* by the check */
    struct ws_session *session; /* owned: of the first failed result that is placed; NULL: there is none */
    size_t session_of;          /* which result it belongs to */
};

void ws__report_release(struct ws__report *report);

/* One more result, empty.  Borrowed until the next one.  NULL: no memory. */
struct ws__result *ws__report_add(struct ws__report *report);

/* The sum of what was reached, and of what there was to reach. */
unsigned ws__report_points(const struct ws__report *report);
unsigned ws__report_most(const struct ws__report *report);
/* Did all results pass, and was there one? */
bool ws__report_passed(const struct ws__report *report);

/* Append it as text: one line a result, the explanation of what failed below it, the mark at the end. */
void ws__report_text(const struct ws__report *report, struct ws_buffer *out);

#endif
