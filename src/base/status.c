/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sentences behind the status codes.
 */
#include <worldswitch/status.h>

#include <stddef.h>

static const char *const status_text[WS_STATUS_COUNT] = {
#define WS_STATUS_ROW(name, text) [WS_##name] = text,
    WS_STATUS_TABLE(WS_STATUS_ROW)
#undef WS_STATUS_ROW
};

const char *ws_status_text(enum ws_status status)
{
    if ((size_t)status >= WS_STATUS_COUNT)
        return "an unknown status";
    return status_text[status];
}
