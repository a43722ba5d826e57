/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of the tour.  After a change: WS_GOLDEN_UPDATE=1 make check TESTS=tests/check_tui writes it to README.md. */
#include "tui/tour.h"

#include <assert.h>

/* clang-format off */
static const struct ws__tour_step laboratory[] = {
    { WS_TUI_LAB, "g3",
      "This is the laboratory, the smallest pair of worlds: a host and a VMM. The top line says which world the CPU "
      "is in, its privilege ring, and the mark: how many instructions have begun. `s` executes one instruction, `S` "
      "takes it back. A `*` stands beside what the last step changed.",
      "ss", { "mark 2", "ring 0", "*" } },
    { WS_TUI_LAB, "gw3",
      "`w` goes to the next world switch: the host is about to be left for the VMM. Each of its 45 instructions "
      "says why it is there, and what happens without it. They stand in the cross page, the only page that both "
      "worlds map.",
      "w", { "world switch host", "1/45", "Without it:" } },
    { WS_TUI_LAB, "gww3",
      "Panel `3` is figure 7-11, live: the host's address space on one side, the VMM's on the other. `/cr3` and "
      "Enter goes to the next write to CR3, number 25: what has a - is mapped now, and will vanish.",
      "/cr3<Enter>", { "25/45", "will vanish", ", now" } },
    { WS_TUI_LAB, "gww/cr3<Enter>3",
      "`s` executes it, and the host has vanished. Only the cross page stayed where it was, else there would be no "
      "next instruction. The CPU's tables still have addresses of the host: they are stale.",
      "s", { "26/45", "stale, not mapped: handlers (idt), segments (gdt)", "not mapped now" } },
    { WS_TUI_LAB, "gww/cr3<Enter>s3",
      "`f` goes to the end of the switch: the VMM runs. `=` says what all of it has changed, category by category. "
      "`e` shows the stack, and what the host has saved in the cross page.",
      "f=", { "world vmm", "the last switch begins", "general-registers" } },
    { WS_TUI_LAB, "gwwf5",
      "Panel `5` lists the switches that were seen, with their causes. `C` goes back to the one before: a switch "
      "that was seen once can be visited again, in both directions.",
      "C", { "world switch host", "1/45", "context" } },
};

static const struct ws__tour_step hosted[] = {
    { WS_TUI_HOSTED, "gc3",
      "This is the hosted system, figure 7-10 as software: a host with processes A, B and the VMXs, a VMM for each "
      "VMX, and a virtual machine on it. `c` goes to the next crossing, here a context switch: only the user half "
      "of the address space changes, and the tables of the CPU stay.",
      "c", { "context switch", "world host", "= segments (gdt)" } },
    { WS_TUI_HOSTED, "gc7",
      "`w` goes to the next world switch: a VMX has asked the driver, and the driver leaves the host for the VMM. "
      "Panel `7` is figure 7-10, live: the box where the machine is has a sign.",
      "w", { "world switch host", "1/45", ">world switch" } },
    { WS_TUI_HOSTED, "gw7",
      "`w` again comes back, for the virtual machine wanted something, or an interrupt came, which the driver "
      "raises for the host. Panel `5` says which. `C` and `W` go back the same way.",
      "w", { "world switch vmm", "1/45", "host" } },
    { WS_TUI_HOSTED, "gww7",
      "`?` explains the panel in sight, lists all keys, and explains words; `:4000000` and Enter goes to that mark; "
      "`q` leaves. That was the tour: `t` closes it, and begins it anew at any time.",
      ":4000000<Enter>", { "mark 4000000", "world host", "q leave" } },
};
/* clang-format on */

const struct ws__tour_step *ws__tour_steps(enum ws_tui_system system, unsigned *count)
{
    assert(system == WS_TUI_LAB || system == WS_TUI_HOSTED);
    bool lab = system == WS_TUI_LAB;
    *count = lab ? sizeof laboratory / sizeof laboratory[0] : sizeof hosted / sizeof hosted[0];
    return lab ? laboratory : hosted;
}
