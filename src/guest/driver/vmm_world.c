/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building the VMM's world: the address space that hosted.h draws, out of frames that then leave the
 * host's.
 *
 *                 host                                            VMM, one of several
 *   0xffffffff ┌──────────────────┐               0xffffffff ┌──────────────────┐
 *              │ nothing          │                          │ the VM's memory  │◄─┐
 *              │                  │                          │ pool, stack      │  │ the same frames,
 *              │                  │                          │ image, tables    │  │ lent by the VMX
 *   0xffc01000 ├──────────────────┤               0xffc01000 ├──────────────────┤  │
 *              │ CROSS PAGE       │◄── the only frame in both ─►│ CROSS PAGE    │  │
 *   0xffc00000 ├──────────────────┤               0xffc00000 ├──────────────────┤  │
 *              │ RAM, but for all │                          │                  │  │
 *              │ frames of the    │                          │ nothing yet:     │  │
 *   0xc0000000 │ right column     │                          │ shadow tables    │  │
 *              ├──────────────────┤                          │ will be filled   │  │
 *              │ the VMX, but for │                          │ on faults        │  │
 *              │ the memory lent ─┼──────────────────────────┼──────────────────┼──┘
 *   0x00000000 └──────────────────┘               0x00000000 └──────────────────┘
 */
#include <worldswitch/registers.h>

#include "guest/driver/driver.h"
#include "guest/shared/elf.h"

/* The host's are HOST_CR0 and HOST_CR4.  TS is set so that the VM's first use of the FPU traps. */
enum {
    VMM_CR0 = (int)(WS_CR0_PG | WS_CR0_AM | WS_CR0_WP | WS_CR0_NE | WS_CR0_ET | WS_CR0_TS | WS_CR0_PE),
    VMM_CR4 = 0,
    VMM_EFLAGS = 2,
    KERNEL_FLAGS = WS_PTE_P | WS_PTE_RW,
};

/* -- frames and pages -------------------------------------------------------------------------- */

/* A zeroed frame of this world's own, or 0. */
static uint32_t frame_add(struct vmm_world *world)
{
    uint32_t phys = world->frames < WORLD_FRAMES_MOST ? frame_new() : 0;

    if (phys)
        world->frame[world->frames++] = phys;
    return phys;
}

/* The entry for a page of the top 4 MiB; frame 1 is their page table. */
static uint32_t *top_entry(const struct vmm_world *world, uint32_t linear)
{
    return (uint32_t *)direct(world->frame[1]) + linear / PAGE_BYTES % PAGE_ENTRIES;
}

/* A new zeroed page at a linear address; returns where the host can still write it, or NULL. */
static void *page_add(struct vmm_world *world, uint32_t linear)
{
    uint32_t phys = frame_add(world);

    if (!phys)
        return NULL;
    *top_entry(world, linear) = phys | KERNEL_FLAGS;
    return direct(phys);
}

/* Where the host can still write what is at that linear address. */
static void *place(const struct vmm_world *world, uint32_t linear)
{
    return direct((*top_entry(world, linear) & -PAGE_BYTES) + linear % PAGE_BYTES);
}

/* -- the parts of the world -------------------------------------------------------------------- */

/* The directory, the one table, and the pages whose places hosted.h fixes. */
static bool skeleton_build(struct vmm_world *world)
{
    static const uint32_t pages[] = {WS_CROSS_LINEAR, HOSTED_VMM_GDT,    HOSTED_VMM_IDT,
                                     HOSTED_VMM_BOOT, HOSTED_VMM_FRAMES, HOSTED_VMM_FRAMES + PAGE_BYTES,
                                     HOSTED_VMM_STACK};
    uint32_t directory = frame_add(world), table = frame_add(world);

    if (!directory || !table)
        return false;
    ((uint32_t *)direct(directory))[WS_CROSS_LINEAR / PAGE_TABLE_BYTES] = table | KERNEL_FLAGS;
    *top_entry(world, HOSTED_VMM_DIRECTORY) = directory | KERNEL_FLAGS;
    *top_entry(world, HOSTED_VMM_TABLE) = table | KERNEL_FLAGS;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (!page_add(world, pages[i]))
            return false;
    for (uint32_t i = 0; i < HOSTED_POOL_PAGES; i++)
        if (!page_add(world, HOSTED_VMM_POOL + i * PAGE_BYTES))
            return false;
    return true;
}

