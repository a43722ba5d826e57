/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stage for the VMM alone: a host that is nothing but a timer, a console and a RAM disk.  It builds the
 * VMM's world as the driver does, enters it, and serves its requests.  Multiboot modules: the VMM, the
 * VM's kernel, the VM's disk.  It ends through the debug exit port: with the VM's status, or with 77 if
 * the VMM stopped the VM, whose reason it prints.
 *
 * Physical memory: this program and its modules below 4 MiB; then the VM's memory, the pool, the
 * VMM's image, and single frames.
 */
#include <stdbool.h>

#include "guest/hosted.h"
#include "stage.h"

enum {
    VM_MEMORY = 0x400000,
    POOL = VM_MEMORY + HOSTED_VM_BYTES,
    IMAGE = POOL + 0x100000,
    FRAMES = IMAGE + 0x100000,
    END = 0x1000000,
    PAGE = 4096,
    P_RW = 3,
    COM1 = 0x3f8,
    DEBUG_EXIT = 0xf4,
    VECTOR_TIMER = 0x20,
    LOADER_MAGIC = 0x2badb002,
    VM_INFORMATION = 0x8000,
    STATUS_STOPPED = 77,
    CR0_PE_ET_NE_WP_PG = 0x80010031,
};

struct pointer {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

struct module {
    uint32_t start, end, string, reserved;
};

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum;
};

