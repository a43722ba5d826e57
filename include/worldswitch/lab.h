/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laboratory: a machine whose worlds and processes are built from outside.
 *
 *   lab       one machine, its worlds, the cross page, the boot world
 *   world     an address space, GDT, LDT, IDT, TSS, kernel stack, control registers, a small kernel
 *   process   a ring-3 address space inside one world, whose kernel half it shares
 *
 * Nothing is pretended.  These functions lay out initial memory and look at it.  ws_lab_load() puts
 * that memory, as a multiboot image, into the machine, and from then on only instructions change
 * anything: a start stub turns paging on, the boot world performs an ordinary world switch into the
 * first world, and whenever ws_world_switch() or ws_context_switch() ask for more, a world's own
 * kernel does it, told by an interrupt.
 *
 * Everything is owned by its lab and lives as long.  Worlds and processes are made before
 * ws_lab_load(); afterwards the building functions answer WS_BAD_ARGUMENT.  Two labs do not know of
 * each other.  A ws_..._new() or ws_..._load_elf() that fails half-way, with WS_BAD_IMAGE, WS_NO_ROOM
 * or WS_NO_MEMORY, leaves a lab that can only be freed; all other refusals change nothing.
 */
#ifndef WORLDSWITCH_LAB_H
#define WORLDSWITCH_LAB_H

#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/context.h>
#include <worldswitch/crossing.h>
#include <worldswitch/image.h>
#include <worldswitch/machine.h>
#include <worldswitch/process.h>
#include <worldswitch/status.h>
#include <worldswitch/world.h>

/* Make an empty laboratory with a machine of its own.  `options` may be NULL.  The caller owns *out.
 * WS_OK, WS_BAD_ARGUMENT (options), WS_NO_ROOM (1 MiB is too little), WS_NO_MEMORY, WS_ENGINE. */
enum ws_status ws_lab_new(struct ws_lab **out, const struct ws_machine_options *options);
/* Free it, its machine, worlds and processes. NULL is allowed. */
void ws_lab_free(struct ws_lab *lab);

/*
 * Give the cross page another switch, code and format: see context.h.  Only before the first world is made.  `code` and
 * all that it points to are read during the call.  How many worlds the lab can have then is how many contexts have
 * room, less the boot world's.  Kernels that the lab brings know what to wipe of such a context; one of the caller's
 * own (struct ws_world_options) learns it from `resident`.
 * WS_OK, WS_BAD_ARGUMENT (a world is made; a place, size or slot is out of its range or on top of another),
 * WS_NO_ROOM (less than two worlds have room), WS_NO_MEMORY.
 */
enum ws_status ws_lab_set_cross(struct ws_lab *lab, const struct ws_cross_code *code);
/* The switch that the lab has; `code` in it is NULL unless it is the built-in one.  Borrowed as long as the lab. */
const struct ws_cross_code *ws_lab_cross(const struct ws_lab *lab);

/* The machine; borrowed as long as the lab.  Before ws_lab_load() it is empty. */
struct ws_machine *ws_lab_machine(struct ws_lab *lab);

/* The symbols of all kernels, each with its world's name in front: "host.context_switch"; of the
 * cross page: "cross"; of processes' programs, as they are.  "ws.world.WORLD" and
 * "ws.process.WORLD.PROCESS" are CR3 values. Borrowed. */
const struct ws_symbols *ws_lab_symbols(const struct ws_lab *lab);

/*
 * Name a linear address of code or data that the caller has written into a world, so that it is among the symbols, and
 * in the image.  `name` is copied.  Names with a dot, and those that begin with "ws_", are the laboratory's own.
 * WS_OK, WS_BAD_ARGUMENT (loaded already; no name), WS_OVERLAP (the name is taken, or the laboratory's), WS_NO_MEMORY.
 */
enum ws_status ws_lab_name_place(struct ws_lab *lab, const char *name, uint32_t linear);

