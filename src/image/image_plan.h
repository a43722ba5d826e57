/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An image read and checked, before any machine sees it: which bytes go where, and where to start.
 *
 * Images come from outside and may be damaged or hostile; everything in a plan has been checked against the file and
 * against the machine's memory.
 */
#ifndef WS_IMAGE_IMAGE_PLAN_H
#define WS_IMAGE_IMAGE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

#include "image/multiboot.h"

enum {
    WS__LOW_MEMORY_END = 0xa0000, /* a PC's first piece of RAM; then video memory and ROM */
    WS__HIGH_MEMORY_BEGIN = 0x100000
};

struct ws__image_part {
    uint32_t phys;
    uint32_t bytes;         /* in memory; those behind the content are zero */
    uint32_t content_bytes; /* at most `bytes` */
    const uint8_t *content; /* borrowed from the image */
};

struct ws__image_plan {
    struct ws__image_part *part; /* owned; ascending, not overlapping, inside the machine's memory */
    size_t count;
    uint32_t entry; /* physical, inside a part */
};

/*
 * Read a multiboot image for a machine of `memory_bytes`.  WS_OK, WS_NO_MEMORY, or WS_BAD_IMAGE, WS_UNSUPPORTED,
 * WS_NO_ROOM with one line in `why` (may be NULL).  The plan is to be released if it is WS_OK.
 */
enum ws_status ws__image_plan_read(struct ws__image_plan *plan, const uint8_t *image, size_t bytes,
                                   uint32_t memory_bytes, struct ws_buffer *why);
void ws__image_plan_release(struct ws__image_plan *plan);

/* The parts and the entry of an ELF file; image_elf.c.  The parts are not yet checked against each other. */
enum ws_status ws__image_plan_read_elf(struct ws__image_plan *plan, const uint8_t *image, size_t bytes,
                                       uint32_t memory_bytes, struct ws_buffer *why);
/* Append a part that lies in memory.  WS_OK, WS_NO_MEMORY, WS_BAD_IMAGE, WS_NO_ROOM. */
enum ws_status ws__image_plan_add(struct ws__image_plan *plan, const struct ws__image_part *part, uint32_t memory_bytes,
                                  struct ws_buffer *why);

/* image_foreign.c: say what a file without a multiboot header is instead; false: nothing known. */
bool ws__image_foreign(const uint8_t *image, size_t bytes, struct ws_buffer *why);
/* The signature at the end of its first 512 bytes. */
bool ws__image_is_boot_sector(const uint8_t *image, size_t bytes);

/* Say why, and answer `status`. */
enum ws_status ws__image_refuse(struct ws_buffer *why, enum ws_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
