/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walk a page table: the same linear address in two worlds, and addresses that lead nowhere.
 */
#include <stdio.h>
#include <worldswitch/worldswitch.h>

static void walk(struct ws_lab *lab, struct ws_world *world, uint32_t linear, enum ws_access access, bool user)
{
    struct ws_physical memory = ws_machine_memory(ws_lab_machine(lab));
    struct ws_translation translation;
    struct ws_buffer text = WS_BUFFER_INIT;
    struct ws_registers registers;
    ws_world_registers(world, &registers);
    bool allowed = ws_page_walk(&translation, &memory, &registers, linear, access, user);
    ws_page_describe(&text, &translation);
    printf("== %s, 0x%08x, ring %u %s: %s\n%s\n", ws_world_name(world), linear, user ? 3u : 0u,
           access == WS_ACCESS_WRITE ? "writes" : "reads", allowed ? "allowed" : "page fault", ws_buffer_text(&text));
    ws_buffer_release(&text);
}

int main(void)
{
    struct ws_lab *lab = NULL;
    enum ws_status status = ws_lab_system_new(&lab, NULL);
    if (status == WS_OK) {
        struct ws_world *host = ws_lab_world(lab, 1), *vmm = ws_lab_world(lab, 2);
        uint32_t kernel = ws_world_kernel_linear(host) + 0x1000; /* its page of tables */
        walk(lab, host, kernel, WS_ACCESS_READ, false);
        walk(lab, host, kernel, WS_ACCESS_READ, true); /* not for ring 3 */
        walk(lab, vmm, kernel, WS_ACCESS_READ, false); /* not in the other world */
        walk(lab, host, WS_CROSS_LINEAR, WS_ACCESS_WRITE, false);
        walk(lab, vmm, WS_CROSS_LINEAR, WS_ACCESS_WRITE, false); /* the one page that both have */
        ws_lab_free(lab);
        return 0;
    }
    fprintf(stderr, "walk_page_table: %s\n", ws_status_text(status));
    return 1;
}