/*
 * Put what was built into the machine, ready to start at mark 0, as ws_image_load() would a file:
 * the machine's first instruction is the start stub's.  `first` is the world into which the boot
 * world switches.
 * WS_OK, WS_BAD_ARGUMENT (loaded already; a world of another lab), WS_NO_MEMORY.
 */
enum ws_status ws_lab_load(struct ws_lab *lab, struct ws_world *first);

/*
 * Load if that was not done yet, then run until the first world has been entered: its first instruction outside the
 * cross page is about to begin.
 * WS_OK, what ws_lab_load() answers, WS_BAD_ARGUMENT (the machine has run already), WS_TIMEOUT,
 * WS_HALTED.
 */
enum ws_status ws_lab_enter(struct ws_lab *lab, struct ws_world *first);

/*
 * Put the laboratory's initial state into *out: a multiboot ELF of its RAM, the start stub and the
 * symbols.  What *out held is lost.  The image boots on QEMU, Bochs and PCs from the Pentium II on
 * (CR4.PGE); ws_lab_load() loads these very bytes.  Independent of how far the machine has run.
 * WS_OK, WS_BAD_ARGUMENT (a world of another lab), WS_NO_MEMORY.
 */
enum ws_status ws_lab_write_image(struct ws_lab *lab, struct ws_world *first, struct ws_buffer *out);

/* The i-th world, the boot world being number 0; NULL if there is none.  Borrowed. */
struct ws_world *ws_lab_world(const struct ws_lab *lab, unsigned index);
/* Whose page directory is it? NULL if it belongs to no world, or to no process.  A process's CR3 belongs to its world,
 * too.  Borrowed. */
struct ws_world *ws_lab_world_of(const struct ws_lab *lab, uint32_t cr3);
struct ws_process *ws_lab_process_of(const struct ws_lab *lab, uint32_t cr3);
/* The process's name, else the world's; NULL if it belongs to neither.  Borrowed. */
const char *ws_lab_name_of(const struct ws_lab *lab, uint32_t cr3);

/* Tell a watcher the names of all worlds and processes: from a laboratory's symbols, or from those
 * that came with an image that ws_lab_write_image() made; from the symbol `ws_names`, see
 * ws_watcher_name_table().  Symbols of other guests name neither worlds nor processes.
 * WS_OK, WS_NO_MEMORY. */
enum ws_status ws_watcher_name_symbols(struct ws_watcher *watcher, const struct ws_symbols *symbols);

/* Which world, and which process, runs, by CR3; NULL while none does. */
struct ws_world *ws_lab_running_world(const struct ws_lab *lab);
struct ws_process *ws_lab_running_process(const struct ws_lab *lab);

/* -- interrupts from outside ------------------------------------------------------------------- */

/* The vector of storms, see storm.h; the lab's kernels do not use it. */
enum { WS_STORM_VECTOR = 0x20 };

/* Give WS_STORM_VECTOR and NMI a handler in all worlds that are made: it counts and returns.  The handler stands in the
 * cross page.  Allowed at any time, before the run or during it, as a device would write it.
 * WS_OK, WS_BAD_ARGUMENT (the lab is broken). */
enum ws_status ws_lab_storm_prepare(struct ws_lab *lab);
/* How often that handler has run. */
uint32_t ws_lab_storm_served(const struct ws_lab *lab);

/* -- the laboratory system --------------------------------------------------------------------- */

/*
 * The laboratory system, which is built in: a host with two processes, a VMM, and a run that needs no input from
 * the user.
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

/*
 * Build it.  Nothing has run when this returns; the machine is loaded and stands at mark 0, so that
 * ws_machine_run() runs it all.  `options` as for ws_lab_new().  The caller owns *out.
 * WS_OK, WS_BAD_ARGUMENT (options), WS_NO_MEMORY, WS_NO_ROOM, WS_ENGINE.
 */
enum ws_status ws_lab_system_new(struct ws_lab **out, const struct ws_machine_options *options);

/* The world to pass as `first` to ws_lab_write_image(): the host.  Borrowed. */
struct ws_world *ws_lab_system_first(struct ws_lab *lab);

#endif
