/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a session once more, to store its hashes or to make its checkpoints.  front/record.c plays a recording. */
#ifndef WS_TIMELINE_SESSION_REPLAY_H
#define WS_TIMELINE_SESSION_REPLAY_H

#include <worldswitch/session.h>

#include "timeline/session_file.h"

struct ws__replay {
    struct ws_session *session;
    struct ws_machine *machine; /* its machine, at the start; then wherever it has come to */
    bool records;               /* store hashes where they are due; else compare with those that are there */
    ws_session_asked *asked;    /* may be NULL */
    void *context;
};

/* Run on up to the mark.
 * WS_OK; WS_BAD_IMAGE (it does not come there, or is another run than it was); WS_INTERRUPTED. */
enum ws_status ws__replay_to(const struct ws__replay *replay, uint64_t mark);

#endif
