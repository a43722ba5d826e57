/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare: figure 7-11 of the book as a table, measured from the run.
 *
 * Of each kind, the first good crossing is taken, at the moment when it ends: between two processes, or between two
 * worlds that are not the loader's.  If there is no good one, the first one must do.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/trace.h"
#include "front/system.h"
#include "timeline/space.h"

enum { KINDS = WS_CROSSING_KINDS };

struct sample {
    bool taken;
    bool good;
    struct ws_crossing crossing;
    struct ws__space_run *runs; /* owned */
    size_t count;
};

struct comparison {
    struct ws__system system;
    struct ws__output output;
    struct sample sample[KINDS]; /* by enum ws_crossing_kind */
};

/* -- measuring ----------------------------------------------------------------------------------------- */

static enum ws_status sample_measure(struct sample *sample, const struct ws_machine *machine)
{
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_page_map before = {0}, after = {0};
    free(sample->runs);
    sample->runs = NULL;
    sample->count = 0;
    enum ws_status status = ws_page_map_read(&before, &memory, &sample->crossing.before);
    if (status == WS_OK)
        status = ws_page_map_read(&after, &memory, &sample->crossing.after);
    if (status == WS_OK)
        status = ws__space_overlay(&before, &after, &sample->runs, &sample->count);
    ws_page_map_release(&before);
    ws_page_map_release(&after);
    return status;
}

static bool crossing_is_good(const struct ws__system *system, const struct ws_crossing *crossing)
{
    if (crossing->kind == WS_CROSSING_WORLD)
        return strcmp(crossing->from, WS_WORLD_BOOT) != 0;
    return crossing->kind == WS_CROSSING_THREAD ||
           (ws__system_is_process(system, &crossing->before) && ws__system_is_process(system, &crossing->after));
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct comparison *comparison = context;
    struct sample *sample = &comparison->sample[crossing->kind];
    bool good = crossing_is_good(&comparison->system, crossing);
    if (sample->taken && (sample->good || !good))
        return;
    sample->taken = true;
    sample->good = good;
    sample->crossing = *crossing;
    ws_machine_fail(comparison->system.machine, sample_measure(sample, comparison->system.machine));
    if (comparison->sample[0].good && comparison->sample[1].good) {
        comparison->output.enough = true;
        ws_machine_stop(comparison->system.machine);
    }
}

/* -- writing ------------------------------------------------------------------------------------------- */

static const char *const kind_title[KINDS] = {"context switch", "world switch", "thread switch"};

/* The book's figure has two columns; threads get one where there are some. */
static bool is_shown(const struct sample *sample, unsigned kind)
{
    return kind != WS_CROSSING_THREAD || sample[kind].taken;
}

static const char *verdict(const struct sample *sample, unsigned category)
{
    if (!sample->taken)
        return "-";
    return sample->crossing.changed >> category & 1 ? "changes" : "stays";
}

/* Are all registers of a category 0, before and after? */
static bool is_zero(const struct ws_crossing *crossing, unsigned category)
{
    uint32_t any = 0, registers = 0;
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++)
        if (ws_register_info((enum ws_register)which)->category == category) {
            any |= crossing->before.value[which] | crossing->after.value[which];
            registers++;
        }
    return registers && !any;
}

/* The same for readers.  A world switch loads everything: what is the same after it was the same in both worlds. */
static const char *verdict_text(const struct sample *sample, unsigned category)
{
    bool space = category == WS_CATEGORY_USER_SPACE || category == WS_CATEGORY_KERNEL_SPACE;
    const char *text = verdict(sample, category);
    if (strcmp(text, "stays") != 0 || sample->crossing.kind != WS_CROSSING_WORLD || space)
        return text;
    return is_zero(&sample->crossing, category) ? "equal here (both 0)" : "equal here";
}

/* How wide the first column is, and those of the kinds.  Two have room to spare; three fit 80 columns only if each
 * is as wide as its texts. */
struct layout {
    int label;
    int kind[KINDS];
    char name[KINDS][2 * WS_WHO_BYTES + 8];
};

static void widen(int *width, const char *text)
{
    if (*width < (int)strlen(text))
        *width = (int)strlen(text);
}

static void layout_make(struct layout *layout, const struct sample *sample)
{
    bool wide = !is_shown(sample, WS_CROSSING_THREAD);
    *layout = (struct layout){.label = wide ? 20 : 0};
    for (unsigned category = 0; category < WS_CATEGORY_COUNT; category++)
        widen(&layout->label, ws_category_name((enum ws_category)category));
    for (unsigned kind = 0; kind < KINDS && is_shown(sample, kind); kind++) {
        const struct ws_crossing *crossing = &sample[kind].crossing;
        char from[WS_WHO_BYTES], to[WS_WHO_BYTES];
        ws_crossing_who(crossing, false, from);
        ws_crossing_who(crossing, true, to);
        snprintf(layout->name[kind], sizeof layout->name[kind], "%s%s%s", from,
                 sample[kind].taken ? " -> " : "not seen", to);
        layout->kind[kind] = wide ? 24 : 0;
        widen(&layout->kind[kind], kind_title[kind]);
        widen(&layout->kind[kind], layout->name[kind]);
        for (unsigned category = 0; category < WS_CATEGORY_COUNT; category++)
            widen(&layout->kind[kind], verdict_text(&sample[kind], category));
    }
}

