/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot from inside: for who wants to say what has changed since, and for who keeps one twice. */
#ifndef WS_MACHINE_SNAPSHOT_H
#define WS_MACHINE_SNAPSHOT_H

#include <worldswitch/machine.h>

#include "machine/disk/disk.h"

/* Another owner of the same snapshot: it is freed when the last one frees it.  Returns `snapshot`. */
struct ws_snapshot *ws__snapshot_share(struct ws_snapshot *snapshot);

/* Its RAM. */
const struct ws__ram_copy *ws__snapshot_ram(const struct ws_snapshot *snapshot);
/* How much had been sent on COM1. */
uint64_t ws__snapshot_serial_sent(const struct ws_snapshot *snapshot);
/* What was written on the disk; NULL: nothing. */
const struct ws__disk_table *ws__snapshot_disk(const struct ws_snapshot *snapshot);

#endif
