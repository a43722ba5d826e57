/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hosted system: boot it, watch its switches, and read what the second of its virtual machines says. */
#include <stdio.h>
#include <string.h>

#include <worldswitch/worldswitch.h>

struct tally {
    unsigned long to_vmm, to_host, context;
    bool all_take_45;
};

static void count(void *context, const struct ws_crossing *crossing)
{
    struct tally *tally = context;
    if (crossing->kind != WS_CROSSING_WORLD) {
        tally->context += crossing->kind == WS_CROSSING_CONTEXT;
        return;
    }
    tally->to_vmm += !strncmp(crossing->to, "vmm", 3);
    tally->to_host += !strcmp(crossing->to, "host");
    tally->all_take_45 &= crossing->instructions == WS_CROSS_INSTRUCTIONS;
}

int main(void)
{
    struct tally tally = {.all_take_45 = true};
    struct ws_machine *machine;
    struct ws_symbols *symbols;
    struct ws_watcher *watcher;
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);

    if (ws_machine_new(&machine, NULL) || ws_symbols_new(&symbols) || ws_hosted_boot(machine, symbols) ||
        ws_machine_disk_attach_memory(machine, disk, bytes) || ws_watcher_new(&watcher, machine) ||
        ws_watcher_name_symbols(watcher, symbols) || ws_watcher_listen(watcher, count, &tally))
        return 1;
    ws_machine_run(machine, 0);

    printf("the run ended: %s\n", ws_halt_text(ws_machine_halt(machine)->reason));
    printf("more than 500 times to a VMM: %s, and as often back: %s\n", tally.to_vmm > 500 ? "yes" : "no",
           tally.to_vmm == tally.to_host ? "yes" : "no");
    printf("each of them in 45 instructions: %s\n", tally.all_take_45 ? "yes" : "no");
    printf("context switches in between: %s\n", tally.context ? "yes" : "no");

    const char *serial = ws_machine_serial(machine, &bytes), *line = serial;
    while (line && line < serial + bytes) {
        const char *end = memchr(line, '\n', (size_t)(serial + bytes - line));
        if (end && !strncmp(line, "vm2: ", 5))
            printf("%.*s\n", (int)(end - line), line);
        line = end ? end + 1 : NULL;
    }
    ws_watcher_free(watcher);
    ws_symbols_free(symbols);
    ws_machine_free(machine);
    return 0;
}
