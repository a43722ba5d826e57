/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest has sent on COM1: the last of it as text, all of it as a count and a hash.
 *
 * How much is kept depends on nothing but how much was sent, so that a machine that was stepped, restored or loaded
 * keeps the same.
 */
#ifndef WS_MACHINE_SERIAL_H
#define WS_MACHINE_SERIAL_H

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

struct ws__serial {
    struct ws_buffer kept; /* less than twice WS_SERIAL_KEPT bytes, the last that were sent */
    uint64_t dropped;      /* bytes that were sent before those */
    uint64_t dropped_hash; /* of them; 0: there are none */
};

/* Without memory, serial->kept.failed is set. */
void ws__serial_append(struct ws__serial *serial, const void *bytes, size_t size);
uint64_t ws__serial_sent(const struct ws__serial *serial);
/* How many bytes are kept when so many were sent. */
size_t ws__serial_kept(uint64_t sent);
/* Fold all that was sent into a hash. */
uint64_t ws__serial_hash(uint64_t hash, const struct ws__serial *serial);

/* What *out held is lost.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__serial_copy(struct ws__serial *out, const struct ws__serial *from);
void ws__serial_release(struct ws__serial *serial);

#endif
