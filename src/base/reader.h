/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading numbers and bytes one after the other out of memory that may end too soon.
 */
#ifndef WS_BASE_READER_H
#define WS_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is still to be read. */
struct ws__reader {
    const uint8_t *at;
    size_t left;
    bool bad; /* it ended too soon: what was read then is zero */
};

void ws__reader_bytes(struct ws__reader *reader, void *out, size_t size);
/* The same, where they are; NULL if it ends before. */
const uint8_t *ws__reader_pass(struct ws__reader *reader, size_t size);
/* Little-endian, as the host is: configure sees to it. */
uint32_t ws__reader_u32(struct ws__reader *reader);
uint64_t ws__reader_u64(struct ws__reader *reader);

#endif
