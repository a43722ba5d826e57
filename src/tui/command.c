/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands. */
#include "tui/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/symbols.h"
#include "tui/typed.h"
#include "watch/watcher.h"

/* -- marks --------------------------------------------------------------------------------------------- */

bool ws__command_mark(const struct ws__viewer *viewer, const char *text, uint64_t *mark)
{
    char digits[32], *end;
    size_t length = 0;
    uint64_t here = viewer->state.mark;
    bool back = *text == '-', relative = back || *text == '+';
    text += relative;
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (!isdigit((unsigned char)*text))
        return false;
    for (; *text; text++) {
        if (*text == ',' && !hexadecimal)
            continue;
        if (length == sizeof digits - 1)
            return false;
        digits[length++] = *text;
    }
    digits[length] = '\0';
    errno = 0;
    unsigned long long value = strtoull(digits, &end, hexadecimal ? 16 : 10);
    if (*end || errno || (relative && !back && value > UINT64_MAX - here))
        return false;
    if (back)
        *mark = value < here ? here - value : 0;
    else
        *mark = relative ? here + value : value;
    return true;
}

/* -- names of the recorded session --------------------------------------------------------------------- */

static const struct ws_session_mark *name_find(const struct ws__viewer *viewer, const char *name)
{
    const struct ws_session *record = viewer->options.record;
    for (size_t at = 0; record && at < record->marks; at++)
        if (strcmp(record->mark[at].name, name) == 0)
            return &record->mark[at];
    return NULL;
}

/* Go where the recorded session's name is, and say what is noted there. */
static void name_visit(struct ws__viewer *viewer, const struct ws_session_mark *mark)
{
    enum ws_seek seek = ws_timeline_seek(viewer->timeline, mark->mark);
    ws__viewer_arrived(viewer, seek, "mark so large");
    if (seek == WS_SEEK_THERE)
        ws__viewer_say(viewer, "%s%s%s", mark->name, *mark->note ? ": " : "", mark->note);
}

/* NAME=NOTE: for this mark, in the recording. */
static void note_run(struct ws__viewer *viewer, const char *line)
{
    size_t length = strcspn(line, "=");
    char name[WS__VIEWER_LINE];
    snprintf(name, sizeof name, "%.*s", (int)length, line);
    if (!viewer->options.records)
        ws__viewer_say(viewer, "nothing is recorded: worldswitch view --record FILE.wsr");
    else if (ws__viewer_name(viewer, name, line + length + 1))
        ws__viewer_say(viewer, "mark %llu is called %s in the recording", (unsigned long long)viewer->state.mark, name);
    ws__viewer_names(viewer);
}

/* Nothing has that name: say which marks have names, as far as there is room. */
static void unknown_say(struct ws__viewer *viewer, const char *line)
{
    const struct ws_session *record = viewer->options.record;
    struct ws_buffer names = WS_BUFFER_INIT;
    for (size_t at = 0; record && at < record->marks; at++)
        ws_buffer_printf(&names, "%s%s", at ? ", " : "", record->mark[at].name);
    viewer->starved |= names.failed;
    if (isdigit((unsigned char)*line))
        ws__viewer_say(viewer, "\"%s\" is no mark; such as 2080, 0x820, +5, -40", line);
    else if (names.size)
        ws__viewer_say(viewer, "\"%s\" is no command, and names no mark; these do: %s", line, ws_buffer_text(&names));
    else
        ws__viewer_say(viewer, "\"%s\" is no mark and no command; Tab shows what could follow", line);
    ws_buffer_release(&names);
}

/* -- the words ----------------------------------------------------------------------------------------- */

static const struct command {
    const char *word;
    const char *what;
    const char *text;
    ws__command *run;
} command_table[] = {
#define WS_COMMAND_ROW(word, what, text) {#word, what, text, ws__command_##word},
    WS_COMMAND_TABLE(WS_COMMAND_ROW)
#undef WS_COMMAND_ROW
};

enum { COMMANDS = sizeof command_table / sizeof command_table[0] };

void ws__command_end(struct ws__viewer *viewer, const char *argument)
{
    (void)argument;
    ws__viewer_end(viewer);
}

void ws__command_why(struct ws__viewer *viewer, const char *argument)
{
    bool all = strcmp(argument, "all") == 0;
    if (*argument && !all)
        ws__viewer_say(viewer, "\"%s\" is nothing that why can tell; :why or :why all", argument);
    else
        ws__viewer_why(viewer, all);
}

void ws__command_q(struct ws__viewer *viewer, const char *argument)
{
    (void)argument;
    viewer->leave = true;
}

void ws__command_theme(struct ws__viewer *viewer, const char *argument)
{
    if (ws__theme_find(argument, &viewer->theme))
        ws__viewer_say(viewer, "theme %s: %s", argument, ws__theme_text(viewer->theme));
    else
        ws__viewer_say(viewer, "\"%s\" is no theme; :theme terminal, :theme contrast, :theme colorblind", argument);
}

