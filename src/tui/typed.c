/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests as text.  All of them end as keys, so that line mode and full screen cannot differ.
 */
#include "tui/typed.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/screen.h"

enum { TIMES_MOST = 1000000 };

/* Type a text into an open prompt.  One that wants a letter is closed by it. */
static void prompt_answer(struct ws__viewer *viewer, const char *text)
{
    for (; *text && viewer->prompt != WS__PROMPT_NONE; text++)
        ws__viewer_key(viewer, *text == ' ' ? "Space" : (const char[]){*text, '\0'});
    if (viewer->prompt >= WS__PROMPT_COMMAND)
        ws__viewer_key(viewer, "Enter");
}

/* The key that the beginning of a line means: a request's name, a key's name, or a sign such as ":" with its text right
 * behind it.  `*rest` is what follows. */
static bool key_find(const char *line, char key[WS__KEY_BYTES], const char **rest)
{
    size_t word = strcspn(line, " ");
    unsigned which;
    enum ws_request named = ws__request_named(line, &word);
    if (named == WS_REQUEST_NONE && ispunct((unsigned char)*line))
        word = 1;
    *rest = line + word + strspn(line + word, " ");
    if (named != WS_REQUEST_NONE) {
        ws__request_key(named, key, WS__KEY_BYTES);
        return true;
    }
    snprintf(key, WS__KEY_BYTES, "%.*s", (int)word, line);
    return word < WS__KEY_BYTES && ws__request_find(key, &which) != WS_REQUEST_NONE;
}

/* The same request several times, until there is something to say: an end, a breakpoint. */
static void key_repeat(struct ws__viewer *viewer, const char *key, unsigned long times)
{
    for (unsigned long done = 0; done < times; done++) {
        ws__viewer_key(viewer, key);
        if (viewer->state.message || viewer->leave)
            break;
    }
}

void ws__typed_line(struct ws__viewer *viewer, const char *line)
{
    const char *rest;
    char *end = NULL;
    line += strspn(line, " ");
    if (viewer->prompt != WS__PROMPT_NONE) {
        if (*line)
            prompt_answer(viewer, line);
        else
            ws__viewer_key(viewer, "Esc");
        return;
    }
    char key[WS__KEY_BYTES];
    unsigned long times = isdigit((unsigned char)*line) ? strtoul(line, &end, 10) : 1;
    const char *request = end ? end + strspn(end, " ") : line;
    if (!*request) { /* a number alone is a panel's key */
        request = line;
        times = 1;
    }
    if (!key_find(request, key, &rest)) {
        ws__viewer_say(viewer, "\"%s\" is no request; ? lists them", line);
    } else if (times == 0 || times > TIMES_MOST) {
        ws__viewer_say(viewer, "\"%s\": from 1 to %d times", line, TIMES_MOST);
    } else {
        key_repeat(viewer, key, times);
        if (*rest && viewer->prompt != WS__PROMPT_NONE)
            prompt_answer(viewer, rest);
        else if (*rest)
            ws__viewer_say(viewer, "\"%s\" was left out: one request a line", rest);
    }
}

/* -- scripts ----------------------------------------------------------------------------------- */

/* One key of a script: a character, or a name in angle brackets.  Returns where the next one begins; NULL if that is no
 * key's name. */
static const char *script_key(const char *keys, char key[WS__KEY_BYTES])
{
    const char *end = keys + strcspn(keys, ">");
    if (*keys != '<') {
        snprintf(key, WS__KEY_BYTES, "%c", *keys);
        return keys + 1;
    }
    if (!*end || end - keys > WS__KEY_BYTES)
        return NULL;
    snprintf(key, WS__KEY_BYTES, "%.*s", (int)(end - keys - 1), keys + 1);
    return end + 1;
}

const char *ws__typed_keys(struct ws__viewer *viewer, const char *keys)
{
    char key[WS__KEY_BYTES];
    while (*keys && !viewer->leave) {
        bool blank = *keys == ' ' || *keys == '\n';
        const char *next = blank ? keys + 1 : script_key(keys, key);
        if (!next)
            return keys;
        if (!blank)
            ws__viewer_key(viewer, key);
        else if (viewer->prompt >= WS__PROMPT_COMMAND)
            ws__viewer_key(viewer, "Space");
        keys = next;
    }
    return NULL;
}
