/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building worlds and processes, and making the guest switch between them.
 *
 *   lab       one machine, its worlds, the cross page, the boot world
 *   world     an address space, GDT, LDT, IDT, TSS, kernel stack, control registers, a small kernel
 *   process   a ring-3 address space inside one world, whose kernel half it shares
 *
 * Nothing is pretended.  These functions lay out initial memory and look at it.  ws_lab_load() puts
 * that memory, as a multiboot image, into the machine, and from then on only instructions change
 * anything: a start stub turns paging on, the boot world performs an ordinary world switch into the
 * first world, and whenever ws_world_switch() or ws_context_switch() ask for more, a world's own
 * kernel does it, told by an interrupt.
 *
 * Everything is owned by its lab and lives as long.  Worlds and processes are made before
 * ws_lab_load(); afterwards the building functions answer WS_BAD_ARGUMENT.  Two labs do not know of
 * each other.  A ws_..._new() or ws_..._load_elf() that fails half-way, with WS_BAD_IMAGE, WS_NO_ROOM
 * or WS_NO_MEMORY, leaves a lab that can only be freed; all other refusals change nothing.
 *
 * Worlds share the cross page and nothing else: no page table, no page of code.  See cross.h.
 */
#ifndef WORLDSWITCH_WORLD_H
#define WORLDSWITCH_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/cross.h>
#include <worldswitch/crossing.h>
#include <worldswitch/image.h>
#include <worldswitch/machine.h>
#include <worldswitch/status.h>

struct ws_lab;
struct ws_world;
struct ws_process;

/* -- the laboratory ---------------------------------------------------------------------------- */

/* Make an empty laboratory with a machine of its own.  `options` may be NULL.  The caller owns *out.
 * WS_OK, WS_BAD_ARGUMENT (options), WS_NO_ROOM (1 MiB is too little), WS_NO_MEMORY, WS_ENGINE. */
enum ws_status ws_lab_new(struct ws_lab **out, const struct ws_machine_options *options);
/* Free it, its machine, worlds and processes. NULL is allowed. */
void ws_lab_free(struct ws_lab *lab);

/* The machine; borrowed as long as the lab.  Before ws_lab_load() it is empty. */
struct ws_machine *ws_lab_machine(struct ws_lab *lab);

/* The symbols of all kernels, each with its world's name in front: "host.context_switch"; of the
 * cross page: "cross"; of processes' programs, as they are.  "ws.world.WORLD" and
 * "ws.process.WORLD.PROCESS" are CR3 values. Borrowed. */
const struct ws_symbols *ws_lab_symbols(const struct ws_lab *lab);

/*
 * Put what was built into the machine, ready to start at mark 0, as ws_image_load() would a file:
 * the machine's first instruction is the start stub's.  `first` is the world into which the boot
 * world switches.
 * WS_OK, WS_BAD_ARGUMENT (loaded already; a world of another lab), WS_NO_MEMORY.
 */
enum ws_status ws_lab_load(struct ws_lab *lab, struct ws_world *first);

/*
 * Load if that was not done yet, then run until the first world has been entered: the far return of
 * the switch has been executed.
 * WS_OK, what ws_lab_load() answers, WS_BAD_ARGUMENT (the machine has run already), WS_TIMEOUT,
 * WS_HALTED.
 */
enum ws_status ws_lab_enter(struct ws_lab *lab, struct ws_world *first);

/*
 * Put the laboratory's initial state into *out: a multiboot ELF of its RAM, the start stub and the
 * symbols.  What *out held is lost.  The image boots on QEMU, Bochs and PCs from the Pentium II on
 * (CR4.PGE); ws_lab_load() loads these very bytes.  Independent of how far the machine has run.
 * WS_OK, WS_BAD_ARGUMENT (a world of another lab), WS_NO_MEMORY.
 */
enum ws_status ws_lab_write_image(struct ws_lab *lab, struct ws_world *first, struct ws_buffer *out);

/* The i-th world, the boot world being number 0; NULL if there is none.  Borrowed. */
struct ws_world *ws_lab_world(const struct ws_lab *lab, unsigned index);
/* Whose page directory is it? NULL if nobody's.  A process's CR3 belongs to its world too.
 * Borrowed. */
struct ws_world *ws_lab_world_of(const struct ws_lab *lab, uint32_t cr3);
struct ws_process *ws_lab_process_of(const struct ws_lab *lab, uint32_t cr3);
/* The process's name, else the world's; NULL if nobody's.  Borrowed. */
const char *ws_lab_name_of(const struct ws_lab *lab, uint32_t cr3);

