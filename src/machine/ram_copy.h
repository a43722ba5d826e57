/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM as it was at some mark.
 *
 * A copy is kept in pages that copies share, and pages stand in blocks that they share, too.  The machine remembers the
 * copy that was made last, or put back: a frame that was not written since is as it is there (see "what was written" in
 * cpu/frames.h).  So to make a copy, to put it back, or to say what has changed since, takes time only for what was
 * written, however large RAM is.
 *
 *      at the beginning RAM is zero ──► no copy at all, which says the same: all zero
 *
 * A copy may be put back into several machines, in several threads; a machine belongs to one thread at a time.
 */
#ifndef WS_MACHINE_RAM_COPY_H
#define WS_MACHINE_RAM_COPY_H

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/status.h>

struct ws_machine;
struct ws__ram_copy;

/* Copy the RAM of the machine.  Who called it owns a share in *out.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__ram_copy_take(struct ws__ram_copy **out, struct ws_machine *machine);
/* Make RAM what it was.  What was translated from pages that stay equal is kept. */
void ws__ram_copy_put_back(struct ws__ram_copy *copy, struct ws_machine *machine);

/* A page of it, by its number; NULL: all zero. */
const uint8_t *ws__ram_copy_page(const struct ws__ram_copy *copy, uint32_t page);
/* The next page of RAM, from `page` on, that is other than in the copy (NULL: other than zero); behind RAM if there is
 * none. */
uint32_t ws__ram_changed(const struct ws_machine *machine, const struct ws__ram_copy *copy, uint32_t page);

/* How many pages may have been written since the last copy: so many the next one has to copy, at most. */
uint32_t ws__ram_written(const struct ws_machine *machine);

/* Bytes of memory that only this copy holds. */
size_t ws__ram_copy_bytes(const struct ws__ram_copy *copy);
/* Give up a share; the last one frees it.  NULL is none. */
void ws__ram_copy_release(struct ws__ram_copy *copy);

#endif