static void tables_build(struct vmm_world *world)
{
    uint8_t *gdt = place(world, HOSTED_VMM_GDT), *ldt = place(world, HOSTED_VMM_LDT);

    descriptor_put(gdt + HOSTED_VMM_CODE, 0, FLAT_LIMIT, FLAT_CODE);
    descriptor_put(gdt + HOSTED_VMM_DATA, 0, FLAT_LIMIT, FLAT_DATA);
    descriptor_put(gdt + HOSTED_VMM_MORE, 0, FLAT_LIMIT, FLAT_DATA);
    descriptor_put(gdt + HOSTED_VMM_TASK, HOSTED_VMM_TSS, WS_TSS_BYTES - 1, SYSTEM_TASK);
    descriptor_put(gdt + HOSTED_VMM_LOCAL, HOSTED_VMM_LDT, 2 * 8 - 1, SYSTEM_LOCAL);
    descriptor_put(ldt + (HOSTED_VMM_FS & ~7), 0, FLAT_LIMIT, FLAT_DATA);
    descriptor_put(ldt + (HOSTED_VMM_GS & ~7), 0, FLAT_LIMIT, FLAT_DATA);
    task_put(place(world, HOSTED_VMM_TSS), HOSTED_VMM_DATA, HOSTED_VMM_STACK_TOP);
}

/* Copy a piece of the image, a page at a time; pages are made as they are met. */
static int32_t segment_build(struct vmm_world *world, const struct vmx_create *create,
                             const struct elf_segment *segment)
{
    uint32_t end = segment->linear + segment->memory_bytes;

    if (segment->linear < HOSTED_VMM_IMAGE || end > HOSTED_VMM_IMAGE_END || end < segment->linear ||
        segment->linear % PAGE_BYTES || !elf_segment_is_whole(segment, create->image_bytes))
        return CALL_BAD;
    for (uint32_t at = 0; at < segment->memory_bytes; at += PAGE_BYTES) {
        uint32_t rest = at < segment->file_bytes ? segment->file_bytes - at : 0;
        void *page = page_add(world, segment->linear + at);
        if (!page)
            return CALL_NO_ROOM;
        memcpy(page, (const char *)(create->image + segment->offset + at), rest < PAGE_BYTES ? rest : PAGE_BYTES);
    }
    return 0;
}

static int32_t image_build(struct vmm_world *world, const struct vmx_create *create)
{
    const struct elf_header *header = (const struct elf_header *)create->image;
    const struct elf_segment *segment = elf_segments(header, create->image_bytes);
    int32_t result = 0;

    if (!segment)
        return CALL_BAD;
    for (unsigned i = 0; i < header->segments && !result; i++)
        if (segment[i].type == ELF_LOAD && segment[i].memory_bytes)
            result = segment_build(world, create, &segment[i]);
    world->entry = header->entry;
    return result;
}

/* -- how it begins ----------------------------------------------------------------------------- */

/* What the first world switch pops: as if the VMM had once left at its entry point. */
static void stack_build(const struct vmm_world *world)
{
    struct ws_cross_frame *frame = place(world, HOSTED_VMM_STACK_TOP - sizeof *frame);

    *frame = (struct ws_cross_frame){
        .gs = HOSTED_VMM_GS,
        .fs = HOSTED_VMM_FS,
        .es = HOSTED_VMM_MORE,
        .ds = HOSTED_VMM_DATA,
        .eflags = VMM_EFLAGS,
        .eip = world->entry,
        .cs = HOSTED_VMM_CODE,
    };
}

