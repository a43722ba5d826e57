/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The halt table's lookups.
 */
#include <worldswitch/halt.h>

#include <stddef.h>

static const struct {
    const char *text;
    int exit_status;
} halt_info[WS_HALT_COUNT] = {
#define WS_HALT_ROW(name, status, text) [WS_HALT_##name] = {text, status},
    WS_HALT_TABLE(WS_HALT_ROW)
#undef WS_HALT_ROW
};

const char *ws_halt_text(enum ws_halt_reason reason)
{
    if ((size_t)reason >= WS_HALT_COUNT)
        return "an unknown reason";
    return halt_info[reason].text;
}

int ws_halt_exit_status(const struct ws_halt *halt)
{
    if (halt->reason == WS_HALT_EXIT)
        return (halt->exit_value << 1 | 1) & 0xff; /* a process has eight bits of status */
    if (halt->reason >= WS_HALT_COUNT)
        return halt_info[WS_HALT_ENGINE].exit_status;
    return halt_info[halt->reason].exit_status;
}
