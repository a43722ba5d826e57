/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that need another key or a line: named marks, go to a mark, page walks, dumps, searches.
 */
#include "tui/viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/command.h"
#include "tui/typed.h"

/* -- prompts ----------------------------------------------------------------------------------- */

static const char *const prompt_text[] = {
    [WS__PROMPT_NONE] = "",
    [WS__PROMPT_MARK_SET] = "name this mark: a letter",
    [WS__PROMPT_MARK_VISIT] = "visit the mark of which name? a letter",
    [WS__PROMPT_COUNT] = "times: which key? Esc gives up",
    [WS__PROMPT_COMMAND] = ":",
    [WS__PROMPT_SEARCH] = "/",
    [WS__PROMPT_WALK] = "page walk of (address or symbol): ",
    [WS__PROMPT_MEMORY] = "memory at (address or symbol; phys ADDRESS; up, down): ",
    [WS__PROMPT_DUMP] = "write the screen to file: ",
    [WS__PROMPT_TYPE] = "keyboard: ",
};

/* The line, or as much of it as the screen has room for, around the cursor.  `choice`: how the word could go on. */
static void prompt_show(struct ws__viewer *viewer, const char *choice)
{
    struct ws_view_state *state = &viewer->state;
    const struct ws__line *line = &viewer->line;
    const char *begin = prompt_text[viewer->prompt];
    size_t room = state->width - strlen(begin) - 3, first = line->cursor > room ? line->cursor - room : 0;
    if (viewer->prompt < WS__PROMPT_COMMAND) {
        ws__viewer_say(viewer, "%s", begin);
        return;
    }
    ws__viewer_say(viewer, "%s%s%s%s%s", begin, line->text + first, line->text[line->cursor] ? "" : "_",
                   *choice ? "   " : "", choice);
    state->input_column = (unsigned)(1 + strlen(begin) + line->cursor - first);
}

void ws__viewer_prompt_open(struct ws__viewer *viewer, enum ws__prompt prompt, const char *line)
{
    viewer->prompt = prompt;
    ws__line_set(&viewer->line, line);
    prompt_show(viewer, "");
}

/* -- named marks ------------------------------------------------------------------------------- */

/* a to z, then A to Z; -1 for anything else. */
static int name_index(const char *key)
{
    if (key[0] && !key[1] && key[0] >= 'a' && key[0] <= 'z')
        return key[0] - 'a';
    if (key[0] && !key[1] && key[0] >= 'A' && key[0] <= 'Z')
        return key[0] - 'A' + 26;
    return -1;
}

void ws__viewer_names(struct ws__viewer *viewer)
{
    const struct ws_session *record = viewer->options.record;
    for (size_t at = 0; record && at < record->marks; at++) {
        int name = name_index(record->mark[at].name);
        if (name < 0)
            continue;
        viewer->named[name].set = true;
        viewer->named[name].mark = record->mark[at].mark;
    }
}

bool ws__viewer_name(struct ws__viewer *viewer, const char *name, const char *note)
{
    if (viewer->branch) {
        ws__viewer_say(viewer, "a branch is not recorded; X comes back to the recorded run");
        return false;
    }
    enum ws_status status = ws_session_mark_set(viewer->options.record, name, viewer->state.mark, note);
    if (status == WS_NO_ROOM)
        ws__viewer_say(viewer, "the recording has %d names, and no room for more", WS_SESSION_MARKS);
    else if (status == WS_NO_MEMORY)
        ws__viewer_say(viewer, "\"%s\" was not recorded: %s", name, ws_status_text(status));
    else if (status != WS_OK)
        ws__viewer_say(viewer, "\"%s\" is no name: a letter first, %d characters at most; a note has %d", name,
                       WS_NAME_BYTES - 1, WS_SESSION_NOTE - 1);
    return status == WS_OK;
}

static void mark_key(struct ws__viewer *viewer, enum ws__prompt prompt, const char *key)
{
    int name = name_index(key);
    if (name < 0) {
        ws__viewer_say(viewer, "the name of a mark is one letter");
    } else if (prompt == WS__PROMPT_MARK_SET) {
        viewer->named[name].set = true;
        viewer->named[name].mark = viewer->state.mark;
        if (viewer->options.records && !ws__viewer_name(viewer, key, ""))
            return;
        ws__viewer_say(viewer, "mark %llu is called %s; '%s comes back to it%s", (unsigned long long)viewer->state.mark,
                       key, key, viewer->options.records ? ", :NAME=NOTE notes" : "");
    } else if (!viewer->named[name].set) {
        ws__viewer_say(viewer, "no mark is called \"%s\"; m%s gives that name", key, key);
    } else {
        uint64_t mark = viewer->named[name].mark;
        ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, mark), "");
    }
}

/* -- lines ------------------------------------------------------------------------------------- */

bool ws__viewer_address(const struct ws__viewer *viewer, const char *text, uint32_t *linear)
{
    char *end;
    if (viewer->options.symbols && ws_symbols_find(viewer->options.symbols, text, linear) == WS_OK)
        return true;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 16);
    *linear = (uint32_t)value;
    return end != text && !*end && !errno && *text != '-' && value <= UINT32_MAX;
}

static void walk_run(struct ws__viewer *viewer, const char *line)
{
    struct ws_view_state *state = &viewer->state;
    viewer->walk_chosen = *line;
    if (!*line)
        state->chosen_linear = state->eip_linear;
    else if (!ws__viewer_address(viewer, line, &state->chosen_linear)) {
        viewer->walk_chosen = false;
        state->chosen_linear = state->eip_linear;
        ws__viewer_say(viewer, "\"%s\" is neither a hexadecimal address nor a symbol", line);
        return;
    }
    state->panel = WS_PANEL_TABLES;
    state->scrolled = true;
    state->scroll = SIZE_MAX; /* the walk comes last */
}

