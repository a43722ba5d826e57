/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two linear address spaces laid over each other: what stays, what goes, what comes. */
#ifndef WS_TIMELINE_SPACE_H
#define WS_TIMELINE_SPACE_H

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/paging.h>
#include <worldswitch/status.h>

enum ws__space_change { WS__SPACE_STAYS, WS__SPACE_GOES, WS__SPACE_COMES, WS__SPACE_DIFFERS };

/* A run of linear pages with one fate. */
struct ws__space_run {
    uint32_t linear;
    uint64_t bytes;
    uint8_t change;           /* enum ws__space_change */
    struct ws_mapping before; /* as the whole run is mapped; bytes 0: it is not */
    struct ws_mapping after;
};

/* Lay `after` over `before`.  The caller frees *out with free().  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__space_overlay(const struct ws_page_map *before, const struct ws_page_map *after,
                                 struct ws__space_run **out, size_t *count);

#endif
