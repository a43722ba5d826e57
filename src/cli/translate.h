/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing what a VMM has translated.
 */
#ifndef WS_CLI_TRANSLATE_H
#define WS_CLI_TRANSLATE_H

#include <worldswitch/buffer.h>
#include <worldswitch/disasm.h>
#include <worldswitch/halt.h>

#include "front/options.h"
#include "worlds/translation.h"

/* A VMM's translation as it was at a mark. */
struct ws__translate_seen {
    char world[WS_NAME_BYTES];
    uint64_t mark;
    struct ws__translation translation;
};

/* Append it, in the format and of the units that the options ask for.  Returns how many units were written. */
unsigned ws__translate_write(struct ws_buffer *out, const struct ws__translate_seen *seen, struct ws_disasm *disasm,
                             const struct ws__options *options);

/* What csv begins with. */
void ws__translate_head(struct ws_buffer *out, const struct ws__options *options);

#endif
