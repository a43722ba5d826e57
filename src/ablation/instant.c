/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping an instant, and going back to it. */
#include "ablation/instant.h"

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct ws__instant *instant = context;
    if (instant->end || crossing->kind != WS_CROSSING_WORLD)
        return;
    instant->begin = crossing->begin;
    instant->end = crossing->end;
}

/* When does the switch begin, and when does it end? */
static enum ws_status undisturbed_run(struct ws__instant *instant)
{
    struct ws_watcher *watcher = instant->options->watcher;
    enum ws_status status = ws_watcher_listen(watcher, crossing_take, instant);
    if (status != WS_OK)
        return status;
    status = ws_world_switch(instant->options->to);
    ws_watcher_look(watcher);
    ws_watcher_unlisten(watcher, crossing_take, instant);
    return status == WS_OK && !instant->end ? WS_NOT_FOUND : status;
}

enum ws_status ws__instant_open(struct ws__instant *instant, const struct ws_storm_options *options)
{
    *instant = (struct ws__instant){.options = options, .lab = ws_world_lab(options->to)};
    instant->machine = ws_lab_machine(instant->lab);
    ws_watcher_look(options->watcher); /* the switch that led here may not be told yet */
    instant->findings = ws_audit_findings(options->audit);
    enum ws_status status = ws_audit_save(options->audit, &instant->saved);
    if (status == WS_OK)
        status = ws_snapshot_take(&instant->snapshot, instant->machine);
    return status == WS_OK ? undisturbed_run(instant) : status;
}

enum ws_status ws__instant_back(const struct ws__instant *instant)
{
    ws_snapshot_restore(instant->snapshot, instant->machine);
    ws_machine_acts_forget(instant->machine); /* of the trial before: it was not the run */
    ws_watcher_reset(instant->options->watcher);
    enum ws_status status = ws_audit_restore(instant->options->audit, instant->saved);
    return status == WS_OK ? ws_machine_failure(instant->machine) : status;
}

enum ws_status ws__instant_close(struct ws__instant *instant, enum ws_status status)
{
    enum ws_status back = instant->snapshot ? ws__instant_back(instant) : WS_OK;
    ws_audit_saved_free(instant->saved);
    ws_snapshot_free(instant->snapshot);
    return status == WS_OK ? back : status;
}

bool ws__instant_found(const struct ws__instant *instant, struct ws_finding *out)
{
    const struct ws_finding *finding = ws_audit_finding(instant->options->audit, instant->findings);
    if (finding)
        *out = *finding;
    return finding != NULL;
}
