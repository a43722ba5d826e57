/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks that have names, and marks that a search has found: their list, and going to one of them.
 */
#include "tui/viewer.h"

#include <string.h>

static const char letters[WS__VIEWER_NAMED + 1] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool is_recorded(const struct ws__viewer *viewer, char letter, uint64_t mark)
{
    const struct ws_session *record = viewer->options.record;
    for (size_t at = 0; record && at < record->marks; at++) {
        const struct ws_session_mark *row = &record->mark[at];
        if (row->name[0] == letter && !row->name[1] && row->mark == mark)
            return true;
    }
    return false;
}

static void note_add(struct ws__viewer *viewer, uint64_t mark, const char *name, const char *note)
{
    if (viewer->state.notes < WS__VIEWER_NOTES)
        viewer->note[viewer->state.notes++] = (struct ws_view_note){mark, name, note};
}

void ws__notes_capture(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    const struct ws_session *record = viewer->options.record;
    state->note = viewer->note;
    state->notes = state->notes_found = 0;
    for (size_t at = 0; record && at < record->marks; at++)
        note_add(viewer, record->mark[at].mark, record->mark[at].name, record->mark[at].note);
    for (unsigned at = 0; at < WS__VIEWER_NAMED; at++) {
        if (!viewer->named[at].set || is_recorded(viewer, letters[at], viewer->named[at].mark))
            continue;
        viewer->letter[at][0] = letters[at];
        note_add(viewer, viewer->named[at].mark, viewer->letter[at], "");
    }
    for (size_t at = 0; at < viewer->finds; at++) {
        size_t before = state->notes;
        note_add(viewer, viewer->find[at], "", "");
        state->notes_found += state->notes - before;
    }
    state->searched = viewer->search[0] ? viewer->search : NULL;
    if (state->chosen_note >= state->notes)
        state->chosen_note = state->notes ? state->notes - 1 : 0;
}

/* Where a search ended; of many, the last ones are kept. */
void ws__notes_found(struct ws__viewer *viewer, const char *search, uint64_t mark)
{
    if (strcmp(search, viewer->find_search) != 0)
        viewer->finds = 0;
    strcpy(viewer->find_search, search);
    for (size_t at = 0; at < viewer->finds; at++)
        if (viewer->find[at] == mark)
            return;
    if (viewer->finds == WS__VIEWER_FINDS)
        memmove(viewer->find, viewer->find + 1, --viewer->finds * sizeof viewer->find[0]);
    size_t at = viewer->finds++;
    for (; at > 0 && viewer->find[at - 1] > mark; at--)
        viewer->find[at] = viewer->find[at - 1];
    viewer->find[at] = mark;
}

void ws__do_notes(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_panel_key(viewer, WS_PANEL_NOTES);
}
