/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a gate pushes, slot by slot, the lowest first.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures".
 */
#ifndef WS_VIEW_SLOTS_H
#define WS_VIEW_SLOTS_H

enum {
    WS__SLOT_ERROR_CODE, /* of some exceptions only */
    WS__SLOT_EIP,
    WS__SLOT_CS,
    WS__SLOT_EFLAGS,
    WS__SLOT_ESP, /* this one and the next: if the ring changed */
    WS__SLOT_SS,
    WS__SLOTS,
    WS__SLOTS_INNER = WS__SLOT_ESP /* so many if it did not */
};

struct ws__slot {
    const char *name;
    const char *meaning;
};

/* The row of a slot; a constant. */
const struct ws__slot *ws__slot(unsigned slot);

#endif
