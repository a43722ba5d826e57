/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would happen without this instruction? Remove one from the world switch, and ask.
 */
#include <stdio.h>
#include <worldswitch/worldswitch.h>

int main(void)
{
    /* Two that fault at once, one that is noticed only when the world comes back. */
    static const uint8_t removed[] = {35, 38, 17};
    struct ws_ablation *ablation;
    struct ws_ablation_verdict verdict;
    unsigned noticed = 0;
    if (ws_ablation_new(&ablation, WS_TLB_COHERENT))
        return 1;
    for (unsigned i = 0; i < sizeof removed; i++) {
        struct ws_ablation_case tried = {.kind = WS_ABLATION_REMOVE, .instruction = removed[i]};
        if (ws_ablation_try(ablation, &tried, &verdict))
            break;
        printf("%u, %s: noticed by", removed[i], verdict.text);
        for (unsigned who = 0; who < verdict.by_count; who++)
            printf(" %s", verdict.by[who]);
        printf("\n");
        noticed += verdict.detected;
    }
    ws_ablation_free(ablation);
    return noticed == sizeof removed ? 0 : 1;
}