struct elf_segment {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

extern uint8_t cross[], timer_entry[], other_entry[];
void stage_main(const uint32_t *information);
void stage_tables(void);
void stage_paging(uint32_t directory);
void timer(void);
void unexpected(void);

static uint8_t tss[104];
static uint64_t gdt[5] = {0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0, 0x0000820000000007}, ldt[1];
static uint64_t idt[256];
struct pointer gdt_pointer = {sizeof gdt - 1, (uint32_t)gdt}, idt_pointer = {sizeof idt - 1, (uint32_t)idt};
static volatile uint32_t ticks;
static uint32_t next_frame = FRAMES;

/* -- the machine ------------------------------------------------------------------------------- */

static void out(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put(uint8_t byte)
{
    while (!(in(COM1 + 5) & 0x20))
        ;
    out(COM1, byte);
}

static void say(const char *text)
{
    while (*text)
        put((uint8_t)*text++);
}

_Noreturn static void leave(uint8_t status)
{
    out(DEBUG_EXIT, status);
    for (;;)
        __asm__ volatile("cli; hlt");
}

void timer(void)
{
    ticks++;
    out(0x20, 0x20);
}

void unexpected(void)
{
    say("stage: an unexpected vector\n");
    leave(1);
}

static void chips_init(void)
{
    static const uint16_t setup[][2] = {
        {0x20, 0x11},       {0x21, VECTOR_TIMER}, {0x21, 4},        {0x21, 1},
        {0xa0, 0x11},       {0xa1, 0x28},         {0xa1, 2},        {0xa1, 1},
        {0x21, 0xfe},       {0xa1, 0xff},         {0x43, 0x34},     {0x40, 11932 & 0xff},
        {0x40, 11932 >> 8}, {COM1 + 1, 0},        {COM1 + 3, 0x80}, {COM1, 1},
        {COM1 + 1, 0},      {COM1 + 3, 3},        {COM1 + 2, 7},
    };

    for (unsigned i = 0; i < sizeof setup / sizeof setup[0]; i++)
        out(setup[i][0], (uint8_t)setup[i][1]);
}

static void copy(void *to, const void *from, uint32_t bytes)
{
    while (bytes-- > 0)
        ((uint8_t *)to)[bytes] = ((const uint8_t *)from)[bytes];
}

static uint32_t frame_new(void)
{
    next_frame += PAGE;
    return next_frame - PAGE;
}

/* Load the segments of an ELF file to where `from` is at `to`.  Returns its entry point. */
static uint32_t elf_load(uint32_t file, uint32_t from, uint32_t to)
{
    const struct elf_header *header = (const struct elf_header *)file;
    const struct elf_segment *segment = (const struct elf_segment *)(file + header->phoff);

    for (unsigned i = 0; i < header->phnum; i++, segment++)
        if (segment->type == 1)
            copy((void *)(segment->paddr - from + to), (const void *)(file + segment->offset), segment->filesz);
    return header->entry;
}

/* -- this world -------------------------------------------------------------------------------- */

static void gate_set(unsigned vector, const uint8_t *entry)
{
    idt[vector] = ((uint64_t)((uint32_t)entry & 0xffff0000) << 32) | 0x00008e0000000000 | STAGE_CODE << 16 |
                  ((uint32_t)entry & 0xffff);
}

static void map(uint32_t directory, uint32_t linear, uint32_t physical)
{
    uint32_t *entry = (uint32_t *)directory + (linear >> 22);

    if (!*entry)
        *entry = frame_new() | P_RW;
    ((uint32_t *)(*entry & ~0xfffu))[linear / PAGE % 1024] = physical | P_RW;
}

static void stage_world(uint32_t cross_page)
{
    uint32_t directory = frame_new();

    for (unsigned i = 0; i < 256; i++)
        gate_set(i, other_entry);
    gate_set(VECTOR_TIMER, timer_entry);
    gdt[STAGE_TASK / 8] = 0x0000890000000067 | (uint64_t)((uint32_t)tss & 0xffffff) << 16;
    gdt[STAGE_LOCAL / 8] |= (uint64_t)((uint32_t)ldt & 0xffffff) << 16;
    for (uint32_t linear = 0; linear < END; linear += PAGE)
        map(directory, linear, linear);
    map(directory, WS_CROSS_LINEAR, cross_page);
    stage_tables();
    stage_paging(directory);
}

/* -- the VMM's world --------------------------------------------------------------------------- */

static struct vmm_boot *boot_page(void)
{
    struct vmm_boot *boot = (struct vmm_boot *)frame_new();

    *boot = (struct vmm_boot){
        .vm_eax = LOADER_MAGIC,
        .vm_ebx = VM_INFORMATION,
    };
    for (unsigned i = 0; i < HOSTED_POOL_PAGES; i++)
        boot->pool_frames[i] = POOL / PAGE + i;
    return boot;
}

static uint64_t descriptor(uint32_t base, uint32_t limit, uint64_t type)
{
    return (uint64_t)(base >> 24) << 56 | (uint64_t)(base & 0xffffff) << 16 | type | limit;
}

/* GDT, then IDT, LDT and TSS on one page; what HOSTED_VMM_... says. */
static void vmm_tables(uint32_t gdt_frame, uint32_t tables_frame)
{
    uint64_t *vmm_gdt = (uint64_t *)gdt_frame;
    uint64_t *vmm_ldt = (uint64_t *)(tables_frame + HOSTED_VMM_LDT % PAGE);
    uint32_t *vmm_tss = (uint32_t *)(tables_frame + HOSTED_VMM_TSS % PAGE);

    vmm_gdt[HOSTED_VMM_CODE / 8] = 0x00cf9a000000ffff;
    vmm_gdt[HOSTED_VMM_DATA / 8] = 0x00cf92000000ffff;
    vmm_gdt[HOSTED_VMM_MORE / 8] = 0x00cf92000000ffff;
    vmm_gdt[HOSTED_VMM_TASK / 8] = descriptor(HOSTED_VMM_TSS, 0x67, 0x0000890000000000);
    vmm_gdt[HOSTED_VMM_LOCAL / 8] = descriptor(HOSTED_VMM_LDT, 15, 0x0000820000000000);
    vmm_ldt[0] = vmm_ldt[1] = 0x00cf92000000ffff;
    vmm_tss[WS_TSS_ESP0 / 4] = HOSTED_VMM_STACK_TOP;
    vmm_tss[WS_TSS_SS0 / 4] = HOSTED_VMM_DATA;
    vmm_tss[WS_TSS_IO_MAP / 4] = 0x68u << 16;
}

static void vmm_context(uint32_t directory, uint32_t stack_frame, uint32_t entry)
{
    struct ws_cross_context *own = (struct ws_cross_context *)HOSTED_CONTEXT_VMM;
    struct ws_cross_frame *frame = (struct ws_cross_frame *)(stack_frame + PAGE) - 1;

    *frame = (struct ws_cross_frame){
        .gs = HOSTED_VMM_GS,
        .fs = HOSTED_VMM_FS,
        .es = HOSTED_VMM_MORE,
        .ds = HOSTED_VMM_DATA,
        .eflags = 2,
        .eip = entry,
        .cs = HOSTED_VMM_CODE,
    };
    *own = (struct ws_cross_context){
        .esp = HOSTED_VMM_STACK_TOP - sizeof *frame,
        .ss = HOSTED_VMM_DATA,
        .ldtr = HOSTED_VMM_LOCAL,
        .cr0 = CR0_PE_ET_NE_WP_PG,
        .cr3 = directory,
        .tr = HOSTED_VMM_TASK,
        .gdtr = {HOSTED_GDT_BYTES - 1, HOSTED_VMM_GDT},
        .idtr = {HOSTED_IDT_BYTES - 1, HOSTED_VMM_IDT},
        .tss_descriptor = HOSTED_VMM_GDT + HOSTED_VMM_TASK,
    };
    ((struct ws_cross_context *)HOSTED_CONTEXT_HOST)->tss_descriptor = (uint32_t)&gdt[STAGE_TASK / 8];
}

static void vmm_world(const struct module *modules, uint32_t cross_page)
{
    uint32_t directory = frame_new(), stack = frame_new(), tables = frame_new(), gdt_frame = frame_new();
    uint32_t *list = (uint32_t *)frame_new(), list_end = frame_new(); /* pages side by side */
    struct vmm_boot *boot = boot_page();

    map(directory, WS_CROSS_LINEAR, cross_page);
    map(directory, HOSTED_VMM_GDT, gdt_frame);
    map(directory, HOSTED_VMM_IDT, tables);
    map(directory, HOSTED_VMM_DIRECTORY, directory);
    map(directory, HOSTED_VMM_TABLE, ((uint32_t *)directory)[HOSTED_VMM_TABLE >> 22] & -PAGE);
    map(directory, HOSTED_VMM_FRAMES, (uint32_t)list);
    map(directory, HOSTED_VMM_FRAMES + PAGE, list_end);
    map(directory, HOSTED_VMM_BOOT, (uint32_t)boot);
    map(directory, HOSTED_VMM_STACK, stack);
    for (uint32_t i = 0; i < HOSTED_VMM_IMAGE_END - HOSTED_VMM_IMAGE; i += PAGE)
        map(directory, HOSTED_VMM_IMAGE + i, IMAGE + i);
    for (uint32_t i = 0; i < HOSTED_POOL_PAGES * PAGE; i += PAGE)
        map(directory, HOSTED_VMM_POOL + i, POOL + i);
    for (uint32_t i = 0; i < HOSTED_VM_PAGES; i++)
        list[i] = VM_MEMORY / PAGE + i;
    vmm_tables(gdt_frame, tables);
    boot->vm_eip = elf_load(modules[1].start, 0, VM_MEMORY);
    vmm_context(directory, stack, elf_load(modules[0].start, HOSTED_VMM_IMAGE, IMAGE));
}

/* -- requests ---------------------------------------------------------------------------------- */

static void disk_serve(const struct module *disk, bool write)
{
    uint8_t *sector = (uint8_t *)disk->start + mailbox()->argument * HOSTED_SECTOR_BYTES;

    mailbox()->result = mailbox()->argument >= (disk->end - disk->start) / HOSTED_SECTOR_BYTES;
    if (mailbox()->result)
        return;
    if (write)
        copy(sector, mailbox()->sector, HOSTED_SECTOR_BYTES);
    else
        copy(mailbox()->sector, sector, HOSTED_SECTOR_BYTES);
}

static void serve(const struct module *disk)
{
    switch (mailbox()->request) {
    case HOSTED_INTERRUPT:
        if (mailbox()->argument != VECTOR_TIMER)
            unexpected();
        __asm__ volatile("int %0" : : "i"(VECTOR_TIMER) : "memory");
        break;
    case HOSTED_CONSOLE:
        put((uint8_t)mailbox()->argument);
        break;
    case HOSTED_DISK_READ:
    case HOSTED_DISK_WRITE:
        disk_serve(disk, mailbox()->request == HOSTED_DISK_WRITE);
        break;
    case HOSTED_DISK_SIZE:
        mailbox()->result = (disk->end - disk->start) / HOSTED_SECTOR_BYTES;
        break;
    case HOSTED_IDLE:
        __asm__ volatile("sti; hlt; cli" : : : "memory");
        break;
    case HOSTED_SHUTDOWN:
    case HOSTED_STOPPED:
        say(mailbox()->request == HOSTED_STOPPED ? "stage: stopped: " : "stage: ended: ");
        say((const char *)mailbox()->text);
        say("\n");
        leave(mailbox()->request == HOSTED_STOPPED ? STATUS_STOPPED : (uint8_t)mailbox()->argument);
    default:
        unexpected();
    }
}

void stage_main(const uint32_t *information)
{
    const struct module *modules = (const struct module *)information[6];
    uint32_t cross_page = frame_new();

    chips_init();
    if (information[5] != 3) {
        say("stage: wants three modules: the VMM, the VM's kernel, the VM's disk\n");
        leave(1);
    }
    copy((void *)cross_page, cross, WS_CROSS_BYTES);
    stage_world(cross_page);
    vmm_world(modules, cross_page);
    for (;;) {
        mailbox()->ticks = ticks;
        world_call((struct ws_cross_context *)HOSTED_CONTEXT_HOST, (struct ws_cross_context *)HOSTED_CONTEXT_VMM);
        serve(&modules[2]);
    }
}
