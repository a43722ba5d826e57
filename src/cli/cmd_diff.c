/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff: what differs between two instants of a run, by category, in words.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/state.h>

#include "front/json.h"
#include "front/system.h"

/* A comparison at work. */
struct diff {
    const struct ws__options *options;
    struct ws__system system;
    struct ws__output output;
    uint64_t mark[2];
    struct ws_state state[2];
};

static int mark_parse(const char *text, uint64_t *mark)
{
    char *end;
    errno = 0;
    *mark = strtoull(text, &end, 0);
    if (*text >= '0' && *text <= '9' && !*end && !errno)
        return WS__EXIT_DONE;
    ws__complain("a mark is a number of instructions, such as 2105", "\"%s\" is not a mark", text);
    return WS__EXIT_USAGE;
}

/* -- writing ----------------------------------------------------------------------------------- */

static void text_write(void *context, const char *category, const char *text)
{
    ws_buffer_printf(context, "%-17s %s\n", category, text);
}

static void json_write(void *context, const char *category, const char *text)
{
    struct ws__json json = ws__json_begin("difference");
    ws__json_text(&json, "category", category);
    ws__json_text(&json, "text", text);
    ws__json_write(&json, context);
}

static void csv_write(void *context, const char *category, const char *text)
{
    ws_buffer_printf(context, "%s,\"", category);
    for (; *text; text++)
        ws_buffer_printf(context, *text == '"' ? "\"\"" : "%c", *text);
    ws_buffer_printf(context, "\"\n");
}

static int states_write(struct diff *diff)
{
    static ws_state_difference *const write[] = {text_write, json_write, csv_write};
    struct ws_buffer *out = &diff->output.pending;
    if (diff->options->format == WS__FORMAT_CSV)
        ws_buffer_printf(out, "category,text\n");
    enum ws_status status = ws_state_compare(&diff->state[0], &diff->state[1], write[diff->options->format], out);
    if (!out->size && diff->options->format == WS__FORMAT_TEXT && !diff->options->quiet)
        ws_buffer_printf(out, "nothing differs\n");
    ws__output_fail(&diff->output, status);
    return WS__EXIT_DONE;
}

/* -- running ----------------------------------------------------------------------------------- */

/* The earlier mark first, whichever was named first. */
static int states_take(struct diff *diff)
{
    unsigned first = diff->mark[1] < diff->mark[0];
    for (unsigned i = 0; i < 2; i++) {
        unsigned which = i ? !first : first;
        if (!ws__system_run_to(&diff->system, diff->options, &diff->output, diff->mark[which]))
            return WS__EXIT_DONE; /* interrupted: the output says so */
        if (diff->system.contradicted)
            return WS__EXIT_WANTING;
        if (ws_machine_failure(diff->system.machine) != WS_OK)
            return WS__EXIT_HOST;
        if (ws_machine_mark(diff->system.machine) != diff->mark[which]) {
            ws__complain("name an earlier mark", "the run ends at mark %llu, before %llu",
                         (unsigned long long)ws_machine_mark(diff->system.machine),
                         (unsigned long long)diff->mark[which]);
            return WS__EXIT_USAGE;
        }
        enum ws_status status = ws_state_take(&diff->state[which], diff->system.machine, diff->system.watcher);
        ws__output_fail(&diff->output, status);
        if (status != WS_OK)
            return WS__EXIT_HOST;
    }
    return states_write(diff);
}

int ws__cmd_diff(const struct ws__options *options)
{
    struct diff diff = {.options = options};
    int result = WS__EXIT_DONE;
    for (unsigned i = 0; i < 2 && result == WS__EXIT_DONE; i++)
        result = mark_parse(options->word[i], &diff.mark[i]);
    if (result == WS__EXIT_DONE)
        result = ws__system_open(&diff.system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    result = ws__output_open(&diff.output, options->output);
    if (result == WS__EXIT_DONE)
        result = ws__system_finish(&diff.system, &diff.output, states_take(&diff));
    ws_state_release(&diff.state[0]);
    ws_state_release(&diff.state[1]);
    ws__system_close(&diff.system);
    return result;
}
