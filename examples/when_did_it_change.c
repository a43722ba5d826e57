/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When did CR3 last change? Ask a timeline, again and again, and say what differs across the last
 * change.
 */
#include <stdio.h>
#include <string.h>
#include <worldswitch/worldswitch.h>

static void say(void *context, const char *category, const char *text)
{
    (void)context;
    if (!strncmp(category, "cr", 2))
        printf("  %s: %s\n", category, text);
}

int main(void)
{
    struct ws_watch cr3 = {.kind = WS_WATCH_REGISTER, .which = WS_CR3};
    struct ws_timeline *timeline;
    struct ws_state before, after;
    struct ws_lab *lab;
    unsigned changes = 0;
    if (ws_lab_system_new(&lab, NULL) || ws_timeline_new(&timeline, ws_lab_machine(lab), NULL))
        return 1;
    ws_timeline_end(timeline);
    while (ws_timeline_previous_change(timeline, &cr3) == WS_SEEK_THERE)
        changes++;
    printf("cr3 changed %u times; across the first time:\n", changes);

    if (ws_state_take(&before, ws_lab_machine(lab), NULL))
        return 1;
    ws_timeline_step(timeline, 1);
    if (ws_state_take(&after, ws_lab_machine(lab), NULL))
        return 1;
    if (ws_state_compare(&before, &after, say, NULL))
        return 1;
    ws_state_release(&before);
    ws_state_release(&after);
    ws_timeline_free(timeline);
    ws_lab_free(lab);
    return changes ? 0 : 1;
}
