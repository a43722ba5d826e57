/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x87 unit, which is only one.
 *
 * Most turns of most threads need none of its registers, so a context switch leaves them alone, and only sets
 * CR0.TS: the first instruction that uses the unit raises #NM. Then the registers change hands: the owner's are saved
 * into its fpu_state, the new owner's loaded. If it is the owner still when its turn comes again, it finds TS clear.
 *
 * SDM 3A §13.4.1 "Using the TS Flag to Control the Saving of the x87 FPU and SSE State".  CR4.OSFXSR is clear, so there
 * are no XMM registers to keep.
 *
 * The virtual machine is an owner like any other: its registers go in before a journey, if they are not there, and come
 * out when a thread needs the unit.
 */
#include <worldswitch/registers.h>

#include "guest/host/host.h"

static struct fpu_state *owner; /* whose registers are in the unit; NULL: those of no owner */
static bool closed = true;      /* CR0.TS, as HOST_CR0 has it */

static void unit_close(bool close)
{
    if (close && !closed)
        cr0_write(cr0_read() | WS_CR0_TS);
    else if (!close && closed)
        __asm__ volatile("clts");
    closed = close;
}

/* Put the registers of `state` into the unit, which is open. */
static void owner_change(struct fpu_state *state)
{
    if (owner)
        __asm__ volatile("fnsave %0" : "=m"(owner->bytes));
    if (state->used)
        __asm__ volatile("frstor %0" : : "m"(state->bytes));
    else
        __asm__ volatile("fninit");
    state->used = true;
    owner = state;
}

void fpu_turn(struct fpu_state *state)
{
    unit_close(state != owner);
}

void fpu_use(void)
{
    unit_close(false);
    owner_change(&current->fpu);
}

void fpu_lend(struct fpu_state *state)
{
    if (state == owner)
        return;
    unit_close(false);
    owner_change(state);
    unit_close(true);
}

void fpu_forget(struct fpu_state *state)
{
    if (state == owner) {
        owner = NULL;
        unit_close(true);
    }
    state->used = false;
}
