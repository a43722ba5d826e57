/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that were out of date when the guest used them: only a machine that keeps translations has them.
 */
#include "timeline/why.h"

#include "timeline/internal.h"

struct stale {
    struct ws_event first; /* one that led elsewhere or faulted, if there is one */
    uint64_t times;
};

static void stale_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct stale *stale = context;
    (void)machine;
    bool worse = stale->first.reason.code == WS_REASON_STALE_USED && event->reason.code != WS_REASON_STALE_USED;
    if (!stale->times++ || worse)
        stale->first = *event;
}

void ws__why_stale(const struct ws_why *why, struct ws_buffer *out, uint64_t end)
{
    struct stale stale = {.times = 0};
    if (ws_machine_tlb(why->machine) != WS_TLB_KEEP || !ws__why_visit(why, out, ws_timeline_start(why->timeline)) ||
        !ws__why_listen(why, out, WS_EVENT_MASK(STALE), stale_see, &stale))
        return;
    ws__why_run(why, out, end);
    ws_machine_unlisten(why->machine, stale_see, &stale);
    if (!stale.times)
        return;
    const struct ws_event *first = &stale.first;
    ws__why_rank(out, WS__WHY_ALWAYS);
    ws_buffer_printf(out, "an old translation was used%s: page 0x%08x\n  at mark %llu, ",
                     stale.times > 1 ? ", not only here" : "", first->which, (unsigned long long)first->mark);
    ws__why_place(why, out, first->linear);
    ws_buffer_printf(out, ", ring %u: ", first->cpl);
    if (ws__why_visit(why, out, first->mark))
        ws__why_instruction(why, out, first->linear);
    ws_buffer_printf(out, "\n  ");
    ws_reason_append(out, &first->reason);
    ws_buffer_printf(out, "\n  [%s]\n", ws_reason_citation(&first->reason));
    ws__why_rank(out, WS__WHY_DECIDED);
    ws__why_page(why, out, first->which, WS_ACCESS_READ, false, first->reason.code == WS_REASON_STALE_USED);
    ws__why_visit(why, out, end);
}
