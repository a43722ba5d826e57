/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What APICs send each other: an interrupt message.
 *
 * SDM 3A §10.6.1 "Interrupt Command Register (ICR)"; 82093AA data sheet (Intel, order number 290566-001), "IOREDTBL".
 */
#ifndef WS_DEVICES_APIC_MESSAGE_H
#define WS_DEVICES_APIC_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

/* How the receiver treats it. */
enum ws__apic_mode {
    WS__APIC_FIXED,
    WS__APIC_LOWEST_PRIORITY, /* of all processors that it is for; there is one */
    WS__APIC_SMI,
    WS__APIC_NMI = 4,
    WS__APIC_INIT,
    WS__APIC_STARTUP,
    WS__APIC_EXTINT
};

struct ws__apic_message {
    uint8_t vector;
    uint8_t mode; /* enum ws__apic_mode */
    uint8_t destination;
    bool logical; /* the destination is a set of processors, else a processor's number */
    bool level;   /* level-triggered, else an edge */
};

#endif
