/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A state pointer: where in memory Unicorn keeps the CPU's state.
 *
 * To ask Unicorn for a register costs as much as a hundred instructions, and to save a context, which alone shows the
 * hidden parts of segment registers, some hundred more.  A context is a copy of the state from its first byte on.  So
 * what is known of contexts (context_layout.h) holds of the state itself, once it is known where that is; and that is
 * taken from a hook's caller, and believed if it looks as a context does.
 *
 * Nothing depends on it.  On other processors than x86-64, and if it does not look so, Unicorn is asked.
 */
#ifndef WS_UNICORN_STATE_POINTER_H
#define WS_UNICORN_STATE_POINTER_H

#include "unicorn/context_layout.h"

struct ws__state_pointer {
    uint8_t *state;                    /* NULL: shut */
    uint16_t place[WS_REGISTER_COUNT]; /* where registers are: offsets into it, plus one; 0: not seen */
    bool tried;
    struct ws__context_layout layout; /* `general`, `control` and `segments`, as offsets into it */
};

/* Try once.  `context` was saved just now; `state` is where the state seems to be, NULL if nobody knows. */
void ws__state_pointer_open(struct ws__state_pointer *pointer, const struct ws__context_layout *layout,
                            const void *context, uint8_t *state);

#endif
