/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laboratory system: a host with two processes, a VMM, and a run that needs nobody to direct
 * it.
 *
 *   host     world, kernel half at 0xc0000000
 *     A, B   processes, one program at 0x08048000, each on pages of its own
 *   vmm      world, kernel half behind the cross page at 0xffc00000
 *
 * The run: A says hello and yields to B (context switch); B asks the host's driver for the VMM
 * (world switch); the VMM causes an exception, which its own handler catches, and returns (world
 * switch); the host causes the same exception, which the host's handler catches.  So it goes on in
 * turns, each time with another exception, until both processes have exited; then the host leaves
 * through the debug exit port with value 0.
 *
 * The guest's sources are under src/guest/lab/.
 */
#ifndef WORLDSWITCH_LAB_H
#define WORLDSWITCH_LAB_H

#include <worldswitch/world.h>

/*
 * Build it.  Nothing has run when this returns; the machine is loaded and stands at mark 0, so that
 * ws_machine_run() runs it all.  `options` as for ws_lab_new().  The caller owns *out.
 * WS_OK, WS_BAD_ARGUMENT (options), WS_NO_MEMORY, WS_NO_ROOM, WS_ENGINE.
 */
enum ws_status ws_laboratory_new(struct ws_lab **out, const struct ws_machine_options *options);

/* The world to pass as `first` to ws_lab_write_image(): the host.  Borrowed. */
struct ws_world *ws_laboratory_first(struct ws_lab *lab);

#endif
