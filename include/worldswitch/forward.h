/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forwarding: the two ways in which a hosted VMM gets help from its host operating system.  Modern Operating Systems,
 * section 7.12, "The Evolution of VMware Workstation", and its figure 7-10.
 *
 *   an interrupt that comes while the VM runs        what the VM wants and the VMM cannot do
 *     i    it is taken through the VMM's IDT           1  the VM traps: an exception, through the VMM's IDT
 *     ii   a world switch to the host                  2  a world switch to the host
 *     iii  the driver executes int, same vector        3  the driver returns to ring 3 of the VMX
 *     iv   the host's own handler is entered           4  the VMX makes a system call; there may be none
 *     v    after the handler's return, the driver      5  it makes its last one, which asks the driver to run the VM
 *          returns to ring 3 of the VMX                6  a world switch back
 *
 * The guest is not asked.  The steps are recognized from vectors, returns and crossings; worlds are told apart by
 * their IDT, the VMX by the page directory that the world switch enters.  So "VMM" is whichever world is left in step
 * ii or 2, "host" the one that is entered, and "VMX" whatever runs there in ring 3, in any guest.  A guest that
 * has its host poll, or call the handler instead of executing int, has no such path, and none is reported.
 */
#ifndef WORLDSWITCH_FORWARD_H
#define WORLDSWITCH_FORWARD_H

#include <stdint.h>

#include <worldswitch/crossing.h>
#include <worldswitch/halt.h>
#include <worldswitch/machine.h>
#include <worldswitch/status.h>

enum ws_forward_kind { WS_FORWARD_INTERRUPT, WS_FORWARD_REQUEST, WS_FORWARD_KINDS };

enum { WS_FORWARD_STEPS = 6 };

struct ws_forward_step {
    uint64_t mark;               /* before the instruction that makes it; step iv: before the handler's first one */
    uint32_t linear;             /* of that instruction, or of the one that was interrupted */
    uint32_t target;             /* linear: where the CPU is behind it */
    char world[WS_NAME_BYTES];   /* that runs before it */
    char process[WS_NAME_BYTES]; /* "" if that world has none */
};

struct ws_forward_path {
    uint8_t kind;     /* enum ws_forward_kind */
    uint8_t steps;    /* how many have been made: 5 or 6 if it is complete */
    uint8_t vector;   /* the interrupt's; of a request: the exception's */
    uint8_t calls;    /* REQUEST: system calls of the VMX, the last one included */
    uint64_t end;     /* mark before the instruction that completed it, a switch's far return; 0: it is not complete */
    uint64_t handled; /* INTERRUPT: mark of the return that ends the host's handler; 0: not yet */
    char vmm[WS_NAME_BYTES];                       /* the world that is left */
    char host[WS_NAME_BYTES];                      /* the one that is entered */
    char vmx[WS_NAME_BYTES];                       /* the process to which the driver returns */
    struct ws_forward_step step[WS_FORWARD_STEPS]; /* a request with one system call: step 4 is zero */
};

/* "interrupt" or "request"; "iii", or "3", for the step-th step, from 0; what happens in it. Constants. */
const char *ws_forward_kind_name(enum ws_forward_kind kind);
const char *ws_forward_step_name(enum ws_forward_kind kind, unsigned step);
const char *ws_forward_step_text(enum ws_forward_kind kind, unsigned step);

struct ws_forward;

/* Called with each step as soon as it is certain that it was one, in the order of steps: of an interrupt, i to iv when
 * iii is executed, for until then it might have become anything; of a request, all at its end.  `path` is borrowed. */
typedef void ws_forward_listener(void *context, const struct ws_forward_path *path, unsigned step);

/* Look out for paths from now on, except while a timeline executes again what was seen already.
 * Machine and watcher are borrowed; free it before them. The caller owns *out.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_forward_new(struct ws_forward **out, struct ws_machine *machine, struct ws_watcher *watcher);
void ws_forward_free(struct ws_forward *forward);

/* Be called; NULL: not any more.  There is one listener. */
void ws_forward_listen(struct ws_forward *forward, ws_forward_listener *listener, void *context);

/* The last complete path of a kind, NULL if there was none; borrowed until the machine runs again.  And how many. */
const struct ws_forward_path *ws_forward_last(const struct ws_forward *forward, enum ws_forward_kind kind);
uint64_t ws_forward_count(const struct ws_forward *forward, enum ws_forward_kind kind);

#endif
