/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a gate pushes, slot by slot, the lowest first.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures".
 */
#ifndef WS_VIEW_SLOTS_H
#define WS_VIEW_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    WS__SLOT_ERROR_CODE, /* of some exceptions only */
    WS__SLOT_EIP,
    WS__SLOT_CS,
    WS__SLOT_EFLAGS,
    WS__SLOT_ESP, /* this one and the next: if the ring changed */
    WS__SLOT_SS,
    WS__SLOTS
};

struct ws__slot {
    const char *name;
    const char *meaning;
};

/* The row of a slot; a constant. */
const struct ws__slot *ws__slot(unsigned slot);

/* The slots of a frame are those from the first one to before the end; `inward`: the ring changed. */
unsigned ws__slot_first(bool has_error_code);
unsigned ws__slot_end(bool inward);

#endif
