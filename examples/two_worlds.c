/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Build two worlds and switch between them.
 *
 * Each world gets a page directory, GDT, LDT, IDT, TSS, kernel stack and a small kernel of its own, all different from
 * the other's.  ws_world_switch() makes the guest run the 45 instructions in the cross page; we only look.
 */
#include <stdio.h>
#include <worldswitch/worldswitch.h>

static void look(struct ws_lab *lab)
{
    struct ws_registers now;
    ws_machine_registers(ws_lab_machine(lab), &now);
    printf("in %-5s  ring %u  idtr.base 0x%08x  gdtr.base 0x%08x  tr 0x%04x\n",
           ws_world_name(ws_lab_running_world(lab)), ws_machine_cpl(ws_lab_machine(lab)), now.value[WS_IDTR_BASE],
           now.value[WS_GDTR_BASE], now.value[WS_TR]);
}

static void told(void *context, const struct ws_crossing *crossing)
{
    (void)context;
    printf("crossing: %s switch, %llu instructions\n", ws_crossing_kind_name(crossing->kind),
           (unsigned long long)crossing->instructions);
}

int main(void)
{
    struct ws_world_options host_options = {.name = "host"}, guest_options = {.name = "other"};
    struct ws_lab *lab = NULL;
    struct ws_world *host, *other;
    struct ws_watcher *watcher = NULL;
    enum ws_status status = ws_lab_new(&lab, NULL);
    if (status == WS_OK)
        status = ws_world_new(lab, &host_options, &host);
    if (status == WS_OK)
        status = ws_world_new(lab, &guest_options, &other);
    if (status == WS_OK)
        status = ws_lab_enter(lab, host);
    if (status == WS_OK)
        status = ws_watcher_new(&watcher, ws_lab_machine(lab));
    if (status == WS_OK)
        status = ws_watcher_listen(watcher, told, NULL);

    for (int round = 0; round < 2 && status == WS_OK; round++) {
        look(lab);
        status = ws_world_switch(other);
        if (status != WS_OK)
            break;
        look(lab);
        status = ws_world_switch(host);
    }
    if (status != WS_OK)
        fprintf(stderr, "two_worlds: %s\n", ws_status_text(status));
    ws_watcher_free(watcher);
    ws_lab_free(lab);
    return status == WS_OK ? 0 : 1;
}
