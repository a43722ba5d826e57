/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making a process.
 *
 * Like a world it begins as if it had just been left.  Its kernel stack page, from the top:
 *
 *      struct ws_trap_frame     ring 3's registers: trap_return in vectors.S goes there by iret
 *      struct ws_switch_frame   what context_switch() pops; returns to trap_return
 *      ...
 *      struct ws_process_block  at the page's foot
 */
#include <stdlib.h>
#include <string.h>

#include <worldswitch/segment.h>

#include "worlds/lab.h"

/* The largest number of processes whose stacks fit below the free part of the kernel half. */
enum { PROCESSES_MAX = (WS_KERNEL_FREE - WS_KERNEL_PROCESSES) / WS_KERNEL_PROCESS_BYTES };

/* register, field of the trap frame */
#define FRAME_TABLE(X) \
    X(EAX, eax)        \
    X(ECX, ecx)        \
    X(EDX, edx)        \
    X(EBX, ebx)        \
    X(ESP, user_esp)   \
    X(EBP, ebp)        \
    X(ESI, esi)        \
    X(EDI, edi)        \
    X(EIP, eip)        \
    X(EFLAGS, eflags)  \
    X(CS, cs)          \
    X(SS, user_ss)     \
    X(DS, ds)          \
    X(ES, es)          \
    X(FS, fs)          \
    X(GS, gs)

static uint32_t frame_linear(const struct ws_process *process)
{
    return ws_process_kernel_stack(process) - (uint32_t)sizeof(struct ws_trap_frame);
}

/* Its kernel stack is in the kernel half, so the world's own page directory reaches it. */
static enum ws_status write_kernel(const struct ws_process *process, uint32_t linear, const void *content, size_t bytes)
{
    return ws__space_write(process->world->lab, process->world->cr3, linear, content, (uint32_t)bytes);
}

static enum ws_status write_frame(struct ws_process *process, const struct ws_registers *registers)
{
    struct ws_trap_frame frame = {0};

#define FRAME_SET(name, field) frame.field = registers->value[WS_##name];
    FRAME_TABLE(FRAME_SET)
#undef FRAME_SET
    return write_kernel(process, frame_linear(process), &frame, sizeof frame);
}

/* Each register gets a value that no other process of the lab has. */
static void choose_registers(const struct ws_process *process, struct ws_registers *registers)
{
    static const uint8_t general[] = {WS_EAX, WS_ECX, WS_EDX, WS_EBX, WS_EBP, WS_ESI, WS_EDI};
    const struct ws_world *world = process->world;
    uint32_t *value = registers->value;
    size_t i;

    for (i = 0; i < sizeof general; i++)
        value[general[i]] = (uint32_t)(world->index << 28 | (world->processes + 1) << 20 | (i + 1) * 0x00000101);
    value[WS_ESP] = world->kernel_linear;
    value[WS_EFLAGS] = WS_EFLAGS_FIXED | WS_EFLAGS_IF;
    value[WS_CS] = ws_world_selector(world, WS_SELECTOR_USER_CODE);
    value[WS_SS] = value[WS_DS] = value[WS_ES] = ws_world_selector(world, WS_SELECTOR_USER_DATA);
    value[WS_FS] = ws_world_selector(world, WS_SELECTOR_FS);
    value[WS_GS] = ws_world_selector(world, WS_SELECTOR_GS);
}

static enum ws_status map_stacks(struct ws_process *process)
{
    struct ws_world *world = process->world;
    struct ws_lab *lab = world->lab;
    enum ws_status status = ws__page_new(lab, &process->cr3);

    if (status == WS_OK)
        status = ws__space_map(lab, world->cr3, process->block, WS_PAGE_BYTES, WS_PTE_RW | world->pte_flags);
    if (status == WS_OK)
        status = ws__space_map(lab, process->cr3, world->kernel_linear - WS_PAGE_BYTES, WS_PAGE_BYTES,
                               WS_PTE_RW | WS_PTE_US);
    return status;
}

/* Put it at the end of its world's list, which owns it. */
static void append(struct ws_process *process)
{
    struct ws_process **last = &process->world->process;

    while (*last)
        last = &(*last)->next;
    *last = process;
    process->world->processes++;
}

/* Close the guest's ring over it: its predecessor's word, or the kernel's, leads to it.  Its own is
 * in its block. */
static enum ws_status close_ring(const struct ws_process *process)
{
    const struct ws_world *world = process->world;
    const struct ws_process *before = world->process;
    uint32_t word = world->resident + (uint32_t)offsetof(struct ws_resident, processes);

    for (; before != process; before = before->next)
        word = before->block + (uint32_t)offsetof(struct ws_process_block, next);
    return write_kernel(process, word, &process->block, sizeof process->block);
}

/* What context_switch() pops of a process that has not run: the kernel's, or in the format of the user's own.  It is
 * below `top`; *esp is where it begins. */
static enum ws_status write_switch_frame(struct ws_process *process, uint32_t top, uint32_t *esp)
{
    const struct ws_context_code *own = &process->world->context_code;
    struct ws_cross_code format = {.slot = own->slot, .slots = own->slots};
    struct ws_registers registers = {.value = {[WS_EFLAGS] = WS_EFLAGS_FIXED}};
    uint8_t bytes[WS__FRAME_BYTES] = {0};
    struct ws_switch_frame frame = {0};
    enum ws_status status = ws__world_symbol(process->world, "trap_return", &frame.eip);

