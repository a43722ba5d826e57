/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking up requests by key, and listing them.
 */
#include "tui/request.h"

#include <stdio.h>
#include <string.h>

static const struct ws_view_key request_table[WS_REQUEST_COUNT] = {
#define WS_REQUEST_ROW(name, verb, keys, hint, text, back) [WS_REQUEST_##name] = {keys, hint, text, back},
    WS_REQUEST_TABLE(WS_REQUEST_ROW)
#undef WS_REQUEST_ROW
};

/* Is `key` one of the names in `keys`?  Then *which is its place among them. */
static bool keys_have(const char *keys, const char *key, unsigned *which)
{
    size_t length = strlen(key);
    for (*which = 0; *keys; ++*which) {
        size_t word = strcspn(keys, " ");
        if (word == length && memcmp(keys, key, length) == 0)
            return true;
        keys += word;
        keys += strspn(keys, " ");
    }
    return false;
}

enum ws_request ws__request_find(const char *key, unsigned *which)
{
    for (unsigned request = 0; request < WS_REQUEST_COUNT; request++)
        if (*key && keys_have(request_table[request].keys, key, which))
            return (enum ws_request)request;
    return WS_REQUEST_NONE;
}

/* Its function's name, "step_back", is also what a person types, with blanks. */
static const char *const request_name[WS_REQUEST_COUNT] = {
#define WS_REQUEST_NAME(name, verb, keys, hint, text, back) [WS_REQUEST_##name] = #verb,
    WS_REQUEST_TABLE(WS_REQUEST_NAME)
#undef WS_REQUEST_NAME
};

enum ws_request ws__request_named(const char *line, size_t *length)
{
    enum ws_request found = WS_REQUEST_NONE;
    for (unsigned request = 0; request < WS_REQUEST_COUNT; request++) {
        const char *name = request_name[request];
        size_t at = 0;
        while (name[at] && (line[at] == name[at] || (name[at] == '_' && line[at] == ' ')))
            at++;
        if (name[at] || (line[at] && line[at] != ' ') || (found != WS_REQUEST_NONE && at <= *length))
            continue;
        found = (enum ws_request)request;
        *length = at;
    }
    return found;
}

const struct ws_view_key *ws__request_row(enum ws_request request)
{
    return &request_table[request];
}

const char *ws__request_name(enum ws_request request)
{
    return request_name[request];
}

void ws__request_key(enum ws_request request, char *key, size_t bytes)
{
    const char *keys = request_table[request].keys;
    snprintf(key, bytes, "%.*s", (int)strcspn(keys, " "), keys);
}

size_t ws__request_keys(struct ws_view_key key[WS_REQUEST_COUNT])
{
    size_t count = 0;
    for (unsigned request = 0; request < WS_REQUEST_COUNT; request++)
        if (request_table[request].text[0] || request_table[request].hint[0])
            key[count++] = request_table[request];
    return count;
}
