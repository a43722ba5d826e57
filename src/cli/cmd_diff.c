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

static bool mark_parse(const char *text, uint64_t *mark)
{
    char *end;
    errno = 0;
    *mark = strtoull(text, &end, 0);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

/* -- suggesting -------------------------------------------------------------------------------------- */

enum { LOOK = 30000000 }; /* instructions, in which a crossing is looked for */

struct suggestion {
    struct ws_crossing crossing; /* the first world switch that is not the loader's, or else the first crossing */
    bool any, world;
};

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct suggestion *suggestion = context;
    bool world = crossing->kind == WS_CROSSING_WORLD && strcmp(crossing->from, WS_WORLD_BOOT) != 0;
    if (suggestion->any && (suggestion->world || !world))
        return;
    suggestion->any = true;
    suggestion->world = world;
    suggestion->crossing = *crossing;
}

/* There are no two marks: say so, and suggest two of this image. */
static int marks_suggest(const struct ws__options *options, const char *problem)
{
    struct diff diff = {.options = options, .output.descriptor = -1};
    struct suggestion found = {.any = false};
    const char *image = options->image ? options->image : options->lab ? "--lab" : NULL;
    char example[200];
    int result = ws__system_open(&diff.system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    if (ws_watcher_listen(diff.system.watcher, crossing_take, &found) != WS_OK)
        result = ws__complain_status(WS_NO_MEMORY, "diff");
    for (uint64_t piece = 1 << 20, mark = piece; result == WS__EXIT_DONE && mark <= LOOK && !found.world; mark += piece)
        if (!ws__system_run_to(&diff.system, options, &diff.output, mark) ||
            ws_machine_halt(diff.system.machine)->reason != WS_HALT_NONE)
            break;
    if (found.any)
        snprintf(example, sizeof example, "such as: worldswitch diff %llu %llu%s%s, for the %s switch from %s to %s",
                 (unsigned long long)found.crossing.begin, (unsigned long long)found.crossing.end, image ? " " : "",
                 image ? image : "", ws_crossing_kind_name((enum ws_crossing_kind)found.crossing.kind),
                 found.crossing.from, found.crossing.to);
    else
        snprintf(example, sizeof example, "such as: worldswitch diff 0 %llu%s%s",
                 (unsigned long long)ws_machine_mark(diff.system.machine), image ? " " : "", image ? image : "");
    if (result == WS__EXIT_DONE)
        ws__complain(example, "%s", problem);
    ws__system_close(&diff.system);
    return result == WS__EXIT_DONE ? WS__EXIT_USAGE : result;
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
    int result;
    char problem[120];
    if (options->words < 2)
        return marks_suggest(options, "name two marks, then the image");
    for (unsigned i = 0; i < 2; i++) {
        if (mark_parse(options->word[i], &diff.mark[i]))
            continue;
        snprintf(problem, sizeof problem, "\"%.40s\" is not a mark: a number of instructions", options->word[i]);
        return marks_suggest(options, problem);
    }
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