void ws__command_mouse(struct ws__viewer *viewer, const char *argument)
{
    (void)argument;
    viewer->mouse = !viewer->mouse;
    ws__viewer_say(viewer, viewer->mouse ? "the mouse chooses and scrolls; text is selected with Shift, :mouse ends it"
                                         : "the mouse is the terminal's again");
}

void ws__command_set(struct ws__viewer *viewer, const char *argument)
{
    ws__branch_set(viewer, argument);
}

/* Is it that key, or that request's name? */
static const struct ws_view_key *request_meant(const char *word, struct ws_view_key *key)
{
    unsigned which;
    size_t length = 0;
    enum ws_request request = ws__request_find(word, &which);
    if (request == WS_REQUEST_NONE) {
        request = ws__request_named(word, &length);
        if (request == WS_REQUEST_NONE || word[length])
            return NULL;
    }
    *key = *ws__request_row(request);
    return key;
}

static void key_say(struct ws__viewer *viewer, const struct ws_view_key *key)
{
    char first[WS__LINE_BYTES];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(key->keys, " "), key->keys);
    if (*key->text) {
        ws__viewer_say(viewer, "%s: %s%s%s", key->keys, key->text, *key->back ? "; back: " : "", key->back);
        return;
    }
    for (size_t at = 0; at < viewer->state.keys; at++) /* of the way back, the row of the way forth tells */
        if (strcmp(viewer->key[at].back, first) == 0)
            ws__viewer_say(viewer, "%s: the other way of %s: %s", first, viewer->key[at].keys, viewer->key[at].text);
}

/* false: no command has that name. */
static bool command_say(struct ws__viewer *viewer, const char *word)
{
    for (size_t at = 0; at < COMMANDS; at++) {
        const struct command *command = &command_table[at];
        if (strcmp(command->word, word) != 0)
            continue;
        ws__viewer_say(viewer, ":%s%s%s: %s", command->word, *command->what ? " " : "", command->what, command->text);
        return true;
    }
    return false;
}

void ws__command_help(struct ws__viewer *viewer, const char *argument)
{
    struct ws_view_key key;
    if (!*argument && viewer->state.panel != WS_PANEL_HELP)
        ws__do_help(viewer, 0);
    else if (!*argument)
        return;
    else if (strlen(argument) > 1 && command_say(viewer, argument))
        return;
    else if (request_meant(argument, &key))
        key_say(viewer, &key);
    else if (!command_say(viewer, argument))
        ws__viewer_say(viewer, "nothing is called \"%s\"; such as :help s, :help crossing, :help set", argument);
}

/* The command that a line begins with, and what follows its word; NULL: none, or something follows that must not. */
static const struct command *command_find(const char *line, const char **argument)
{
    size_t length = strcspn(line, " ");
    *argument = line + length + strspn(line + length, " ");
    for (size_t at = 0; at < COMMANDS; at++) {
        const struct command *command = &command_table[at];
        bool named = strlen(command->word) == length && strncmp(command->word, line, length) == 0;
        if (named && (!**argument || *command->what))
            return command;
    }
    return NULL;
}

bool ws__command_with_argument(struct ws__viewer *viewer, const char *line)
{
    const char *argument;
    const struct command *command = command_find(line, &argument);
    if (command && *argument)
        command->run(viewer, argument);
    return command && *argument;
}

/* `back`: it was counted back from here. */
static void mark_visit(struct ws__viewer *viewer, uint64_t mark, bool back)
{
    bool start = back && mark == viewer->state.mark;
    enum ws_seek seek = start ? WS_SEEK_START : ws_timeline_seek(viewer->timeline, mark);
    ws__viewer_arrived(viewer, seek, "mark so large");
}

void ws__command_run(struct ws__viewer *viewer, const char *line)
{
    const struct ws_session_mark *named = name_find(viewer, line);
    const char *argument;
    const struct command *command = command_find(line, &argument);
    uint64_t mark;
    if (named)
        name_visit(viewer, named);
    else if (command)
        command->run(viewer, argument);
    else if (ws__command_mark(viewer, line, &mark))
        mark_visit(viewer, mark, *line == '-');
    else if (line[strcspn(line, " =")] == '=' && isalnum((unsigned char)*line))
        note_run(viewer, line);
    else if (!ws__typed_request(viewer, line))
        unknown_say(viewer, line);
}

/* -- completion ---------------------------------------------------------------------------------------- */

/* What was offered, of which some begin as the word does. */
struct offers {
    const char *word;
    size_t length;
    char common[WS__LINE_BYTES]; /* what all of them begin with */
    size_t count;
    struct ws_buffer *list;
};

