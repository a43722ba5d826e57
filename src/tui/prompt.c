/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that need another key or a line: named marks, go to a mark, page walks, dumps, searches.
 */
#include "tui/viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- prompts ----------------------------------------------------------------------------------- */

static const char *const prompt_text[] = {
    [WS__PROMPT_NONE] = "",
    [WS__PROMPT_MARK_SET] = "name this mark: a letter",
    [WS__PROMPT_MARK_VISIT] = "visit the mark of which name? a letter",
    [WS__PROMPT_COMMAND] = ":",
    [WS__PROMPT_SEARCH] = "/",
    [WS__PROMPT_WALK] = "page walk of (address or symbol): ",
    [WS__PROMPT_DUMP] = "write the screen to file: ",
};

static void prompt_show(struct ws__session *session)
{
    bool line = session->prompt >= WS__PROMPT_COMMAND;
    ws__session_say(session, "%s%s%s", prompt_text[session->prompt], session->line, line ? "_" : "");
}

void ws__session_prompt_open(struct ws__session *session, enum ws__prompt prompt, const char *line)
{
    session->prompt = prompt;
    snprintf(session->line, sizeof session->line, "%s", line);
    prompt_show(session);
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

void ws__session_names(struct ws__session *session)
{
    const struct ws_session *record = session->options.record;
    for (size_t at = 0; record && at < record->marks; at++) {
        int name = name_index(record->mark[at].name);
        if (name < 0)
            continue;
        session->named[name].set = true;
        session->named[name].mark = record->mark[at].mark;
    }
}

/* Give this mark a name in the recording.  false: it cannot be, which was said. */
static bool name_record(struct ws__session *session, const char *name, const char *note)
{
    enum ws_status status = ws_session_mark_set(session->options.record, name, session->state.mark, note);
    if (status == WS_NO_ROOM)
        ws__session_say(session, "the recording has %d names, and no room for more", WS_SESSION_MARKS);
    else if (status != WS_OK)
        ws__session_say(session, "\"%s\" is no name: a letter first, %d characters at most; a note has %d", name,
                        WS_NAME_BYTES - 1, WS_SESSION_NOTE - 1);
    return status == WS_OK;
}

static void mark_key(struct ws__session *session, enum ws__prompt prompt, const char *key)
{
    int name = name_index(key);
    if (name < 0) {
        ws__session_say(session, "the name of a mark is one letter");
    } else if (prompt == WS__PROMPT_MARK_SET) {
        session->named[name].set = true;
        session->named[name].mark = session->state.mark;
        if (session->options.records && !name_record(session, key, ""))
            return;
        ws__session_say(session, "mark %llu is called %s; '%s comes back to it%s",
                        (unsigned long long)session->state.mark, key, key,
                        session->options.records ? ", :NAME=NOTE notes" : "");
    } else if (!session->named[name].set) {
        ws__session_say(session, "no mark is called \"%s\"; m%s gives that name", key, key);
    } else {
        uint64_t mark = session->named[name].mark;
        ws__session_arrived(session, ws_timeline_seek(session->timeline, mark), "");
    }
}

/* -- lines ------------------------------------------------------------------------------------- */

/* No instant has that name: say which names there are, as far as there is room. */
static void names_say(struct ws__session *session, const char *name)
{
    const struct ws_session *record = session->options.record;
    struct ws_buffer names = WS_BUFFER_INIT;
    for (size_t at = 0; at < record->marks; at++)
        ws_buffer_printf(&names, "%s%s", at ? ", " : "", record->mark[at].name);
    session->starved |= names.failed;
    ws__session_say(session, "\"%s\" names no mark; these do: %s", name, ws_buffer_text(&names));
    ws_buffer_release(&names);
}

/* Go where the recorded session's name is, and say what is noted there. */
static void name_run(struct ws__session *session, const char *name)
{
    const struct ws_session *record = session->options.record;
    size_t at = 0;
    while (at < record->marks && strcmp(record->mark[at].name, name) != 0)
        at++;
    if (at == record->marks) {
        names_say(session, name);
        return;
    }
    enum ws_seek seek = ws_timeline_seek(session->timeline, record->mark[at].mark);
    ws__session_arrived(session, seek, "mark so large");
    if (seek == WS_SEEK_THERE)
        ws__session_say(session, "%s%s%s", name, *record->mark[at].note ? ": " : "", record->mark[at].note);
}

/* NAME=NOTE: for this mark, in the recording. */
static void note_run(struct ws__session *session, const char *line)
{
    size_t length = strcspn(line, "=");
    char name[WS__SESSION_LINE];
    snprintf(name, sizeof name, "%.*s", (int)length, line);
    if (!session->options.records)
        ws__session_say(session, "nothing is recorded: worldswitch view --record FILE.wsr");
    else if (name_record(session, name, line + length + 1))
        ws__session_say(session, "mark %llu is called %s in the recording", (unsigned long long)session->state.mark,
                        name);
    ws__session_names(session);
}

static void command_run(struct ws__session *session, const char *line)
{
    const struct ws_session *record = session->options.record;
    char *end;
    errno = 0;
    unsigned long long mark = strtoull(line, &end, 10);
    if (strchr(line, '=')) {
        note_run(session, line);
        return;
    }
    if (record && record->marks && !(*line >= '0' && *line <= '9')) {
        name_run(session, line);
        return;
    }
    if (end == line || *end || *line == '-' || errno) {
        ws__session_say(session, "\"%s\" is no mark; a mark is a decimal number", line);
        return;
    }
    ws__session_arrived(session, ws_timeline_seek(session->timeline, mark), "mark so large");
}

/* An address in hexadecimal, or a symbol. */
static bool address_parse(const struct ws__session *session, const char *text, uint32_t *linear)
{
    char *end;
    if (session->options.symbols && ws_symbols_find(session->options.symbols, text, linear) == WS_OK)
        return true;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 16);
    *linear = (uint32_t)value;
    return end != text && !*end && !errno && *text != '-' && value <= UINT32_MAX;
}

