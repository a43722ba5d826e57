/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A storm over one world switch: undisturbed once, then from the same instant again for each boundary.
 */
#include <worldswitch/storm.h>

#include <worldswitch/exception.h>

#include "ablation/instant.h"

enum { AFTER = 256 }; /* instructions behind the switch, in which an interrupt that waits must be served */

/* An interrupt that waited until the switch was over is served now. */
static void served_wait(const struct ws__instant *instant, uint32_t served)
{
    for (unsigned i = 0; i < AFTER && ws_lab_storm_served(instant->lab) == served; i++)
        if (ws_machine_run(instant->machine, 1) == WS_STOP_HALT)
            return;
}

static struct ws_storm_verdict boundary_try(const struct ws__instant *instant, uint64_t mark)
{
    const struct ws_storm_options *options = instant->options;
    uint32_t served = ws_lab_storm_served(instant->lab);
    struct ws_interruption interruption = {.mark = mark, .vector = WS_STORM_VECTOR, .nmi = options->nmi};
    struct ws_storm_verdict verdict = {
        .mark = mark,
        .boundary = (unsigned)(mark - instant->begin),
        .boundaries = (unsigned)(instant->end - instant->begin + 1),
    };
    verdict.status = ws_world_switch_interrupted(options->to, &interruption);
    verdict.linear = interruption.linear;
    if (verdict.status == WS_OK)
        served_wait(instant, served);
    ws_audit_finish(options->audit);
    verdict.served = ws_lab_storm_served(instant->lab) - served;
    verdict.found = ws__instant_found(instant, &verdict.finding);
    verdict.sound = verdict.status == WS_OK && verdict.served == 1 && !verdict.found;
    return verdict;
}

enum ws_status ws_storm(const struct ws_storm_options *options, ws_storm_judge *judge, void *context)
{
    struct ws__instant instant;
    enum ws_status status = ws__instant_open(&instant, options);
    bool more = true;
    for (uint64_t mark = instant.begin; status == WS_OK && more && mark <= instant.end; mark++) {
        status = ws__instant_back(&instant);
        if (status != WS_OK)
            break;
        struct ws_storm_verdict verdict = boundary_try(&instant, mark);
        status = ws_machine_failure(instant.machine);
        more = status == WS_OK && judge(context, &verdict);
    }
    return ws__instant_close(&instant, status);
}
