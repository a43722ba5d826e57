/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules for context switches: another process, the same world.
 */
#include <string.h>

#include "audit/rules.h"
#include "worlds/layout.h"
#include "x86/page_difference.h"

static void register_check(const struct ws__case *judged, const struct ws_registers *due, enum ws_register which,
                           struct ws_buffer *wrong)
{
    uint32_t seen = judged->crossing->after.value[which];
    if (seen != due->value[which])
        ws_buffer_printf(wrong, "%s%s is 0x%08x, must be 0x%08x", wrong->size ? "; " : "",
                         ws_register_info(which)->name, seen, due->value[which]);
}

void ws__rule_callee_saved(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    static const uint8_t saved[] = {WS_EBX, WS_ESI, WS_EDI, WS_EBP};
    (void)category;
    for (unsigned i = 0; i < sizeof saved; i++)
        register_check(judged, &judged->due->registers, (enum ws_register)saved[i], wrong);
}

void ws__rule_tables_kept(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    static const uint8_t kept[] = {WS_GDTR_BASE, WS_GDTR_LIMIT, WS_IDTR_BASE, WS_IDTR_LIMIT, WS_TR};
    bool by_hardware = judged->crossing->instructions == 1; /* a task switch changes TR */
    (void)category;
    for (unsigned i = 0; i < sizeof kept; i++)
        if (kept[i] != WS_TR || !by_hardware)
            register_check(judged, &judged->crossing->before, (enum ws_register)kept[i], wrong);
}

uint32_t ws__esp0_read(const struct ws_machine *machine)
{
    struct ws_descriptor task;
    uint32_t esp0 = 0;
    ws_machine_segment(machine, WS_TR, &task);
    if (!task.present || ws_machine_read(machine, task.base + WS_TSS_ESP0, &esp0, sizeof esp0) != WS_OK)
        return 0;
    return esp0;
}

/* Is `esp` in the stack that ends at `top`? Kernel stacks have a page or two. */
static bool is_stack_of(uint32_t top, uint32_t esp)
{
    return top - esp <= 2 * WS_PAGE_BYTES;
}

/* Only who has pages of ring 3 can be interrupted there. */
static bool has_user_part(const struct ws__case *judged, struct ws_buffer *wrong)
{
    struct ws_physical memory = ws_machine_memory(judged->machine);
    struct ws_page_map map = {0};
    bool has = false;
    wrong->failed |= ws_page_map_read(&map, &memory, &judged->crossing->after) != WS_OK;
    for (size_t i = 0; i < map.count && !has; i++)
        has = map.run[i].user;
    ws_page_map_release(&map);
    return has;
}

void ws__rule_ring0_stack(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    uint32_t seen = ws__esp0_read(judged->machine), due = judged->due->known ? judged->due->esp0 : 0;
    const struct ws_crossing *crossing = judged->crossing;
    (void)category;
    if (due && seen != due && has_user_part(judged, wrong))
        ws_buffer_printf(wrong, "esp0 in the TSS is 0x%08x, must be 0x%08x", seen, due);
    else if (seen && seen == judged->left_esp0 && is_stack_of(seen, crossing->before.value[WS_ESP]) &&
             !is_stack_of(seen, crossing->after.value[WS_ESP]) && has_user_part(judged, wrong))
        ws_buffer_printf(wrong, "esp0 in the TSS, 0x%08x, still is the stack of \"%s\"", seen, crossing->from);
}

void ws__rule_kernel_kept(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    struct ws_physical memory = ws_machine_memory(judged->machine);
    (void)category;
    if (ws__page_difference_find(&memory, &judged->crossing->before, &judged->crossing->after).kernel)
        ws_buffer_printf(wrong, "the kernel part has other pages than in \"%s\"", judged->crossing->from);
}

void ws__rule_user_part(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    struct ws_physical memory = ws_machine_memory(judged->machine);
    struct ws_page_map now = {0};
    (void)category;
    if (!judged->due->map.count)
        return;
    if (ws_page_map_read(&now, &memory, &judged->crossing->after) != WS_OK)
        wrong->failed = true;
    else if (ws_page_map_differs(&judged->due->map, &now, true))
        ws_buffer_printf(wrong, "the user part has other pages than when it was left");
    ws_page_map_release(&now);
}
