/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room for Unicorn.  Where it gets no memory it writes to standard error and ends the process with status 1, which is
 * also the status of a guest that has left with 0.  So whoever makes an engine looks before.
 */
#ifndef WS_UNICORN_ROOM_H
#define WS_UNICORN_ROOM_H

#include <stdbool.h>
#include <stddef.h>

/* Is there address space for an engine whose translated code takes `translation_bytes`, and for what it needs besides?
 * Nothing is kept. */
bool ws__engine_room(size_t translation_bytes);

#endif
