/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state pointer: the address at which Unicorn keeps the CPU's state.
 *
 * It makes reading fast.  A call of uc_reg_read() takes as long as a hundred instructions of the guest.  Saving a
 * context, which is the only other way to the hidden parts of segment registers, takes some hundred more.
 *
 * A context contains a copy of the CPU's state from its first byte on.  So the context layout (context_layout.h) also
 * gives the offsets in the state itself.  The address of the state is in RBP when translated code calls the block hook
 * (hook.S).  This file uses the address only if the memory there has the same contents as a context saved just now.
 *
 * On processors other than x86-64, or if the contents differ, there is no state pointer.  Then the engine reads
 * registers through Unicorn's interface, with the same results.
 */
#ifndef WS_UNICORN_STATE_POINTER_H
#define WS_UNICORN_STATE_POINTER_H

#include "unicorn/context_layout.h"

struct ws__state_pointer {
    uint8_t *state;                    /* NULL: there is no state pointer */
    uint16_t place[WS_REGISTER_COUNT]; /* for each register its offset in the state, plus 1; 0: not known */
    bool tried;                        /* ws__state_pointer_open() was called */
    struct ws__context_layout layout;  /* only `general`, `control` and `segments`: offsets in the state */
};

/* Compare the memory at `state` with `context`, which was saved just now.  If they are equal, `state` becomes the state
 * pointer.  `state` is NULL if no address is known.  The engine calls this once. */
void ws__state_pointer_open(struct ws__state_pointer *pointer, const struct ws__context_layout *layout,
                            const void *context, uint8_t *state);

#endif
