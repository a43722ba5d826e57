/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing a register from outside, for a person who asks "what if".
 */
#include <worldswitch/machine.h>

#include <string.h>

#include "machine/acts.h"
#include "machine/board.h"

/* SDM 1 §3.4.3 "EFLAGS Register": bit 1 is always set.  VM and RF are left out: popf sets neither, and this machine has
 * no virtual-8086 mode. */
enum { FLAGS_ALWAYS = 0x2, FLAGS_FREE = 0x247fd5 };

static unsigned control_number(enum ws_register which)
{
    return which == WS_CR0 ? 0 : which == WS_CR2 ? 2 : which == WS_CR3 ? 3 : 4;
}

enum ws_status ws__register_check(enum ws_register which, uint32_t value)
{
    switch (which) {
    case WS_EAX:
    case WS_ECX:
    case WS_EDX:
    case WS_EBX:
    case WS_ESP:
    case WS_EBP:
    case WS_ESI:
    case WS_EDI:
    case WS_EIP:
        return WS_OK;
    case WS_EFLAGS:
        return (value & ~(uint32_t)FLAGS_FREE) == FLAGS_ALWAYS ? WS_OK : WS_BAD_ARGUMENT;
    case WS_CR0:
    case WS_CR2:
    case WS_CR3:
    case WS_CR4:
        return ws__execute_control_is_plain(control_number(which), value) ? WS_OK : WS_BAD_ARGUMENT;
    default:
        return WS_UNSUPPORTED;
    }
}

enum ws_status ws_machine_register_set(struct ws_machine *machine, enum ws_register which, uint32_t value)
{
    const struct ws__act act = {machine->cpu.state.begun, WS__ACT_REGISTER, which, &value, sizeof value};
    enum ws_status status = ws__register_check(which, value);
    if (status != WS_OK)
        return status;
    ws__act_note(machine, &act);
    ws__engine_set(machine->cpu.engine, which, value);
    if (which == WS_CR0 || which == WS_CR2 || which == WS_CR3 || which == WS_CR4)
        ws__cpu_control_loaded(&machine->cpu, which, value);
    ws__cpu_resync(&machine->cpu);
    ws__board_settle(machine);
    return WS_OK;
}
