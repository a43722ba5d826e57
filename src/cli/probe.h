/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small guests that try what the machine's devices and its loader can do, for doctor.
 */
#ifndef WS_CLI_PROBE_H
#define WS_CLI_PROBE_H

#include <stddef.h>

#include <worldswitch/status.h>

enum { WS__PROBES = 4 };

/* What probe `number` tries, and what it says if that works; constants. */
const char *ws__probe_name(size_t number);
const char *ws__probe_text(size_t number);

/* Try it.  WS_OK; WS_TIMEOUT if the guest did not see what it should have seen; others if there was no such run. */
enum ws_status ws__probe_run(size_t number);

#endif