static void offer(struct offers *offers, const char *text)
{
    if (strncmp(text, offers->word, offers->length) != 0)
        return;
    size_t same = 0;
    if (!offers->count)
        snprintf(offers->common, sizeof offers->common, "%s", text);
    while (offers->common[same] && offers->common[same] == text[same])
        same++;
    offers->common[same] = '\0';
    ws_buffer_printf(offers->list, "%s%s", offers->count++ ? ", " : "", text);
}

static void offer_symbols(struct offers *offers, const struct ws__viewer *viewer)
{
    size_t count;
    const struct ws__symbol *symbol = ws__symbols_list(viewer->options.symbols, &count);
    for (size_t at = 0; at < count; at++)
        offer(offers, symbol[at].name);
}

static void offer_registers(struct offers *offers)
{
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++)
        offer(offers, ws_register_info((enum ws_register)which)->name);
}

static void offer_worlds(struct offers *offers, const struct ws__viewer *viewer)
{
    struct ws_buffer names = WS_BUFFER_INIT;
    char name[WS_NAME_BYTES];
    ws__watcher_knows(viewer->options.watcher, "", &names);
    for (const char *at = ws_buffer_text(&names); *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        offer(offers, name);
        at += length;
    }
    ws_buffer_release(&names);
}

static void offer_requests(struct offers *offers)
{
    char name[40];
    for (unsigned request = 0; request < WS_REQUEST_COUNT; request++) {
        snprintf(name, sizeof name, "%s", ws__request_name((enum ws_request)request));
        for (char *at = name; (at = strchr(at, '_'));)
            *at = ' ';
        offer(offers, name);
    }
    for (size_t at = 0; at < COMMANDS; at++)
        offer(offers, command_table[at].word);
}

static void offer_themes(struct offers *offers)
{
    for (unsigned at = 0; at < WS__THEMES; at++)
        offer(offers, ws__theme_name((enum ws__theme)at));
}

static void offer_all(struct offers *offers, const char *const *word)
{
    for (; *word; word++)
        offer(offers, *word);
}

/* What may stand behind that beginning of a line? */
static void offers_make(struct offers *offers, const struct ws__viewer *viewer, const char *before)
{
    static const char *const places[] = {"byte ", "dword ", "phys ", NULL};
    static const char *const searches[] = {"eip=", "vector", "vector=", "world=", "phys=", NULL};
    static const char *const breaks[] = {"byte ", "crossing", "crossing=", NULL};
    static const char *const kinds[] = {"context", "thread", "world", NULL};
    const struct ws_session *record = viewer->options.record;
    bool search = viewer->prompt == WS__PROMPT_SEARCH;
    const char *equals = strrchr(before, '=');
    if (viewer->prompt == WS__PROMPT_WALK || strncmp(before, "walk ", 5) == 0 || strncmp(before, "set byte ", 9) == 0 ||
        strncmp(before, "set dword ", 10) == 0) {
        offer_symbols(offers, viewer);
    } else if (equals && equals >= before + 3 && strncmp(equals - 3, "eip", 3) == 0) {
        offer_symbols(offers, viewer);
    } else if (equals && equals >= before + 5 && strncmp(equals - 5, "world", 5) == 0) {
        offer_worlds(offers, viewer);
    } else if (strncmp(before, "break ", 6) == 0) {
        offer_all(offers, breaks);
        offer_all(offers, equals ? kinds : searches);
        offer_registers(offers);
        offer_symbols(offers, viewer);
    } else if (search || strcmp(before, "search ") == 0) {
        offer_all(offers, searches);
        offer_registers(offers);
    } else if (strcmp(before, "theme ") == 0) {
        offer_themes(offers);
    } else if (strcmp(before, "set ") == 0) {
        offer_all(offers, places);
        offer_registers(offers);
    } else if (!*before || strcmp(before, "help ") == 0) {
        offer_requests(offers);
        for (size_t at = 0; !*before && record && at < record->marks; at++)
            offer(offers, record->mark[at].name);
    }
}

void ws__command_complete(struct ws__viewer *viewer, struct ws_buffer *choice)
{
    struct ws__line *line = &viewer->line;
    char before[WS__LINE_BYTES], word[WS__LINE_BYTES];
    size_t begin = line->cursor;
    while (begin && !strchr(" =", line->text[begin - 1]))
        begin--;
    snprintf(before, sizeof before, "%.*s", (int)begin, line->text);
    snprintf(word, sizeof word, "%.*s", (int)(line->cursor - begin), line->text + begin);
    struct offers offers = {.word = word, .length = strlen(word), .list = choice};
    offers_make(&offers, viewer, before);
    if (offers.count && strlen(offers.common) > offers.length)
        ws__line_insert(line, offers.common + offers.length);
    if (offers.count == 1)
        ws_buffer_clear(choice);
}
