/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lint: do two processes have one ring-0 stack?
 *
 * A kernel may copy frames to and fro as it likes, and have one stack for all.  So it is told of only where it has gone
 * wrong: a process goes back to ring 3 by a frame in the place where the CPU had pushed that of this process; but what
 * stands there is, to the last word, what the CPU pushed for another process since.
 */
#include "audit/lint.h"

#include <string.h>

/* The frame at this linear address; a stack segment has base 0 in all kernels that switch processes.  false: it cannot
 * be read, or there is no paging, and then processes cannot be told apart. */
static bool frame_read(const struct ws_lint *lint, uint32_t linear, struct ws__lint_frame *out)
{
    struct ws_registers now;
    struct ws_translation walk;
    ws_machine_registers(lint->machine, &now);
    *out = (struct ws__lint_frame){.cr3 = now.value[WS_CR3] & WS_PAGE_FRAME};
    if (!(now.value[WS_CR0] & WS_CR0_PG) ||
        !ws_machine_translate(lint->machine, linear, WS_ACCESS_READ, false, &walk) ||
        ws_machine_read(lint->machine, linear, out->pushed, sizeof out->pushed) != WS_OK)
        return false;
    out->phys = walk.phys;
    return true;
}

void ws__lint_frame_pushed(struct ws_lint *lint, const struct ws_event *event)
{
    struct ws__lint_frame pushed, *row = NULL;
    if (event->cpl != 3 || !frame_read(lint, event->esp + (event->has_error_code ? 4 : 0), &pushed))
        return;
    pushed.mark = event->mark;
    for (unsigned i = 0; i < WS__LINT_FRAMES; i++) {
        struct ws__lint_frame *other = &lint->frame[i];
        if (other->phys != pushed.phys)
            continue;
        if (other->cr3 == pushed.cr3) {
            row = other;
            continue;
        }
        other->over_cr3 = pushed.cr3;
        other->over_mark = pushed.mark;
        memcpy(other->over_pushed, pushed.pushed, sizeof pushed.pushed);
    }
    if (!row)
        row = &lint->frame[lint->frames++ % WS__LINT_FRAMES];
    *row = pushed;
}

void ws__lint_frame_popped(struct ws_lint *lint, const struct ws_event *event)
{
    struct ws__lint_frame popped;
    if (!frame_read(lint, event->esp_before, &popped))
        return;
    for (unsigned i = 0; i < WS__LINT_FRAMES; i++) {
        struct ws__lint_frame *row = &lint->frame[i];
        if (row->phys != popped.phys || row->cr3 != popped.cr3)
            continue;
        if (row->over_cr3 && memcmp(popped.pushed, row->over_pushed, sizeof popped.pushed) == 0 &&
            memcmp(popped.pushed, row->pushed, sizeof popped.pushed) != 0)
            ws__lint_tell(lint, WS_LINT_SHARED_STACK, event->mark, row->phys,
                          "the process with CR3 0x%08x goes back to ring 3 by the frame of another one, CR3 0x%08x, "
                          "pushed at mark %llu over its own of mark %llu: both have one ring-0 stack",
                          row->cr3, row->over_cr3, (unsigned long long)row->over_mark, (unsigned long long)row->mark);
        *row = (struct ws__lint_frame){.phys = 0};
    }
}
