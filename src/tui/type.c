/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Typing on the guest's keyboard.
 *
 * The machine keeps what was typed with its time, so whoever goes back and forward again finds it there, and a
 * recording has it.  What has been run already stays as it was: the keys come at its end, wherever the person looks.
 */
#include "tui/viewer.h"

#include <stdio.h>
#include <string.h>

void ws__do_type(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (viewer->options.replays)
        ws__viewer_say(viewer, "this run is a recorded one, with its own keys");
    else
        ws__viewer_prompt_open(viewer, WS__PROMPT_TYPE, "");
}

/* Type at the present mark.  false: nobody reads the keyboard any more. */
static bool line_type(struct ws__viewer *viewer, const char *line)
{
    char text[WS__VIEWER_LINE + 1];
    struct ws_machine *machine = viewer->options.machine;
    enum ws_halt_reason reason = ws_machine_halt(machine)->reason;
    if (reason != WS_HALT_NONE && reason != WS_HALT_ASLEEP)
        return false;
    snprintf(text, sizeof text, "%s\n", line);
    viewer->starved |= ws_machine_type(machine, text, strlen(text)) != WS_OK;
    return true;
}

void ws__viewer_type(struct ws__viewer *viewer, const char *line)
{
    uint64_t here = ws_timeline_mark(viewer->timeline), end = ws_timeline_frontier(viewer->timeline);
    (void)ws_timeline_seek(viewer->timeline, end);
    if (ws_timeline_mark(viewer->timeline) != end)
        ws__viewer_say(viewer, "not typed: stopped at mark %llu",
                       (unsigned long long)ws_timeline_mark(viewer->timeline));
    else if (!line_type(viewer, line))
        ws__viewer_say(viewer, "not typed: the run has ended at mark %llu", (unsigned long long)end);
    else
        ws__viewer_say(viewer, "typed at mark %llu, where the run has come to: \"%s\" and Enter",
                       (unsigned long long)end, line);
    (void)ws_timeline_seek(viewer->timeline, here);
    ws__viewer_arrive(viewer);
}
