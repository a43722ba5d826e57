/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Context switch or world switch: what changes?
 *
 * The laboratory's own run has both.  The first crossing of each kind is printed as columns: the difference that figure
 * 7-11 of Tanenbaum & Bos draws, measured.
 */
#include <stdio.h>
#include <string.h>
#include <worldswitch/worldswitch.h>

struct seen {
    struct ws_crossing crossing[2]; /* by kind */
};

static void keep(void *context, const struct ws_crossing *crossing)
{
    struct seen *seen = context;
    struct ws_crossing *slot = &seen->crossing[crossing->kind];
    /* Not the loader's way into the host, and not the host's into its first process. */
    const char *unwanted = crossing->kind == WS_CROSSING_WORLD ? "boot" : "host";
    if (!slot->end && strcmp(crossing->from, unwanted) != 0)
        *slot = *crossing;
}

int main(void)
{
    struct seen seen = {0};
    struct ws_watcher *watcher = NULL;
    struct ws_lab *lab = NULL;
    enum ws_status status = ws_lab_system_new(&lab, NULL);
    if (status == WS_OK)
        status = ws_watcher_new(&watcher, ws_lab_machine(lab));
    if (status == WS_OK)
        status = ws_watcher_name_symbols(watcher, ws_lab_symbols(lab));
    if (status == WS_OK)
        status = ws_watcher_listen(watcher, keep, &seen);
    if (status == WS_OK) {
        ws_machine_run(ws_lab_machine(lab), 0);
        printf("%-18s %-10s %-10s\n", "", "context", "world");
        for (unsigned category = 0; category < WS_CATEGORY_COUNT; category++) {
            printf("%-18s", ws_category_name(category));
            for (unsigned kind = 0; kind < 2; kind++)
                printf(" %-10s", seen.crossing[kind].changed >> category & 1 ? "changes" : "stays");
            printf("\n");
        }
        printf("%-18s %s to %s, %s to %s\n", "from, to", seen.crossing[0].from, seen.crossing[0].to,
               seen.crossing[1].from, seen.crossing[1].to);
    }
    if (status != WS_OK)
        fprintf(stderr, "context_or_world: %s\n", ws_status_text(status));
    ws_watcher_free(watcher);
    ws_lab_free(lab);
    return status == WS_OK ? 0 : 1;
}
