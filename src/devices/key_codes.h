/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scan codes of a keyboard with a US layout: set 2, which it sends, and set 1, which the controller makes of them.
 *
 * IBM Personal Computer AT, Technical Reference (1502494), "Keyboard": "Scan Codes", "Scan Code Translation".
 */
#ifndef WS_DEVICES_KEY_CODES_H
#define WS_DEVICES_KEY_CODES_H

#include <stddef.h>
#include <stdint.h>

/* A key that is released sends this before its code. */
enum { WS__KEY_RELEASED = 0xf0 };

enum { WS__KEY_CODES = 6 };

/* What the keyboard sends for a character: with Shift or Ctrl around it, or nothing.  Returns how many bytes. */
size_t ws__key_codes(uint8_t character, uint8_t code[WS__KEY_CODES]);

/* Set 1 for a byte of set 2. */
uint8_t ws__key_translated(uint8_t code);

#endif
