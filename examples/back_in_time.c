/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Go back in time: run, return to a mark, run again, and find everything as it was.
 */
#include <stdio.h>
#include <worldswitch/worldswitch.h>

static void say(const char *what, struct ws_lab *lab)
{
    struct ws_machine *machine = ws_lab_machine(lab);
    struct ws_world *world = ws_lab_running_world(lab);
    size_t bytes;
    ws_machine_serial(machine, &bytes);
    printf("%-14s mark %5llu, in %s, %zu bytes said\n", what, (unsigned long long)ws_machine_mark(machine),
           world ? ws_world_name(world) : "no world", bytes);
}

int main(void)
{
    struct ws_timeline *timeline;
    struct ws_lab *lab;
    if (ws_lab_system_new(&lab, NULL) || ws_timeline_new(&timeline, ws_lab_machine(lab), NULL))
        return 1;

    ws_timeline_seek(timeline, 1000);
    uint64_t first = ws_machine_hash(ws_lab_machine(lab));
    say("forward:", lab);
    ws_timeline_seek(timeline, 4000);
    say("further:", lab);
    ws_timeline_step(timeline, -3000);
    uint64_t second = ws_machine_hash(ws_lab_machine(lab));
    say("back:", lab);
    printf("the state is %s\n", first == second ? "the same, bit by bit" : "another one");

    ws_timeline_free(timeline);
    ws_lab_free(lab);
    return first == second ? 0 : 1;
}