static void table_write(struct ws_buffer *out, const struct sample *sample)
{
    struct layout layout;
    layout_make(&layout, sample);
    ws_buffer_printf(out, "%-*s", layout.label, "");
    for (unsigned kind = 0; kind < KINDS && is_shown(sample, kind); kind++)
        ws_buffer_printf(out, "  %-*s", layout.kind[kind], kind_title[kind]);
    ws_buffer_printf(out, "\n%-*s", layout.label, "");
    for (unsigned kind = 0; kind < KINDS && is_shown(sample, kind); kind++)
        ws_buffer_printf(out, "  %-*s", layout.kind[kind], layout.name[kind]);
    ws_buffer_printf(out, "\n%-*s", layout.label, "instructions");
    for (unsigned kind = 0; kind < KINDS && is_shown(sample, kind); kind++)
        ws_buffer_printf(out, "  %-*llu", layout.kind[kind], (unsigned long long)sample[kind].crossing.instructions);
    for (unsigned category = 0; category < WS_CATEGORY_COUNT; category++) {
        ws_buffer_printf(out, "\n%-*s", layout.label, ws_category_name((enum ws_category)category));
        for (unsigned kind = 0; kind < KINDS && is_shown(sample, kind); kind++)
            ws_buffer_printf(out, "  %-*s", layout.kind[kind], verdict_text(&sample[kind], category));
    }
    ws_buffer_printf(out, "\n");
}

static void mapping_write(struct ws_buffer *out, const struct ws_mapping *mapping)
{
    if (mapping->bytes)
        ws_buffer_printf(out, "  0x%08x %-4s %s", mapping->phys, mapping->user ? "user" : "sup.",
                         mapping->writable ? "rw" : "r-");
    else
        ws_buffer_printf(out, "  %-18s", "-");
}

static void space_write(struct ws_buffer *out, const struct sample *sample, const char *title)
{
    static const char *const change[] = {"stays", "goes", "comes", "other"};
    ws_buffer_printf(out, "\nlinear address space, %s %s -> %s\n%-23s  %8s  %-18s  %-18s\n", title,
                     sample->crossing.from, sample->crossing.to, "linear", "KiB", "before: physical",
                     "after: physical");
    for (size_t i = 0; i < sample->count; i++) {
        const struct ws__space_run *run = &sample->runs[i];
        ws_buffer_printf(out, "0x%08x - 0x%08x  %8llu", run->linear, (uint32_t)(run->linear + run->bytes - 1),
                         (unsigned long long)(run->bytes / 1024));
        mapping_write(out, &run->before);
        mapping_write(out, &run->after);
        ws_buffer_printf(out, "  %s\n", change[run->change]);
    }
}

static void text_write(struct ws_buffer *out, const struct sample *sample)
{
    table_write(out, sample);
    for (unsigned kind = 0; kind < KINDS; kind++)
        if (sample[kind].taken && kind != WS_CROSSING_THREAD)
            space_write(out, &sample[kind], kind_title[kind]);
}

static void csv_write(struct ws_buffer *out, const struct sample *sample)
{
    ws_buffer_printf(out, "category");
    for (unsigned kind = 0; kind < KINDS && is_shown(sample, kind); kind++)
        ws_buffer_printf(out, ",%s", ws_crossing_kind_name((enum ws_crossing_kind)kind));
    for (unsigned category = 0; category < WS_CATEGORY_COUNT; category++) {
        ws_buffer_printf(out, "\n%s", ws_category_name((enum ws_category)category));
        for (unsigned kind = 0; kind < KINDS && is_shown(sample, kind); kind++)
            ws_buffer_printf(out, ",%s", verdict(&sample[kind], category));
    }
    ws_buffer_printf(out, "\n");
}

static void samples_write(struct comparison *comparison, unsigned format)
{
    struct ws_buffer *out = &comparison->output.pending;
    const struct sample *sample = comparison->sample;
    struct ws__trace_style style = {0};
    if (format == WS__FORMAT_TEXT)
        text_write(out, sample);
    else if (format == WS__FORMAT_CSV)
        csv_write(out, sample);
    else
        for (unsigned kind = 0; kind < KINDS; kind++)
            if (sample[kind].taken)
                ws__trace_jsonl.crossing(out, &style, &sample[kind].crossing);
}

/* -- the command --------------------------------------------------------------------------------------- */

/* Nothing to compare, with two kinds at least, is a result too, but not a good one. */
static int samples_judge(const struct comparison *comparison, bool interrupted)
{
    unsigned kinds = 0;
    for (unsigned kind = 0; kind < KINDS; kind++)
        kinds += comparison->sample[kind].taken;
    for (unsigned kind = 0; kind < KINDS && kinds < 2 && !interrupted; kind++)
        if (!comparison->sample[kind].taken) {
            ws__complain("\"worldswitch trace\" shows what there was", "this guest made no %s", kind_title[kind]);
            return WS__EXIT_WANTING;
        }
    return WS__EXIT_DONE;
}

int ws__cmd_compare(const struct ws__options *options)
{
    struct comparison comparison = {.output.descriptor = -1};
    int result = ws__system_open(&comparison.system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws_watcher_listen(comparison.system.watcher, crossing_take, &comparison);
    if (status != WS_OK)
        result = ws__complain_status(status, "compare");
    else
        result = ws__output_open(&comparison.output, options->output);
    if (result == WS__EXIT_DONE) {
        ws__system_run(&comparison.system, options, &comparison.output, false);
        ws_watcher_settle(comparison.system.watcher);
        samples_write(&comparison, options->format);
        bool interrupted = comparison.output.interrupted;
        result = ws__system_finish(&comparison.system, &comparison.output, WS__EXIT_DONE);
        if (result == WS__EXIT_DONE && comparison.system.contradicted)
            result = WS__EXIT_WANTING;
        else if (result == WS__EXIT_DONE)
            result = samples_judge(&comparison, interrupted);
    }
    for (unsigned kind = 0; kind < KINDS; kind++)
        free(comparison.sample[kind].runs);
    ws__system_close(&comparison.system);
    return result;
}
