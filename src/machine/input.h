/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What COM1 and the keyboard have been sent from outside, and when: for recordings, and for the chips.
 */
#ifndef WS_MACHINE_INPUT_H
#define WS_MACHINE_INPUT_H

#include <worldswitch/machine.h>

enum ws__input_port { WS__INPUT_SERIAL, WS__INPUT_KEYBOARD, WS__INPUT_PORTS };

/* Send it again, to a machine that has executed nothing: it comes in at that time.  In the order of times.
 * WS_OK, WS_BAD_ARGUMENT, WS_NO_MEMORY. */
enum ws_status ws__machine_input_at(struct ws_machine *machine, enum ws__input_port port, uint64_t time,
                                    const void *bytes, size_t size);

/* The index-th lot that was sent so, and when: `time` is that of the machine's clock, which also counts what was
 * skipped in sleep.  Borrowed until the next lot is sent.  Returns false, and leaves all alone, if there is none. */
bool ws__machine_input_get(const struct ws_machine *machine, enum ws__input_port port, size_t index, uint64_t *time,
                           const void **bytes, size_t *size);

/* For the chips: when the next byte can be had, WS__NEVER if there is none; and that byte. */
uint64_t ws__input_serial_time(void *machine);
uint8_t ws__input_serial_take(void *machine);
uint64_t ws__input_keyboard_time(void *machine);
uint8_t ws__input_keyboard_take(void *machine);

#endif
