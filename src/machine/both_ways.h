/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug build's run: every block both ways.
 *
 * Block mode executes many instructions without a look, and must come to the state that step mode comes to.  In a build
 * configured with --enable-both-ways, each run goes in short pieces.  A piece runs as ever.  Then the machine goes back
 * to its beginning, executes the same instructions one at a time, unheard, and the two states are compared.  If they
 * differ, the process says at which marks, and aborts.
 */
#ifndef WS_MACHINE_BOTH_WAYS_H
#define WS_MACHINE_BOTH_WAYS_H

#include <worldswitch/machine.h>

#ifndef WS_BOTH_WAYS
#define WS_BOTH_WAYS 0
#endif

/* As ws__cpu_go_on(). */
enum ws_stop ws__both_ways_run(struct ws_machine *machine, uint64_t instructions);

#endif
