/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace: what happened, in the order of marks.
 *
 * Whether an instruction belongs to a crossing is known only when the crossing has ended.  So --instructions keeps
 * the last records back: when a crossing ends, those since its begin are written, of the older ones only the events.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/trace.h"
#include "cli/trace_fold.h"
#include "front/system.h"

enum {
    LOOK_OUT = 1024, /* events between two looks at the outside, which cost a system call */
    QUEUE = 1 << 15, /* records; a longer crossing shows its last instructions only */
    SHOWN_EVENTS = WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(TABLE_LOAD) | WS_EVENT_MASK(VECTOR) |
                   WS_EVENT_MASK(RETURN) | WS_EVENT_MASK(HALT) | WS_EVENT_MASK(REQUEST) | WS_EVENT_MASK(NO_CHIP) |
                   WS_EVENT_MASK(NO_MEMORY) | WS_EVENT_MASK(FAULT_CHAIN) | WS_EVENT_MASK(TASK) | WS_EVENT_MASK(STALE)
};

/* A record that waits: an event, or an instruction that may not be wanted. */
struct waiting {
    bool is_event;
    const char *world;
    union {
        struct ws_event event;
        struct ws__trace_instruction instruction;
    } u;
};

struct tracer {
    struct ws__system system;
    struct ws__output output;
    struct ws__trace_style style;
    const struct ws__trace_format *format;
    const struct ws__options *options;
    const char *world;     /* the one that runs, as far as is known */
    struct waiting *queue; /* a ring; NULL unless --instructions */
    size_t first, count;
    size_t findings;             /* written so far */
    size_t found;                /* the audit's, when it had judged the crossing that waits */
    struct ws_crossing crossing; /* ended, not written yet */
    bool crossed;
    struct ws_forward *forward;
    struct ws_forward_path path; /* complete, not written yet; steps 0: none */
    unsigned events;             /* heard of */
    bool folds;
    struct ws__fold fold;
    struct ws_buffer text; /* one event's */
};

/* -- writing ------------------------------------------------------------------------------------------- */

static uint64_t waiting_mark(const struct waiting *record)
{
    return record->is_event ? record->u.event.mark : record->u.instruction.mark;
}

/* Something else than an event is written next: what repeated, ends. */
static struct ws_buffer *other_begin(struct tracer *tracer)
{
    ws__fold_end(&tracer->fold, &tracer->output.pending);
    return &tracer->output.pending;
}

static void event_write(struct tracer *tracer, const struct waiting *record)
{
    struct ws_buffer *out = &tracer->output.pending;
    if (!tracer->folds) {
        tracer->format->event(out, &tracer->style, &record->u.event, record->world);
        return;
    }
    ws_buffer_clear(&tracer->text);
    tracer->format->event(&tracer->text, &tracer->style, &record->u.event, record->world);
    ws__fold_put(&tracer->fold, out, record->u.event.mark, &tracer->text);
    out->failed |= tracer->text.failed;
}

/* Write the path that waits, if it was complete before that mark. */
static void path_write(struct tracer *tracer, uint64_t mark)
{
    if (!tracer->path.steps || tracer->path.end >= mark)
        return;
    if (tracer->format->path)
        tracer->format->path(other_begin(tracer), &tracer->style, &tracer->path);
    tracer->path.steps = 0;
}

static void waiting_write(struct tracer *tracer, const struct waiting *record, bool inside)
{
    path_write(tracer, waiting_mark(record));
    if (record->is_event)
        event_write(tracer, record);
    else if (inside)
        tracer->format->instruction(other_begin(tracer), &tracer->style, &record->u.instruction);
    ws__output_relax(&tracer->output);
}

/* Write what waits from before the mark `end`; instructions only if their mark is at least `begin`. */
static void queue_drain(struct tracer *tracer, uint64_t begin, uint64_t end)
{
    while (tracer->count) {
        const struct waiting *record = &tracer->queue[tracer->first];
        uint64_t mark = waiting_mark(record);
        if (mark >= end)
            break;
        waiting_write(tracer, record, mark >= begin);
        tracer->first = (tracer->first + 1) % QUEUE;
        tracer->count--;
    }
}