/* Tell a watcher the names of all worlds and processes: from a laboratory's symbols, or from those
 * that came with an image that ws_lab_write_image() made; from the symbol `ws_names`, see
 * ws_watcher_name_table().  Symbols of other guests name nobody.
 * WS_OK, WS_NO_MEMORY. */
enum ws_status ws_watcher_name_symbols(struct ws_watcher *watcher, const struct ws_symbols *symbols);

/* -- worlds ------------------------------------------------------------------------------------ */

/* What a world is to be.  Zero means: choose.  Among the first eight worlds, what is
 * chosen differs in everything that a world switch switches. */
struct ws_world_options {
    /* 1 to 31 letters, digits, '-', '_'; unique in the lab, processes included */
    const char *name;
    /* Where its kernel half begins: a multiple of 4 MiB, 0x80000000 or above.  Chosen: 0xc0000000 for
     * the first, 0xffc00000 (behind the cross page) for the second, then between them. */
    uint32_t kernel_linear;
    uint32_t cr0; /* PE and PG are set in any case */
    uint32_t cr2;
    uint32_t cr4; /* at most one world of a lab may set PGE, see cross.S; chosen for the first */
    /* An ELF file, linked for 0xc0010000 with its relocations kept, that defines `resident` and
     * `vector_table` as src/worlds/layout.h and src/guest/lab/vectors.S describe them; read during the
     * call.  NULL: a kernel that idles. */
    const void *kernel;
    size_t kernel_bytes;
};

/*
 * Make a world: page directory, GDT, LDT, IDT, TSS, a kernel stack, a kernel of its own, and an
 * entry in the cross page, from which the first switch to it starts as any other.  Its kernel
 * prints exceptions on COM1 and obeys ws_world_switch() and ws_context_switch().  Borrowed.
 * WS_OK, WS_BAD_ARGUMENT (an option; the lab is loaded), WS_OVERLAP (the name, or a second world
 * with PGE), WS_NO_ROOM (the lab has WS_CROSS_CONTEXTS - 1 worlds, or memory is full),
 * WS_BAD_IMAGE (kernel), WS_NO_MEMORY.
 */
enum ws_status ws_world_new(struct ws_lab *lab, const struct ws_world_options *options, struct ws_world **out);

/* Rights of mapped pages; without them: supervisor, read-only. */
enum { WS_MAP_WRITE = 1, WS_MAP_USER = 2 };

/*
 * Map zeroed pages of their own at [linear, linear + bytes), multiples of 4096.  In the kernel half
 * they are mapped in all processes of the world.
 * WS_OK, WS_BAD_ARGUMENT (alignment, range, flags), WS_OVERLAP (a page is mapped already),
 * WS_NO_ROOM, WS_NO_MEMORY.
 */
enum ws_status ws_world_map(struct ws_world *world, uint32_t linear, uint32_t bytes, unsigned flags);
/* Copy into mapped pages.
 * WS_OK, WS_BAD_ARGUMENT (loaded), WS_NOT_MAPPED (nothing is copied then). */
enum ws_status ws_world_load(struct ws_world *world, uint32_t linear, const void *content, uint32_t bytes);

/* Set a gate of the world's IDT (SDM 3A §6.11 "IDT Descriptors").  `handler` is linear, in the kernel
 * half; `dpl` is 0 to 3; `type` is WS_TYPE_INTERRUPT_GATE32 or WS_TYPE_TRAP_GATE32.  The i-th world's IDT
 * has gates up to 255 - i.
 * WS_OK, WS_BAD_ARGUMENT. */
enum ws_status ws_world_set_gate(struct ws_world *world, unsigned vector, uint32_t handler, unsigned dpl,
                                 unsigned type);

/* The registers with which the world will begin when it is entered for the first time; changed by
 * reading, editing and setting.  General registers, EIP, EFLAGS, ESP, DS, ES, FS, GS, CR0, CR2, CR4
 * can be set; CS, SS and the tables are the world's own. ESP is what it will be after the far
 * return; 60 bytes below it must be mapped.
 * WS_OK, WS_BAD_ARGUMENT, WS_NOT_MAPPED (ESP), WS_OVERLAP (PGE). */
void ws_world_registers(const struct ws_world *world, struct ws_registers *out);
enum ws_status ws_world_set_registers(struct ws_world *world, const struct ws_registers *registers);

/* The world to which this one's own kernel switches.  The built-in idle kernel does not use it.
 * WS_OK, WS_BAD_ARGUMENT (loaded; a world of another lab; the boot world). */
