/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What COM1 has received, and when: for recordings.
 */
#ifndef WS_MACHINE_INPUT_H
#define WS_MACHINE_INPUT_H

#include <worldswitch/machine.h>

/* Send it again, to a machine that has executed nothing: it comes in at that time.  In the order of times.
 * WS_OK, WS_BAD_ARGUMENT, WS_NO_MEMORY. */
enum ws_status ws__machine_serial_input_at(struct ws_machine *machine, uint64_t time, const void *bytes, size_t size);

/* The index-th lot that was sent so, and when: `time` is that of the machine's clock, which also counts what was
 * skipped in sleep.  Borrowed until the next lot is sent.  Returns false, and leaves all alone, if there is none. */
bool ws__machine_serial_input_get(const struct ws_machine *machine, size_t index, uint64_t *time, const void **bytes,
                                  size_t *size);

#endif