static void record_put(struct tracer *tracer, const struct waiting *record)
{
    if (!tracer->queue) {
        waiting_write(tracer, record, true);
        return;
    }
    if (tracer->count == QUEUE) {
        waiting_write(tracer, &tracer->queue[tracer->first], false);
        tracer->first = (tracer->first + 1) % QUEUE;
        tracer->count--;
    }
    tracer->queue[(tracer->first + tracer->count++) % QUEUE] = *record;
}

/* The first so many findings. */
static void findings_write(struct tracer *tracer, size_t count)
{
    while (tracer->findings < count) {
        const struct ws_finding *finding = ws_audit_finding(tracer->system.audit, tracer->findings++);
        if (tracer->format->finding)
            tracer->format->finding(other_begin(tracer), &tracer->style, finding);
    }
}

/* -- listening ----------------------------------------------------------------------------------------- */

static void instruction_take(struct tracer *tracer, struct ws_machine *machine, const struct ws_event *event)
{
    struct waiting record = {.is_event = false, .world = tracer->world};
    struct ws__trace_instruction *instruction = &record.u.instruction;
    struct ws_descriptor code;
    ws_machine_segment(machine, WS_CS, &code);
    *instruction = (struct ws__trace_instruction){
        .mark = event->mark,
        .linear = event->linear,
        .cpl = event->cpl,
        .wide = code.big,
        .world = tracer->world,
    };
    /* Where it cannot be read, its fetch faults: the record shows zeros, and the fault follows. */
    (void)ws_machine_read(machine, event->linear, instruction->bytes, sizeof(instruction->bytes));
    record_put(tracer, &record);
}

/* A crossing is reported by the watcher before we hear of the return that ends it: write it behind that. */
static void crossing_write(struct tracer *tracer)
{
    if (!tracer->crossed)
        return;
    tracer->crossed = false;
    if (tracer->queue)
        queue_drain(tracer, tracer->crossing.begin, tracer->crossing.end);
    path_write(tracer, tracer->crossing.end - 1);
    tracer->format->crossing(other_begin(tracer), &tracer->style, &tracer->crossing);
    path_write(tracer, tracer->crossing.end);
    findings_write(tracer, tracer->found);
    ws__output_relax(&tracer->output);
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct tracer *tracer = context;
    if (event->mark >= tracer->crossing.end)
        crossing_write(tracer);
    if (event->kind == WS_EVENT_INSTRUCTION) {
        instruction_take(tracer, machine, event);
    } else {
        struct waiting record = {.is_event = true, .world = tracer->world, .u.event = *event};
        if (event->kind == WS_EVENT_CONTROL_REGISTER || event->kind == WS_EVENT_TABLE_LOAD)
            tracer->world = ws_watcher_world(tracer->system.watcher, NULL);
        if (tracer->format->event)
            record_put(tracer, &record);
    }
    if (++tracer->events % LOOK_OUT == 0 && ws__output_done(&tracer->output))
        ws_machine_stop(machine);
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct tracer *tracer = context;
    crossing_write(tracer);
    tracer->world = ws_watcher_world(tracer->system.watcher, NULL);
    tracer->crossing = *crossing;
    tracer->crossed = true;
    tracer->found = ws_audit_findings(tracer->system.audit);
}

/* A path is complete when its last step is told. */
static void step_take(void *context, const struct ws_forward_path *path, unsigned step)
{
    struct tracer *tracer = context;
    if (!path->end || step + 1u < path->steps)
        return;
    path_write(tracer, UINT64_MAX);
    tracer->path = *path;
}

/* -- the command --------------------------------------------------------------------------------------- */