enum ws_status ws_world_set_peer(struct ws_world *world, const struct ws_world *peer);
/* Where the world goes on after the next exception that its default handlers catch; 0: nowhere, it
 * halts for good. It counts once. Allowed at any time.
 * WS_OK. */
enum ws_status ws_world_set_resume(struct ws_world *world, uint32_t linear);

/* Borrowed as long as the lab. */
const char *ws_world_name(const struct ws_world *world);
/* Its page directory without any process, as CR3 has it. */
uint32_t ws_world_cr3(const struct ws_world *world);
/* Its saved context: linear, in the cross page. */
uint32_t ws_world_context(const struct ws_world *world);
uint32_t ws_world_kernel_linear(const struct ws_world *world);
/* The i-th process, from 0; NULL if there is none.  Borrowed. */
struct ws_process *ws_world_process(const struct ws_world *world, unsigned index);
/* A selector of this world's GDT or LDT, by its use. */
enum ws_selector_use {
    WS_SELECTOR_KERNEL_CODE,
    WS_SELECTOR_KERNEL_DATA,
    WS_SELECTOR_KERNEL_MORE, /* flat data: the kernel's ES */
    WS_SELECTOR_USER_CODE,   /* with RPL 3 */
    WS_SELECTOR_USER_DATA,   /* with RPL 3 */
    WS_SELECTOR_TSS,
    WS_SELECTOR_LDT,
    WS_SELECTOR_FS, /* in the LDT, with RPL 3 */
    WS_SELECTOR_GS  /* in the LDT, with RPL 3 */
};
uint16_t ws_world_selector(const struct ws_world *world, enum ws_selector_use use);

/* -- processes --------------------------------------------------------------------------------- */

/*
 * Make a ring-3 process in a world: a page directory whose kernel half is the world's, a kernel
 * stack, and one page of user stack, which ends at the kernel half.  It begins when somebody
 * switches to it: by ws_context_switch(), or by the world's own kernel.  `name` as for worlds,
 * unique in the lab.  Borrowed.
 * WS_OK, WS_BAD_ARGUMENT, WS_OVERLAP (the name), WS_NO_ROOM, WS_NO_MEMORY.
 */
enum ws_status ws_process_new(struct ws_world *world, const char *name, struct ws_process **out);
/* As for worlds, in the user half only; pages are WS_MAP_USER in any case. */
enum ws_status ws_process_map(struct ws_process *process, uint32_t linear, uint32_t bytes, unsigned flags);
enum ws_status ws_process_load(struct ws_process *process, uint32_t linear, const void *content, uint32_t bytes);
/* Map and load an ELF program, and begin at its entry.  Also WS_BAD_IMAGE. */
enum ws_status ws_process_load_elf(struct ws_process *process, const void *elf, size_t bytes);
/* The registers with which it begins.  CS and SS must be ring-3 selectors of the world.
 * WS_OK, WS_BAD_ARGUMENT. */
void ws_process_registers(const struct ws_process *process, struct ws_registers *out);
enum ws_status ws_process_set_registers(struct ws_process *process, const struct ws_registers *registers);

const char *ws_process_name(const struct ws_process *process);
uint32_t ws_process_cr3(const struct ws_process *process);
struct ws_world *ws_process_world(const struct ws_process *process);
/* ESP0 while it runs: the top of its kernel stack, linear.  SDM 3A §7.2.1 "Task-State Segment (TSS)". */
uint32_t ws_process_kernel_stack(const struct ws_process *process);

/* -- switching --------------------------------------------------------------------------------- */

/* How many instructions a switch that was asked for may take, until the answer is WS_TIMEOUT. */
enum { WS_SWITCH_LIMIT = 1000000 };

/*
 * Make the guest switch to `to`.  The request is written into the running world's memory and
 * announced by an interrupt, as a device would; the world's kernel calls the cross page.  Returns
 * when the far return has been executed in the entered world, before its next instruction.
 * WS_OK, WS_BAD_ARGUMENT (nothing runs yet, or `to` runs already), WS_TIMEOUT (the running world
 * keeps interrupts off, or has replaced the gate), WS_HALTED.
 */
enum ws_status ws_world_switch(struct ws_world *to);

/* Make the guest switch to a process of the world that runs: the same, by the kernel's
 * context_switch().  Returns when its return has been executed; the process itself goes on behind
 * it.  WS_BAD_ARGUMENT also if another world runs. */
enum ws_status ws_context_switch(struct ws_process *to);

/* Who runs, by CR3; NULL while nobody does. */
struct ws_world *ws_lab_running_world(const struct ws_lab *lab);
struct ws_process *ws_lab_running_process(const struct ws_lab *lab);

#endif
