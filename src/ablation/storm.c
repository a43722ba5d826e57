/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A storm over one world switch: undisturbed once, then from the same instant again for each boundary.
 */
#include <worldswitch/storm.h>

#include <worldswitch/exception.h>

enum { AFTER = 256 }; /* instructions behind the switch, in which an interrupt that waits must be served */

struct storm {
    const struct ws_storm_options *options;
    struct ws_lab *lab;
    struct ws_machine *machine;
    struct ws_snapshot *snapshot; /* where all begins */
    struct ws_audit_saved *saved;
    size_t findings; /* of before */
    uint32_t served;
    uint64_t begin, end; /* of the undisturbed switch */
};

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct storm *storm = context;
    if (storm->end || crossing->kind != WS_CROSSING_WORLD)
        return;
    storm->begin = crossing->begin;
    storm->end = crossing->end;
}

static enum ws_status go_back(const struct storm *storm)
{
    ws_snapshot_restore(storm->snapshot, storm->machine);
    ws_watcher_reset(storm->options->watcher);
    enum ws_status status = ws_audit_restore(storm->options->audit, storm->saved);
    return status == WS_OK ? ws_machine_failure(storm->machine) : status;
}

/* Where are the boundaries? */
static enum ws_status undisturbed_run(struct storm *storm)
{
    struct ws_watcher *watcher = storm->options->watcher;
    enum ws_status status = ws_watcher_listen(watcher, crossing_take, storm);
    if (status != WS_OK)
        return status;
    status = ws_world_switch(storm->options->to);
    ws_watcher_look(watcher);
    ws_watcher_unlisten(watcher, crossing_take, storm);
    if (status == WS_OK && !storm->end)
        status = WS_NOT_FOUND;
    return status;
}

/* An interrupt that waited until the switch was over is served now. */
static void served_wait(const struct storm *storm)
{
    for (unsigned i = 0; i < AFTER && ws_lab_storm_served(storm->lab) == storm->served; i++)
        if (ws_machine_run(storm->machine, 1) == WS_STOP_HALT)
            return;
}

static struct ws_storm_verdict boundary_try(struct storm *storm, uint64_t mark)
{
    struct ws_audit *audit = storm->options->audit;
    struct ws_storm_verdict verdict = {
        .mark = mark,
        .boundary = (unsigned)(mark - storm->begin),
        .boundaries = (unsigned)(storm->end - storm->begin + 1),
    };
    struct ws_interruption interruption = {
        .mark = mark, .vector = storm->options->nmi ? WS_VECTOR_NMI : WS_STORM_VECTOR, .nmi = storm->options->nmi};
    verdict.status = ws_world_switch_interrupted(storm->options->to, &interruption);
    verdict.linear = interruption.linear;
    if (verdict.status == WS_OK)
        served_wait(storm);
    ws_audit_finish(audit);
    verdict.served = ws_lab_storm_served(storm->lab) - storm->served;
    verdict.found = ws_audit_findings(audit) > storm->findings;
    if (verdict.found)
        verdict.finding = *ws_audit_finding(audit, storm->findings);
    verdict.sound = verdict.status == WS_OK && verdict.served == 1 && !verdict.found;
    return verdict;
}

static enum ws_status boundaries_try(struct storm *storm, ws_storm_judge *judge, void *context)
{
    enum ws_status status = undisturbed_run(storm);
    bool more = true;
    for (uint64_t mark = storm->begin; status == WS_OK && more && mark <= storm->end; mark++) {
        status = go_back(storm);
        if (status != WS_OK)
            break;
        struct ws_storm_verdict verdict = boundary_try(storm, mark);
        status = ws_machine_failure(storm->machine);
        more = status == WS_OK && judge(context, &verdict);
    }
    enum ws_status back = go_back(storm);
    return status == WS_OK ? back : status;
}

enum ws_status ws_storm(const struct ws_storm_options *options, ws_storm_judge *judge, void *context)
{
    struct storm storm = {.options = options, .lab = ws_world_lab(options->to)};
    storm.machine = ws_lab_machine(storm.lab);
    ws_watcher_look(options->watcher); /* the switch that led here may not be told yet */
    storm.findings = ws_audit_findings(options->audit);
    storm.served = ws_lab_storm_served(storm.lab);
    enum ws_status status = ws_snapshot_take(&storm.snapshot, storm.machine, NULL);
    if (status != WS_OK)
        return status;
    status = ws_audit_save(options->audit, &storm.saved);
    if (status == WS_OK)
        status = boundaries_try(&storm, judge, context);
    ws_audit_saved_free(storm.saved);
    ws_snapshot_free(storm.snapshot);
    return status;
}
