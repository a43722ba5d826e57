/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that was built: bytes for an address, symbols, and which line each instruction of the submission is from.
 */
#ifndef WS_LESSON_PROGRAM_H
#define WS_LESSON_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

enum { WS__PROGRAM_BYTES = 256 << 10 };

/* What there is of it in memory.  WS_OK, WS_NO_MEMORY, WS_BAD_IMAGE (no ELF file for this CPU, or too large). */
enum ws_status ws__program_bytes(const void *elf, size_t size, uint32_t linear, struct ws_buffer *out);

/* Does all of it lie from `linear` on, and is it small enough?  WS_OK, WS_NO_MEMORY; WS_BAD_IMAGE: `why` gets a line
 * for the student. */
enum ws_status ws__program_fits(const void *elf, size_t size, uint32_t linear, struct ws_buffer *why);

/* Called with each symbol that has a name.  WS_OK, WS_NO_MEMORY, WS_BAD_IMAGE. */
typedef void ws__program_symbol(void *context, const char *name, uint32_t linear);
enum ws_status ws__program_symbols(const void *elf, size_t size, ws__program_symbol *symbol, void *context);

/* Go through an assembler's listing: where in the section each line's code begins. */
typedef void ws__program_line(void *context, unsigned line, uint32_t offset);
void ws__program_lines(const char *listing, ws__program_line *line, void *context);

#endif
