/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text with values in it, for all programs in the machine: each links a copy of its own. */
#ifndef WS_GUEST_SHARED_TEXT_H
#define WS_GUEST_SHARED_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* Where a character goes; `where` is the caller's. */
typedef void text_put(void *where, char c);

/* %s a string, %u decimal, %x as 0x2a, %p as 0x0000002a; nothing else, and no per cent sign. */
void text_format(text_put *put, void *where, const char *format, va_list values);

/* The same into memory, with a 0, cut off at so many bytes; returns how long it is without the 0. */
uint32_t text_make(char *to, uint32_t bytes, const char *format, va_list values);
/* The same with the values themselves: names are made so. */
uint32_t text_print(char *to, uint32_t bytes, const char *format, ...);

bool text_equal(const char *one, const char *other);

#endif