/* The switch's code, as it was loaded, and the context that it finds when the VMM is entered for the first time. */
static void cross_page_build(struct vmm_world *world)
{
    window_show(WINDOW_OWN);
    memcpy(place(world, WS_CROSS_LINEAR), (const void *)WS_CROSS_LINEAR, WS_CROSS_CONTEXTS_OFFSET);
    world->cross = *top_entry(world, WS_CROSS_LINEAR) & -PAGE_BYTES;
    *(struct ws_cross_context *)place(world, HOSTED_CONTEXT_VMM) = (struct ws_cross_context){
        .esp = HOSTED_VMM_STACK_TOP - sizeof(struct ws_cross_frame),
        .ss = HOSTED_VMM_DATA,
        .ldtr = HOSTED_VMM_LOCAL,
        .cr0 = (uint32_t)VMM_CR0,
        .cr3 = world->frame[0],
        .cr4 = VMM_CR4,
        .tr = HOSTED_VMM_TASK,
        .gdtr = {HOSTED_GDT_BYTES - 1, HOSTED_VMM_GDT},
        .idtr = {HOSTED_IDT_BYTES - 1, HOSTED_VMM_IDT},
        .tss_descriptor = HOSTED_VMM_GDT + HOSTED_VMM_TASK,
    };
}

static void boot_build(const struct vmm_world *world, const struct vmx_create *create)
{
    struct vmm_boot *boot = place(world, HOSTED_VMM_BOOT);

    *boot = (struct vmm_boot){
        .vm_eip = create->eip,
        .vm_eax = create->eax,
        .vm_ebx = create->ebx,
    };
    for (uint32_t i = 0; i < HOSTED_POOL_PAGES; i++)
        boot->pool_frames[i] = *top_entry(world, HOSTED_VMM_POOL + i * PAGE_BYTES) / PAGE_BYTES;
}

/* -- lending ----------------------------------------------------------------------------------- */

/* A page of the VMX's becomes one of the VM's: in the list of its frames, and nowhere else. The entry keeps
 * the frame's address for when it comes back. */
static void memory_lend(struct vmm_world *world)
{
    for (uint32_t at = 0; at < HOSTED_VM_BYTES; at += PAGE_BYTES) {
        uint32_t *entry = space_entry(world->lender, world->memory + at, false);
        *(uint32_t *)place(world, HOSTED_VMM_FRAMES + at / PAGE_BYTES * 4) = *entry / PAGE_BYTES;
        *entry &= ~WS_PTE_P;
        page_forget(world->memory + at);
        frame_lend(*entry & -PAGE_BYTES);
    }
}

static void memory_take_back(const struct vmm_world *world)
{
    for (uint32_t at = 0; at < HOSTED_VM_BYTES; at += PAGE_BYTES) {
        uint32_t *entry = space_entry(world->lender, world->memory + at, false);
        frame_take_back(*entry & -PAGE_BYTES);
        *entry |= WS_PTE_P;
    }
}

static void frames_drop(struct vmm_world *world)
{
    while (world->frames > 0)
        frame_free(world->frame[--world->frames]);
}

int32_t vmm_world_build(struct vmm_world *world, const struct vmx_create *create)
{
    int32_t result = CALL_NO_ROOM;
    char name[NAME_BYTES];

    *world = (struct vmm_world){.lender = cr3_read(), .memory = create->memory, .number = create->number};
    if (skeleton_build(world))
        result = image_build(world, create);
    if (result < 0) {
        frames_drop(world);
        return result;
    }
    tables_build(world);
    stack_build(world);
    cross_page_build(world);
    memory_lend(world);
    boot_build(world, create);
    for (uint32_t i = 0; i < world->frames; i++)
        frame_lend(world->frame[i]);
    world->cr3 = world->frame[0];
    text_print(name, sizeof name, create->number ? "vmm%u" : "vmm", create->number);
    name_add(world->cr3, name, "");
    return 0;
}

void vmm_world_remove(struct vmm_world *world)
{
    name_remove(world->cr3);
    fpu_forget(&world->fpu);
    window_show(WINDOW_OWN);
    for (uint32_t i = 0; i < world->frames; i++)
        frame_take_back(world->frame[i]);
    frames_drop(world);
    memory_take_back(world);
    world->cr3 = 0;
}