static void walk_run(struct ws__session *session, const char *line)
{
    struct ws_view_state *state = &session->state;
    session->walk_chosen = *line;
    if (!*line)
        state->chosen_linear = state->eip_linear;
    else if (!address_parse(session, line, &state->chosen_linear)) {
        session->walk_chosen = false;
        state->chosen_linear = state->eip_linear;
        ws__session_say(session, "\"%s\" is neither a hexadecimal address nor a symbol", line);
        return;
    }
    state->panel = WS_PANEL_TABLES;
    state->scrolled = true;
    state->scroll = SIZE_MAX; /* the walk comes last */
}

static void dump_run(struct ws__session *session, const char *path)
{
    struct ws_rows rows;
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_rows_init(&rows, session->state.width, session->state.ascii);
    session->state.message = NULL;
    ws_view_screen(&rows, &session->state);
    ws_rows_write(&rows, &text);
    if (rows.failed || text.failed)
        ws__session_say(session, "%s", ws_status_text(WS_NO_MEMORY));
    else if (ws_file_write(path, text.data, text.size) != WS_OK)
        ws__session_say(session, "\"%s\": %s; choose another file", path, strerror(errno));
    else
        ws__session_say(session, "the screen was written to \"%s\"", path);
    ws_buffer_release(&text);
    ws_rows_release(&rows);
}

static void line_run(struct ws__session *session, enum ws__prompt prompt, const char *line)
{
    if (prompt == WS__PROMPT_WALK) {
        walk_run(session, line);
    } else if (*line && prompt == WS__PROMPT_COMMAND) {
        command_run(session, line);
    } else if (*line && prompt == WS__PROMPT_DUMP) {
        dump_run(session, line);
    } else if (*line && prompt == WS__PROMPT_SEARCH) {
        snprintf(session->search, sizeof session->search, "%s", line);
        ws__session_search(session, false);
    }
}

void ws__session_prompt_key(struct ws__session *session, const char *key)
{
    enum ws__prompt prompt = session->prompt;
    char line[WS__SESSION_LINE];
    size_t length = strlen(session->line);

    snprintf(line, sizeof line, "%s", session->line);
    if (strcmp(key, "Esc") == 0) {
        session->prompt = WS__PROMPT_NONE;
    } else if (prompt < WS__PROMPT_COMMAND) {
        session->prompt = WS__PROMPT_NONE;
        mark_key(session, prompt, key);
    } else if (strcmp(key, "Enter") == 0) {
        session->prompt = WS__PROMPT_NONE;
        line_run(session, prompt, line);
    } else {
        if (strcmp(key, "Backspace") == 0 && length > 0)
            session->line[length - 1] = '\0';
        else if (strcmp(key, "Space") == 0 || strlen(key) == 1)
            snprintf(session->line, sizeof session->line, "%.*s%c", WS__SESSION_LINE - 2, line,
                     strlen(key) == 1 ? key[0] : ' ');
        prompt_show(session);
    }
}

/* -- requests ---------------------------------------------------------------------------------- */

void ws__do_mark_set(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_prompt_open(session, WS__PROMPT_MARK_SET, "");
}

void ws__do_mark_visit(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_prompt_open(session, WS__PROMPT_MARK_VISIT, "");
}

void ws__do_command(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_prompt_open(session, WS__PROMPT_COMMAND, "");
}

void ws__do_walk(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_prompt_open(session, WS__PROMPT_WALK, "");
}

void ws__do_search(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_prompt_open(session, WS__PROMPT_SEARCH, "");
}

void ws__do_dump(struct ws__session *session, unsigned which)
{
    char path[64];
    (void)which;
    snprintf(path, sizeof path, "worldswitch-%llu.txt", (unsigned long long)session->state.mark);
    ws__session_prompt_open(session, WS__PROMPT_DUMP, path);
}
