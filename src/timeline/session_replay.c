/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a session once more. */
#include "timeline/session_replay.h"
#include "timeline/session_file.h"

/* Where there is something to store or to compare, but not far: the user may want to interrupt. */
static uint64_t piece_end(const struct ws__replay *replay, uint64_t now, uint64_t mark)
{
    enum { PIECE = 1 << 22 };
    uint64_t end = mark - now < PIECE ? mark : now + PIECE, due = ws_session_due(replay->session, now);
    if (replay->records)
        return due < end ? due : end;
    return ws_session_next(replay->session, now, end);
}

enum ws_status ws__replay_to(const struct ws__replay *replay, uint64_t mark)
{
    struct ws_machine *machine = replay->machine;
    uint64_t now;
    while ((now = ws_machine_mark(machine)) < mark) {
        enum ws_stop stop = ws_machine_run(machine, piece_end(replay, now, mark) - now);
        if (ws_machine_failure(machine) != WS_OK)
            return ws_machine_failure(machine);
        if (stop != WS_STOP_COUNT && ws_machine_mark(machine) < mark)
            return WS_BAD_IMAGE;
        if (replay->records)
            ws_session_observe(replay->session, machine);
        else if (ws_session_contradicts(replay->session, machine))
            return WS_BAD_IMAGE;
        if (replay->asked && replay->asked(replay->context, ws_machine_mark(machine)))
            return WS_INTERRUPTED;
    }
    return WS_OK;
}

/* Hashes from the start to the end; at the mark where the other machine stands, the states must be
 * equal. */
static enum ws_status hashes_take(const struct ws__replay *replay, const struct ws_machine *watched, uint64_t end)
{
    enum ws_status status = ws__replay_to(replay, ws_machine_mark(watched));
    if (status == WS_OK && ws_machine_hash(replay->machine) != ws_machine_hash(watched))
        status = WS_BAD_IMAGE;
    if (status == WS_OK)
        status = ws__replay_to(replay, end);
    return status == WS_OK ? ws_session_finish(replay->session, replay->machine) : status;
}

enum ws_status ws_session_finish_visited(struct ws_session *session, const struct ws_machine *visited, uint64_t end,
                                         ws_session_asked *asked, void *context)
{
    struct ws__replay replay = {.session = session, .records = true, .asked = asked, .context = context};
    enum ws_status status = ws_session_finish(session, visited); /* what it has received */
    session->checks = 0;
    session->end = end;
    if (status == WS_OK)
        status = ws_session_machine(session, NULL, NULL, &replay.machine, NULL, NULL);
    if (status != WS_OK)
        return status;
    status = hashes_take(&replay, visited, end);
    ws_machine_free(replay.machine);
    return status;
}
