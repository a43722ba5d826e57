/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses as people read them: with the symbol they belong to.
 */
#ifndef WS_FRONT_PLACE_H
#define WS_FRONT_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/image.h>

enum { WS__PLACE_BYTES = 80 };

/* "start+0x12", made fit for people; a name too long for it is cut, its offset is not.  false, and "", if no symbol is
 * there; `symbols` may be NULL. */
bool ws__place_name(char name[WS__PLACE_BYTES], const struct ws_symbols *symbols, uint32_t linear);

/* Append "0x00100012 <start+0x12>", or the number alone. */
void ws__place_append(struct ws_buffer *out, const struct ws_symbols *symbols, uint32_t linear);

#endif