static void dump_run(struct ws__viewer *viewer, const char *path)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    viewer->state.message = NULL;
    if (ws__viewer_screen(viewer, &text) != WS_OK)
        ws__viewer_say(viewer, "%s", ws_status_text(WS_NO_MEMORY));
    else if (ws_file_write(path, text.data, text.size) != WS_OK)
        ws__viewer_say(viewer, "\"%s\": %s; choose another file", path, strerror(errno));
    else
        ws__viewer_say(viewer, "the screen was written to \"%s\"", path);
    ws_buffer_release(&text);
}

static void line_run(struct ws__viewer *viewer, enum ws__prompt prompt, const char *line)
{
    if (prompt == WS__PROMPT_WALK) {
        walk_run(viewer, line);
    } else if (prompt == WS__PROMPT_TYPE) {
        ws__viewer_type(viewer, line);
    } else if (prompt == WS__PROMPT_MEMORY) {
        ws__look_memory(viewer, line);
    } else if (*line && prompt == WS__PROMPT_COMMAND) {
        ws__command_run(viewer, line);
    } else if (*line && prompt == WS__PROMPT_DUMP) {
        dump_run(viewer, line);
    } else if (*line && prompt == WS__PROMPT_SEARCH) {
        snprintf(viewer->search, sizeof viewer->search, "%s", line);
        ws__viewer_search(viewer, false);
    }
}

/* -- counts ------------------------------------------------------------------------------------ */

static void count_show(struct ws__viewer *viewer)
{
    ws__viewer_say(viewer, "%lu %s", viewer->times, prompt_text[WS__PROMPT_COUNT]);
}

static void count_key(struct ws__viewer *viewer, const char *key)
{
    bool digit = key[0] >= '0' && key[0] <= '9' && !key[1];
    if (digit) {
        if (viewer->times <= WS__TIMES_MOST)
            viewer->times = viewer->times * 10 + (unsigned long)(key[0] - '0');
        count_show(viewer);
        return;
    }
    viewer->prompt = WS__PROMPT_NONE;
    ws__typed_repeat(viewer, key, viewer->times);
}

/* The digit of "40" was a panel's key until its 0 came. */
void ws__do_times(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    viewer->times = viewer->digit * 10;
    if (viewer->digit)
        viewer->state.panel = viewer->panel_before_digit;
    viewer->prompt = WS__PROMPT_COUNT;
    count_show(viewer);
}

static void complete(struct ws__viewer *viewer)
{
    struct ws_buffer choice = WS_BUFFER_INIT;
    ws__command_complete(viewer, &choice);
    viewer->starved |= choice.failed;
    prompt_show(viewer, ws_buffer_text(&choice));
    ws_buffer_release(&choice);
}

void ws__viewer_prompt_key(struct ws__viewer *viewer, const char *key)
{
    enum ws__prompt prompt = viewer->prompt;
    struct ws__lines *past = &viewer->past[prompt];
    char line[WS__LINE_BYTES];

    if (strcmp(key, "Esc") == 0) {
        viewer->prompt = WS__PROMPT_NONE;
        ws__lines_keep(past, "");
    } else if (prompt == WS__PROMPT_COUNT) {
        count_key(viewer, key);
    } else if (prompt < WS__PROMPT_COMMAND) {
        viewer->prompt = WS__PROMPT_NONE;
        mark_key(viewer, prompt, key);
    } else if (strcmp(key, "Enter") == 0) {
        viewer->prompt = WS__PROMPT_NONE;
        snprintf(line, sizeof line, "%s", viewer->line.text);
        ws__lines_keep(past, line);
        line_run(viewer, prompt, line);
    } else if (strcmp(key, "Tab") == 0) {
        complete(viewer);
    } else {
        ws__line_key(&viewer->line, past, key);
        prompt_show(viewer, "");
    }
}

void ws__viewer_paste(struct ws__viewer *viewer, const char *text)
{
    char key[2] = "";
    if (viewer->prompt < WS__PROMPT_COMMAND) {
        ws__viewer_say(viewer, "pasted text is not taken as keys; : opens a line to paste into");
        return;
    }
    for (; *text && *text != '\r' && *text != '\n'; text++) {
        key[0] = *text == '\t' ? ' ' : *text;
        if (key[0] >= ' ' && key[0] <= '~')
            ws__line_insert(&viewer->line, key);
    }
    prompt_show(viewer, "");
}

/* -- requests ---------------------------------------------------------------------------------- */

void ws__do_mark_set(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_prompt_open(viewer, WS__PROMPT_MARK_SET, "");
}

void ws__do_mark_visit(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_prompt_open(viewer, WS__PROMPT_MARK_VISIT, "");
}

void ws__do_command(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_prompt_open(viewer, WS__PROMPT_COMMAND, "");
}

void ws__do_walk(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_prompt_open(viewer, WS__PROMPT_WALK, "");
}

void ws__do_search(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_prompt_open(viewer, WS__PROMPT_SEARCH, "");
}

void ws__do_dump(struct ws__viewer *viewer, unsigned which)
{
    char path[64];
    (void)which;
    snprintf(path, sizeof path, "worldswitch-%llu.txt", (unsigned long long)viewer->state.mark);
    ws__viewer_prompt_open(viewer, WS__PROMPT_DUMP, path);
}
