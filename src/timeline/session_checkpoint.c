/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkpoints of a session: whole states, so that a mark far from the start is near one of them.
 *
 * Each is what has changed since the one before, the first since the image was loaded.  To go to one
 * is to load all up to it, which takes as long as copying the pages; only its own hash is compared,
 * for a wrong one before it would have made it wrong, too.
 */
#include <stdlib.h>
#include <string.h>

#include "timeline/session_file.h"
#include "timeline/session_replay.h"

void ws__session_checkpoints_release(struct ws_session *session)
{
    for (size_t i = 0; i < session->checkpoints; i++)
        ws_buffer_release(&session->checkpoint[i].state);
    free(session->checkpoint);
    session->checkpoint = NULL;
    session->checkpoints = 0;
}

/* -- going there ------------------------------------------------------------------------------- */

size_t ws_session_checkpoints_before(const struct ws_session *session, uint64_t mark)
{
    size_t count = session->checkpoints;
    while (count && session->checkpoint[count - 1].mark > mark)
        count--;
    return count;
}

static enum ws_status states_load(const struct ws_session *session, size_t index, struct ws_machine *machine)
{
    for (size_t i = 0; i <= index; i++) {
        const struct ws_session_checkpoint *checkpoint = &session->checkpoint[i];
        enum ws_status status = ws_machine_load(machine, checkpoint->state.data, checkpoint->state.size);
        if (status != WS_OK)
            return status;
        if (ws_machine_mark(machine) != checkpoint->mark)
            return WS_BAD_IMAGE;
    }
    return session->checkpoint[index].hash == ws_machine_hash(machine) ? WS_OK : WS_BAD_IMAGE;
}

enum ws_status ws_session_checkpoint_go(const struct ws_session *session, size_t index, struct ws_machine *machine)
{
    struct ws_snapshot *start;
    enum ws_status status = ws_snapshot_take(&start, machine);
    if (status != WS_OK)
        return status;
    status = states_load(session, index, machine);
    if (status != WS_OK)
        ws_snapshot_restore(start, machine);
    ws_snapshot_free(start);
    return status;
}

/* -- making ------------------------------------------------------------------------------------ */

static size_t mark_insert(uint64_t *mark, size_t marks, uint64_t new)
{
    size_t place = marks;
    while (place && mark[place - 1] >= new)
        place--;
    if (!new || marks == WS_SESSION_CHECKPOINTS || (place < marks && mark[place] == new))
        return marks;
    memmove(&mark[place + 1], &mark[place], (marks - place) * sizeof *mark);
    mark[place] = new;
    return marks + 1;
}

size_t ws_session_checkpoint_marks(const struct ws_session *session, uint64_t count,
                                   uint64_t mark[WS_SESSION_CHECKPOINTS])
{
    enum { LEAD = 2000000 }; /* instructions: less than one waits for, and more than a tick of most clocks */
    size_t marks = 0;
    for (size_t i = 0; i < session->marks; i++)
        if (session->mark[i].mark > LEAD && session->mark[i].mark <= session->end)
            marks = mark_insert(mark, marks, session->mark[i].mark - LEAD);
    for (uint64_t i = 1; i <= count && i <= WS_SESSION_CHECKPOINTS; i++)
        marks = mark_insert(mark, marks, session->end / (count + 1) * i);
    return marks;
}

/* A run that makes checkpoints. */
struct making {
    struct ws__replay replay;
    struct ws_snapshot *since; /* the last checkpoint, or the start */
    size_t bytes;              /* of all states */
};

static enum ws_status checkpoint_take(struct making *making)
{
    struct ws_session *session = making->replay.session;
    struct ws_machine *machine = making->replay.machine;
    struct ws_session_checkpoint *checkpoint = &session->checkpoint[session->checkpoints];
    struct ws_snapshot *here;
    *checkpoint = (struct ws_session_checkpoint){.mark = ws_machine_mark(machine), .hash = ws_machine_hash(machine)};
    enum ws_status status = ws_machine_save(machine, making->since, &checkpoint->state);
    session->checkpoints++;
    if (status == WS_OK)
        status = ws_snapshot_take(&here, machine);
    if (status != WS_OK)
        return status;
    ws_snapshot_free(making->since);
    making->since = here;
    making->bytes += checkpoint->state.size;
    return making->bytes <= WS__SESSION_BYTES_MOST ? WS_OK : WS_NO_ROOM;
}

static enum ws_status all_make(struct making *making, const uint64_t *mark, size_t marks)
{
    enum ws_status status = ws_snapshot_take(&making->since, making->replay.machine);
    for (size_t i = 0; i < marks && status == WS_OK; i++) {
        status = ws__replay_to(&making->replay, mark[i]);
        if (status == WS_OK)
            status = checkpoint_take(making);
    }
    ws_snapshot_free(making->since);
    return status;
}

enum ws_status ws_session_checkpoints_make(struct ws_session *session, const uint64_t *mark, size_t marks,
                                           ws_session_asked *asked, void *context)
{
    struct making making = {.replay = {.session = session, .asked = asked, .context = context}};
    ws__session_checkpoints_release(session);
    if (!marks)
        return WS_OK;
    session->checkpoint = calloc(marks, sizeof *session->checkpoint);
    if (!session->checkpoint)
        return WS_NO_MEMORY;
    enum ws_status status = ws_session_machine(session, NULL, NULL, &making.replay.machine, NULL, NULL);
    if (status == WS_OK) {
        status = all_make(&making, mark, marks);
        ws_machine_free(making.replay.machine);
    }
    if (status != WS_OK)
        ws__session_checkpoints_release(session);
    return status;
}
