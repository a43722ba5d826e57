/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world: an address space, GDT, LDT, IDT, TSS, kernel stack, control registers, and a small kernel.
 *
 * Worlds share the cross page and nothing else: no page table, no page of code.  See cross.h.  They are owned by a
 * laboratory: see lab.h, which says when they can be made.
 */
#ifndef WORLDSWITCH_WORLD_H
#define WORLDSWITCH_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/context.h>
#include <worldswitch/cross.h>
#include <worldswitch/registers.h>
#include <worldswitch/status.h>

struct ws_lab;
struct ws_world;
struct ws_process;

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

/* By which gate ws_world_switch() interrupts this world: as built it is WS_TYPE_INTERRUPT_GATE32, so that the kernel
 * calls the cross page with interrupts off.  With WS_TYPE_TRAP_GATE32 it calls it with interrupts on, as a driver does
 * for a process.
 * WS_OK, WS_BAD_ARGUMENT (loaded; another type; the boot world). */
enum ws_status ws_world_set_request_gate(struct ws_world *world, unsigned type);

/*
 * Give the world's kernel another context switch: see context.h.  Only before the first process is made, and once.
 * `code` and all that it points to are read during the call.  Worlds with a kernel of the caller's own must have the
 * routine `context_switch`, which becomes a jump to it.
 * WS_OK, WS_BAD_ARGUMENT (loaded; a process is made; the boot world; a size or slot is out of its range), WS_BAD_IMAGE
 * (the kernel has no such routine), WS_OVERLAP (or has something where the code goes), WS_NO_ROOM, WS_NO_MEMORY.
 */
enum ws_status ws_world_set_context_switch(struct ws_world *world, const struct ws_context_code *code);

/* The world to which this one's own kernel switches.  The built-in idle kernel does not use it.
 * WS_OK, WS_BAD_ARGUMENT (loaded; a world of another lab; the boot world). */
enum ws_status ws_world_set_peer(struct ws_world *world, const struct ws_world *peer);
/* Where the world goes on after the next exception that its default handlers catch; 0: nowhere, it
 * halts for good. It counts once. Allowed at any time.
 * WS_OK. */
enum ws_status ws_world_set_resume(struct ws_world *world, uint32_t linear);

/* Borrowed as long as the lab. */
struct ws_lab *ws_world_lab(const struct ws_world *world);
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

/* -- switching --------------------------------------------------------------------------------- */

/* How many instructions a switch that was asked for may take, until the answer is WS_TIMEOUT. */
enum { WS_SWITCH_LIMIT = 1000000 };

/*
 * Make the guest switch to `to`.  The request is written into the running world's memory and
 * announced by an interrupt, as a device would; the world's kernel calls the cross page.  Returns
 * when CR3 is the entered world's and its first instruction outside the cross page is about to begin, however the
 * switch has ended: lret, iret, ret, a jump.
 * WS_OK, WS_BAD_ARGUMENT (nothing runs yet, or `to` runs already), WS_TIMEOUT (the running world
 * keeps interrupts off, or has replaced the gate), WS_HALTED.
 */
enum ws_status ws_world_switch(struct ws_world *to);

/* An interrupt on the way. */
struct ws_interruption {
    uint64_t mark;   /* when it is asked for: not before the present mark */
    uint8_t vector;  /* see ws_machine_interrupt(); no matter for an NMI */
    bool nmi;        /* an NMI instead */
    uint32_t linear; /* result: the instruction that would have been next there */
};

/*
 * The same, with an interrupt that a device asks for at that mark.  Where the switch is over before, it ends at that
 * mark.  The interrupt may still wait when this returns.
 * The statuses are the same; also WS_BAD_ARGUMENT if the mark is past.
 */
enum ws_status ws_world_switch_interrupted(struct ws_world *to, struct ws_interruption *interruption);

#endif
