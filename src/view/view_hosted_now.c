/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted architecture while it runs: figure 7-10 so small that it fits below the code.  The box
 * where the machine is now is emphasized, and the steps of the last paths are marked as far as they
 * have been made.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/forward.h>
#include <worldswitch/hosted.h>

#include "view/rows.h"

static const char *const picture[] = {
    " ┌─────┐ ┌─────┐ ┌────────────────────────┐              ┌────────────────────┐",
    " │ A   │ │ B   │ │ VMX                    │              │ virtual machine    │",
    " ├─────┴─┴─────┴─┴─▼(4)─┬─▲(3)(v)───▼(5)──┤ world switch ├──▼(1)────▼(i)──────┤",
    " │ host OS              │ VMX driver       │◄──(2)──(ii)──┤ VMM                │",
    " │   fs                 │                  │              │ exception handlers │",
    " │   scsi               │                  │              │                    │",
    " │   int handler  (iv) ◄┤ (iii) int        ├──(6)────────►│                    │",
    " └──────────────────────┴──────────────────┘              └────────────────────┘",
};

/* "here: the host OS, scsi (perform+1c), for process A".  Only kernels and the switch have symbols:
 * the programs' and the virtual machine's addresses mean something else in each address space. */
static void draw_now(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_side *here = &state->side[state->here];
    enum ws_hosted_place place = (enum ws_hosted_place)state->place;
    char symbol[64] = "";
    ws__rows_begin(rows);
    if (place == WS_HOSTED_NOWHERE) {
        ws__rows_print(rows, WS_ROLE_DIM, " here: the loader, before there are worlds");
        return;
    }
    ws__rows_print(rows, WS_ROLE_TITLE, " here: %s", ws_hosted_place_text(place));
    if (state->cpl == 0)
        ws__view_symbol(state, state->eip_linear, symbol, sizeof symbol);
    if (*symbol)
        ws__rows_print(rows, WS_ROLE_DIM, " (%s)", symbol);
    if (*here->process)
        ws__rows_print(rows, WS_ROLE_TEXT, "%s%s", state->cpl ? ": " : ", for process ", here->process);
    else if (ws_hosted_vmm_number(here->world) > 0)
        ws__rows_print(rows, WS_ROLE_TEXT, ", world %s", here->world);
}

/* "VMMs: vmm1, entered 12 times; vmm2, entered 9 times": where there are several, which has run how often. */
static void draw_vmms(struct ws_rows *rows, const struct ws_view_state *state)
{
    const char *name[WS_HOSTED_VMS_MOST];
    unsigned entered[WS_HOSTED_VMS_MOST] = {0}, count = 0;
    for (size_t at = 0; at < state->crossings && state->crossing[at].end <= state->mark; at++) {
        const struct ws_crossing *crossing = &state->crossing[at];
        unsigned vmm = 0;
        if (crossing->kind != WS_CROSSING_WORLD || ws_hosted_vmm_number(crossing->to) < 1)
            continue;
        while (vmm < count && strcmp(name[vmm], crossing->to) != 0)
            vmm++;
        if (vmm == count && count < WS_HOSTED_VMS_MOST)
            name[count++] = crossing->to;
        if (vmm < count)
            entered[vmm]++;
    }
    if (!count)
        return;
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_TITLE, " VMMs:");
    for (unsigned vmm = 0; vmm < count; vmm++) {
        bool here = strcmp(name[vmm], state->side[state->here].world) == 0;
        ws__rows_print(rows, here ? WS_ROLE_CURRENT : WS_ROLE_TEXT, "%s %s", vmm ? ";" : "", name[vmm]);
        ws__rows_print(rows, WS_ROLE_DIM, ", entered %u time%s", entered[vmm], entered[vmm] == 1 ? "" : "s");
    }
}

void ws_view_hosted_now(struct ws_rows *rows, const struct ws_view_state *state)
{
    if (!state->hosted) {
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, " this guest is not the hosted system of figure 7-10: it has no VMX driver");
        return;
    }
    ws__view_hosted_picture(rows, state, picture, sizeof picture / sizeof picture[0]);
    draw_now(rows, state);
    draw_vmms(rows, state);
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++)
        ws__view_hosted_path(rows, state, kind);
}
