/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write your own switch, and see it recognized.
 *
 * Seven instructions, called like a function: they save two registers, load the CR3 and the stack of another process,
 * and return as that process.  The watcher was never told about them.
 */
#include <stdio.h>
#include <string.h>
#include <worldswitch/worldswitch.h>

static const uint8_t code[] = {
    0xb8, 0,    0,    0,    0,    /*  0       mov $CR3, %eax */
    0xb9, 0,    0,    0,    0,    /*  5       mov $STACK, %ecx */
    0xe8, 2,    0,    0,    0,    /* 10       call my_switch */
    0xfa, 0xf4,                   /* 15       cli; hlt        never reached */
    0x55, 0x53,                   /* 17 my_switch: push %ebp; push %ebx */
    0x0f, 0x22, 0xd8, 0x89, 0xcc, /* 19       mov %eax, %cr3; mov %ecx, %esp */
    0x5b, 0x5d, 0xc3,             /* 24       pop %ebx; pop %ebp; ret */
    0xfa, 0xf4,                   /* 27 other: cli; hlt */
};
enum { CR3 = 1, STACK = 6, OTHER = 27, NEW_STACK = 0xf00 };

static void told(void *context, const struct ws_crossing *crossing)
{
    (void)context;
    printf("%s switch from %s to %s: %llu instructions\n", ws_crossing_kind_name(crossing->kind), crossing->from,
           crossing->to, (unsigned long long)crossing->instructions);
}

int main(void)
{
    struct ws_lab *lab;
    struct ws_world *world;
    struct ws_process *process;
    struct ws_watcher *watcher;
    struct ws_world_options options = {.name = "mine"};
    struct ws_registers registers;
    if (ws_lab_new(&lab, NULL) || ws_world_new(lab, &options, &world) || ws_process_new(world, "him", &process))
        return 1;
    uint8_t page[WS_PAGE_BYTES] = {0};
    uint32_t linear = ws_world_kernel_linear(world) + 0x200000, cr3 = ws_process_cr3(process);
    uint32_t stack = linear + NEW_STACK, frame[3] = {0, 0, linear + OTHER}; /* EBX, EBP, where `ret` goes */
    memcpy(page, code, sizeof(code));
    memcpy(page + CR3, &cr3, sizeof(cr3));
    memcpy(page + STACK, &stack, sizeof(stack));
    memcpy(page + NEW_STACK, frame, sizeof(frame));
    ws_world_registers(world, &registers);
    registers.value[WS_EIP] = linear;
    if (ws_world_map(world, linear, sizeof(page), WS_MAP_WRITE) || ws_world_load(world, linear, page, sizeof(page)) ||
        ws_world_set_registers(world, &registers) || ws_lab_enter(lab, world) ||
        ws_watcher_new(&watcher, ws_lab_machine(lab)) || ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)) ||
        ws_watcher_listen(watcher, told, NULL))
        return 1;
    ws_machine_run(ws_lab_machine(lab), 0);
    printf("%s\n", ws_halt_text(ws_machine_halt(ws_lab_machine(lab))->reason));
    ws_watcher_free(watcher);
    ws_lab_free(lab);
    return 0;
}