static enum ws_status tracer_listen(struct tracer *tracer)
{
    const struct ws__options *options = tracer->options;
    bool instructions = tracer->format->instruction && (options->instructions || options->all);
    bool ports = options->io || options->format == WS__FORMAT_JSONL;
    uint32_t kinds = (tracer->format->event ? SHOWN_EVENTS | (ports ? WS_EVENT_MASK(IO) : 0) : 0) |
                     (instructions ? WS_EVENT_MASK(INSTRUCTION) : 0) | WS_EVENT_MASK(CONTROL_REGISTER) |
                     WS_EVENT_MASK(TABLE_LOAD);
    if (instructions && !options->all && !(tracer->queue = calloc(QUEUE, sizeof(*tracer->queue))))
        return WS_NO_MEMORY;
    enum ws_status status = ws_machine_listen(tracer->system.machine, kinds, event_take, tracer);
    if (status == WS_OK)
        status = ws_watcher_listen(tracer->system.watcher, crossing_take, tracer);
    /* Behind our own listeners: a path's record follows those of the events that it is made of. */
    if (status == WS_OK)
        status = ws_forward_new(&tracer->forward, tracer->system.machine, tracer->system.watcher);
    if (status == WS_OK)
        ws_forward_listen(tracer->forward, step_take, tracer);
    return status;
}

static void tracer_run(struct tracer *tracer)
{
    struct ws_buffer *out = &tracer->output.pending;
    tracer->world = ws_watcher_world(tracer->system.watcher, NULL);
    if (tracer->format->begin)
        tracer->format->begin(out);
    ws__system_run(&tracer->system, tracer->options, &tracer->output, false);
    ws_audit_finish(tracer->system.audit);
    ws_watcher_settle(tracer->system.watcher);
    crossing_write(tracer);
    if (tracer->queue)
        queue_drain(tracer, UINT64_MAX, UINT64_MAX);
    path_write(tracer, UINT64_MAX);
    findings_write(tracer, ws_audit_findings(tracer->system.audit));
    other_begin(tracer);
    const struct ws_halt *halt = ws_machine_halt(tracer->system.machine);
    if (halt->reason != WS_HALT_NONE && halt->reason != WS_HALT_HOST && tracer->format->halt)
        tracer->format->halt(out, &tracer->style, halt);
}

/* How the run ended is said aside, too, and in the exit status. */
static int tracer_end(struct tracer *tracer)
{
    const struct ws_halt *halt = ws_machine_halt(tracer->system.machine);
    int status = ws__system_finish(&tracer->system, &tracer->output, WS__EXIT_DONE);
    if (status != WS__EXIT_DONE)
        return status;
    if (tracer->system.contradicted)
        return WS__EXIT_WANTING;
    status = halt->reason == WS_HALT_EXIT ? WS__EXIT_DONE : ws_halt_exit_status(halt);
    return ws__system_halt_tell(&tracer->system, tracer->options, status);
}

int ws__cmd_trace(const struct ws__options *options)
{
    struct tracer tracer = {.options = options, .format = ws__trace_format(options->format)};
    int result = ws__system_open(&tracer.system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws_disasm_new(&tracer.style.disasm);
    if (status == WS_OK)
        status = tracer_listen(&tracer);
    if (status != WS_OK) {
        result = ws__complain_status(status, "trace");
        goto out;
    }
    result = ws__output_open(&tracer.output, options->output);
    if (result != WS__EXIT_DONE)
        goto out;
    tracer.style.syntax = (enum ws_syntax)options->syntax;
    tracer.style.symbols = tracer.system.symbols;
    tracer.folds = options->format == WS__FORMAT_TEXT && !options->no_fold;
    tracer.style.colored = options->format == WS__FORMAT_TEXT && ws__options_colored(options, tracer.output.descriptor);
    tracer_run(&tracer);
    result = tracer_end(&tracer);
out:
    ws_disasm_free(tracer.style.disasm);
    ws_forward_free(tracer.forward);
    ws__system_close(&tracer.system);
    free(tracer.queue);
    ws__fold_release(&tracer.fold);
    ws_buffer_release(&tracer.text);
    return result;
}
