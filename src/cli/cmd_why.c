/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * why: run a guest to its end, and say why it came to that.
 *
 * It is run as `run` does it, while a timeline takes snapshots.  From the end, the timeline goes back.
 */
#include <stdio.h>
#include <sys/ioctl.h>

#include <worldswitch/why.h>

#include "base/wrap.h"
#include "front/system.h"

enum {
    EFFORT = 50000000, /* instructions to go back, when it is asked who wrote something */
    LOOK_ROWS = 2      /* how to look at it takes so many rows, with the empty one */
};

/* A run, and how to come back to it. */
struct post_mortem {
    struct ws__system system;
    struct ws__output output;
    struct ws_timeline *timeline;
    struct ws_disasm *disasm;
    const struct ws__options *options;
    char world[WS_NAME_BYTES]; /* in which it ended */
};

/* How to look at it: the visualizer takes the same guest. */
static void look_append(const struct post_mortem *pm, struct ws_buffer *out)
{
    const struct ws__options *options = pm->options;
    ws_buffer_printf(out, "\nlook at it: worldswitch view%s%s%s%s, then type :end\n", options->lab ? " --lab" : "",
                     options->tlb == WS_TLB_KEEP ? " --tlb keep" : "", options->image ? " " : "",
                     options->image ? options->image : "");
}

/* The end is known: from now on, only the timeline runs the machine. */
static enum ws_status run_end(struct post_mortem *pm)
{
    const char *world = "";
    enum ws_status status = ws__late_world(&pm->system, &world);
    snprintf(pm->world, sizeof pm->world, "%s", status == WS_OK ? world : "");
    ws_audit_free(pm->system.audit);
    ws_watcher_free(pm->system.watcher);
    pm->system.audit = NULL;
    pm->system.watcher = NULL;
    return status;
}

/* How wide the terminal is; a file is as wide as a terminal mostly is. */
static uint32_t columns(const struct post_mortem *pm)
{
    struct winsize window;
    bool terminal = ioctl(pm->output.descriptor, TIOCGWINSZ, &window) == 0 && window.ws_col;
    return terminal ? window.ws_col : WS_WHY_COLUMNS;
}

/* A path may be long: then less is said. */
static uint32_t rows_left(const struct ws_buffer *look, uint32_t width)
{
    size_t rows = ws__wrap_lines(NULL, ws_buffer_text(look), look->size, width);
    return rows < WS_WHY_ROWS ? (uint32_t)(WS_WHY_ROWS + LOOK_ROWS - rows) : 1;
}

static enum ws_status explain(struct post_mortem *pm)
{
    struct ws_buffer text = WS_BUFFER_INIT, look = WS_BUFFER_INIT;
    uint32_t width = columns(pm);
    look_append(pm, &look);
    struct ws_why why = {
        .machine = pm->system.machine,
        .symbols = pm->system.symbols,
        .syntax = (enum ws_syntax)pm->options->syntax,
        .world = pm->world,
        .effort = EFFORT,
        .columns = width < WS_WHY_COLUMNS ? width : WS_WHY_COLUMNS, /* what is left out, is not so in wider ones */
    };
    why.rows = pm->options->all ? 0 : rows_left(&look, why.columns);
    enum ws_status status = run_end(pm);
    why.timeline = pm->timeline;
    why.disasm = pm->disasm;
    if (status == WS_OK)
        status = ws_why_explain(&why, &text);
    ws__wrap_lines(&pm->output.pending, ws_buffer_text(&text), text.size, width);
    ws_buffer_append(&pm->output.pending, look.data, look.size); /* the terminal folds it, so that it can be copied */
    bool failed = text.failed || look.failed;
    ws_buffer_release(&text);
    ws_buffer_release(&look);
    return failed && status == WS_OK ? WS_NO_MEMORY : status;
}

static int run(struct post_mortem *pm)
{
    const struct ws__options *options = pm->options;
    enum ws_status status = ws_timeline_new(&pm->timeline, pm->system.machine, NULL);
    if (status == WS_OK)
        status = ws_disasm_new(&pm->disasm);
    if (status != WS_OK)
        return ws__complain_status(status, "why");
    int result = ws__output_open(&pm->output, options->output);
    if (result != WS__EXIT_DONE)
        return result;
    pm->system.timeline = pm->timeline;
    ws__system_run(&pm->system, options, &pm->output, false);
    if (!pm->system.contradicted && ws_machine_failure(pm->system.machine) == WS_OK)
        ws__output_fail(&pm->output, explain(pm));
    return ws__system_finish(&pm->system, &pm->output, pm->system.contradicted ? WS__EXIT_WANTING : WS__EXIT_DONE);
}

int ws__cmd_why(const struct ws__options *options)
{
    struct post_mortem pm = {.options = options};
    int result = ws__system_open(&pm.system, options, false, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    result = run(&pm);
    ws_timeline_free(pm.timeline);
    ws_disasm_free(pm.disasm);
    ws__system_close(&pm.system);
    return result;
}
