/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping the end of what the guest has sent. */
#include "machine/serial.h"

#include <string.h>

#include <worldswitch/machine.h>

#include "machine/hash.h"

enum { MOST = 2 * WS_SERIAL_KEPT };

/* The older half goes, all at once: a byte costs a step in one of WS_SERIAL_KEPT cases only. */
static void half_drop(struct ws__serial *serial)
{
    struct ws_buffer *kept = &serial->kept;
    serial->dropped_hash = ws__hash_bytes(serial->dropped_hash, kept->data, WS_SERIAL_KEPT);
    serial->dropped += WS_SERIAL_KEPT;
    memmove(kept->data, kept->data + WS_SERIAL_KEPT, WS_SERIAL_KEPT);
    kept->size = WS_SERIAL_KEPT;
    kept->data[kept->size] = '\0';
}

void ws__serial_append(struct ws__serial *serial, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size && !serial->kept.failed) {
        size_t room = MOST - serial->kept.size, here = size < room ? size : room;
        ws_buffer_append(&serial->kept, from, here);
        if (serial->kept.size == MOST)
            half_drop(serial);
        from += here;
        size -= here;
    }
}

uint64_t ws__serial_sent(const struct ws__serial *serial)
{
    return serial->dropped + serial->kept.size;
}

size_t ws__serial_kept(uint64_t sent)
{
    return sent < MOST ? (size_t)sent : WS_SERIAL_KEPT + (size_t)(sent % WS_SERIAL_KEPT);
}

uint64_t ws__serial_hash(uint64_t hash, const struct ws__serial *serial)
{
    if (serial->dropped)
        hash = ws__hash_word(ws__hash_word(hash, serial->dropped), serial->dropped_hash);
    return ws__hash_bytes(hash, serial->kept.data, serial->kept.size);
}

enum ws_status ws__serial_copy(struct ws__serial *out, const struct ws__serial *from)
{
    ws_buffer_clear(&out->kept);
    ws_buffer_append(&out->kept, from->kept.data, from->kept.size);
    out->dropped = from->dropped;
    out->dropped_hash = from->dropped_hash;
    return out->kept.failed ? WS_NO_MEMORY : WS_OK;
}

void ws__serial_release(struct ws__serial *serial)
{
    ws_buffer_release(&serial->kept);
    *serial = (struct ws__serial){0};
}