    if (status != WS_OK)
        return status;
    if (!own->slots) {
        *esp = top - (uint32_t)sizeof frame;
        return write_kernel(process, *esp, &frame, sizeof frame);
    }
    *esp = top - own->frame_bytes;
    registers.value[WS_EIP] = frame.eip;
    registers.value[WS_ESP] = top;
    ws__slots_fill(&format, WS_SLOT_ON_STACK, &registers, *esp, bytes);
    return write_kernel(process, *esp, bytes, own->frame_bytes);
}

static enum ws_status write_block(struct ws_process *process)
{
    struct ws_process_block block = {
        .esp0 = ws_process_kernel_stack(process),
        .cr3 = process->cr3,
        .next = process->world->process->block,
    };
    enum ws_status status = write_switch_frame(process, frame_linear(process), &block.esp);

    strcpy(block.name, process->name);
    if (status == WS_OK)
        status = write_kernel(process, process->block, &block, sizeof block);
    return status;
}

static enum ws_status build(struct ws_process *process)
{
    struct ws_registers registers = {0};
    enum ws_status status = map_stacks(process);

    choose_registers(process, &registers);
    ws__world_share_kernel(process->world);
    if (status == WS_OK)
        status = close_ring(process);
    if (status == WS_OK)
        status = write_block(process);
    if (status == WS_OK)
        status = write_frame(process, &registers);
    if (status == WS_OK)
        status = ws__name_publish(process->world->lab, process->world->name, process->name, process->cr3);
    return status;
}

enum ws_status ws_process_new(struct ws_world *world, const char *name, struct ws_process **out)
{
    struct ws_lab *lab = world->lab;
    struct ws_process *process;
    enum ws_status status = ws__name_check(lab, name);

    *out = NULL;
    if (status != WS_OK)
        return status;
    if (!ws__lab_is_open(lab) || !world->index)
        return WS_BAD_ARGUMENT;
    if (world->processes == PROCESSES_MAX)
        return WS_NO_ROOM;
    process = calloc(1, sizeof *process);
    if (!process)
        return WS_NO_MEMORY;
    process->world = world;
    strcpy(process->name, name);
    process->block =
        world->kernel_linear + WS_KERNEL_PROCESSES + world->processes * WS_KERNEL_PROCESS_BYTES + WS_PAGE_BYTES;
    append(process);
    status = build(process);
    if (status == WS_OK)
        *out = process;
    return ws__lab_built(lab, status);
}

enum ws_status ws_process_map(struct ws_process *process, uint32_t linear, uint32_t bytes, unsigned flags)
{
    uint32_t pte = WS_PTE_US | (flags & WS_MAP_WRITE ? WS_PTE_RW : 0);
    uint32_t end = process->world->kernel_linear;

    if (!ws__lab_is_open(process->world->lab) || flags & ~(unsigned)(WS_MAP_WRITE | WS_MAP_USER) || linear >= end ||
        bytes > end - linear)
        return WS_BAD_ARGUMENT;
    return ws__space_map(process->world->lab, process->cr3, linear, bytes, pte);
}

enum ws_status ws_process_load(struct ws_process *process, uint32_t linear, const void *content, uint32_t bytes)
{
    uint32_t end = process->world->kernel_linear;

    if (!ws__lab_is_open(process->world->lab) || linear >= end || bytes > end - linear)
        return WS_BAD_ARGUMENT;
    return ws__space_write(process->world->lab, process->cr3, linear, content, bytes);
}

enum ws_status ws_process_load_elf(struct ws_process *process, const void *elf, size_t bytes)
{
    struct ws__program program = {
        .elf = elf,
        .bytes = bytes,
        .cr3 = process->cr3,
        .end = process->world->kernel_linear,
        .flags = WS_PTE_US,
    };
    struct ws_registers registers;
    enum ws_status status;

    if (!ws__lab_is_open(process->world->lab))
        return WS_BAD_ARGUMENT;
    status = ws__program_load(process->world->lab, &program);
    ws_process_registers(process, &registers);
    registers.value[WS_EIP] = program.entry;
    if (status == WS_OK)
        status = write_frame(process, &registers);
    return ws__lab_built(process->world->lab, status);
}

void ws_process_registers(const struct ws_process *process, struct ws_registers *out)
{
    struct ws_trap_frame frame = {0};

    *out = (struct ws_registers){0};
    /* Where the stack is not mapped, since making the process failed half-way, they are zero. */
    (void)ws__space_read(process->world->lab, process->world->cr3, frame_linear(process), &frame, sizeof frame);
#define FRAME_GET(name, field) out->value[WS_##name] = frame.field;
    FRAME_TABLE(FRAME_GET)
#undef FRAME_GET
}

enum ws_status ws_process_set_registers(struct ws_process *process, const struct ws_registers *registers)
{
    const uint32_t *value = registers->value;

    if (!ws__lab_is_open(process->world->lab) || value[WS_EFLAGS] & WS_EFLAGS_VM ||
        (value[WS_CS] & WS_SELECTOR_RPL) != 3 || (value[WS_SS] & WS_SELECTOR_RPL) != 3)
        return WS_BAD_ARGUMENT;
    return write_frame(process, registers);
}

const char *ws_process_name(const struct ws_process *process)
{
    return process->name;
}

uint32_t ws_process_cr3(const struct ws_process *process)
{
    return process->cr3;
}

uint32_t ws_process_kernel_stack(const struct ws_process *process)
{
    return process->block + WS_PAGE_BYTES;
}
