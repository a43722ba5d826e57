/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is there enough memory for Unicorn?
 *
 * If Unicorn gets no memory, it writes to standard error and ends the process with status 1.  But the
 * process also ends with status 1 when the guest has ended the run with the value 0, so users could not tell the two
 * apart.  Therefore the code that makes an engine calls this function first.
 */
#ifndef WS_UNICORN_ROOM_H
#define WS_UNICORN_ROOM_H

#include <stdbool.h>
#include <stddef.h>

/* Is there enough free address space for an engine with a translation buffer of `translation_bytes`, and for the other
 * memory that it needs?  This reserves nothing: it only tries. */
bool ws__engine_room(size_t translation_bytes);

#endif
