/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instant of a laboratory from which many things are tried: machine, watcher and audit go back to it each time.
 */
#ifndef WS_ABLATION_INSTANT_H
#define WS_ABLATION_INSTANT_H

#include <worldswitch/storm.h>

struct ws__instant {
    const struct ws_storm_options *options;
    struct ws_lab *lab;
    struct ws_machine *machine;
    struct ws_snapshot *snapshot;
    struct ws_audit_saved *saved;
    size_t findings;     /* of before */
    uint64_t begin, end; /* of the switch to options->to, undisturbed */
};

/* Keep the instant, and let the guest switch once, to know how that goes; then the machine is behind it.  WS_OK, or as
 * ws_storm(); the instant is to be closed in any case. */
enum ws_status ws__instant_open(struct ws__instant *instant, const struct ws_storm_options *options);
/* WS_OK, or why the machine can do no more: WS_NO_MEMORY. */
enum ws_status ws__instant_back(const struct ws__instant *instant);
/* Go back, and forget it.  The first status that is not WS_OK: `status`, or why going back failed. */
enum ws_status ws__instant_close(struct ws__instant *instant, enum ws_status status);
/* The first thing that the audit has found since, copied.  false: nothing. */
bool ws__instant_found(const struct ws__instant *instant, struct ws_finding *out);

#endif
