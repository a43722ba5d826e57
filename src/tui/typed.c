/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests as text.  All of them end as keys, so that line mode and full screen cannot differ.
 */
#include "tui/typed.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/command.h"
#include "tui/screen.h"

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

/* Several steps are one journey: what is shown depends on the mark alone. */
static void steps_take(struct ws__viewer *viewer, bool back, uint64_t times)
{
    struct ws_timeline *timeline = viewer->timeline;
    uint64_t behind = ws_timeline_mark(timeline) - ws_timeline_start(timeline);
    bool start = back && behind && times > behind;
    int64_t count = (int64_t)(start ? behind : times);
    ws__viewer_arrived(viewer, ws_timeline_step(timeline, back ? -count : count), "instruction");
    if (start)
        ws__viewer_say(viewer, "this is the start: only %llu instructions lay before", (unsigned long long)behind);
}

void ws__typed_repeat(struct ws__viewer *viewer, const char *key, unsigned long times)
{
    unsigned which;
    enum ws_request request = ws__request_find(key, &which);
    if (times == 0 || times > WS__TIMES_MOST) {
        ws__viewer_say(viewer, "%lu times: from 1 to %d are possible", times, WS__TIMES_MOST);
        return;
    }
    if (times > 1 && (request == WS_REQUEST_STEP || request == WS_REQUEST_STEP_BACK)) {
        steps_take(viewer, request == WS_REQUEST_STEP_BACK, times);
        return;
    }
    for (unsigned long done = 0; done < times; done++) {
        ws__viewer_key(viewer, key);
        if (viewer->state.message || viewer->leave)
            break;
        if (done + 1 < times && viewer->asked && viewer->asked(viewer->asked_context, viewer->state.mark)) {
            ws__viewer_say(viewer, "stopped after %lu times of %lu", done + 1, times);
            break;
        }
    }
}

bool ws__typed_request(struct ws__viewer *viewer, const char *line)
{
    const char *rest;
    char key[WS__KEY_BYTES], *end = NULL;
    unsigned long times = isdigit((unsigned char)*line) ? strtoul(line, &end, 10) : 1;
    const char *request = end ? end + strspn(end, " ") : line;
    if (!*request) { /* a number alone is a panel's key */
        request = line;
        times = 1;
    }
    if (!key_find(request, key, &rest))
        return false;
    ws__typed_repeat(viewer, key, times);
    if (*rest && viewer->prompt != WS__PROMPT_NONE)
        prompt_answer(viewer, rest);
    else if (*rest)
        ws__viewer_say(viewer, "\"%s\" was left out: one request a line", rest);
    return true;
}

/* A line that ends with a Tab asks how it could go on. */
static bool choice_say(struct ws__viewer *viewer, const char *line)
{
    struct ws_buffer choice = WS_BUFFER_INIT;
    char text[WS__LINE_BYTES];
    size_t length = strcspn(line, "\t");
    if (!line[length])
        return false;
    snprintf(text, sizeof text, "%.*s", (int)length, line);
    ws__line_set(&viewer->line, text);
    ws__command_complete(viewer, &choice);
    viewer->starved |= choice.failed;
    bool longer = strcmp(viewer->line.text, text) != 0;
    ws__viewer_say(viewer, "\"%s\" could be: %s", text,
                   choice.size ? ws_buffer_text(&choice)
                   : longer    ? viewer->line.text
                               : "nothing that is known");
    ws_buffer_release(&choice);
    return true;
}

/* "+5": a way in time, and not the key + with something behind it. */
static bool is_way(const char *line)
{
    return (*line == '+' || *line == '-') && isdigit((unsigned char)line[1]);
}

void ws__typed_line(struct ws__viewer *viewer, const char *line)
{
    line += strspn(line, " ");
    if (choice_say(viewer, line))
        return;
    if (viewer->prompt != WS__PROMPT_NONE && *line)
        prompt_answer(viewer, line);
    else if (viewer->prompt != WS__PROMPT_NONE)
        ws__viewer_key(viewer, "Esc");
    else if (is_way(line))
        ws__command_run(viewer, line);
    else if (!ws__command_with_argument(viewer, line) && !ws__typed_request(viewer, line))
        ws__command_run(viewer, line);
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
