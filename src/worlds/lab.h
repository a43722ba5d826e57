/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that build a laboratory know of each other. */
#ifndef WS_WORLDS_LAB_H
#define WS_WORLDS_LAB_H

#include <worldswitch/lab.h>

#include "worlds/layout.h"

/* Where RAM begins that firmware and loader leave alone; the start stub stands here. */
#define WS__FIRST_PAGE  0x00100000u
#define WS__START_BYTES 0x00002000u

enum {
    WS__CONTEXT_BYTES = 512, /* the largest context and frame that a switch of a user's own may have */
    WS__FRAME_BYTES = 512,
    WS__SLOTS_MAX = 256,
    WS__LEAST_PLACES = 3 /* for the contexts of the boot world and of two others */
};

struct ws_process {
    struct ws_world *world;
    struct ws_process *next; /* of the same world, in the order of making */
    char name[WS_NAME_BYTES];
    uint32_t cr3;
    uint32_t block; /* linear: its struct ws_process_block, the foot of its kernel stack page */
};

struct ws_world {
    struct ws_lab *lab;
    char name[WS_NAME_BYTES];
    unsigned index; /* of its context in the cross page */
    uint32_t kernel_linear;
    uint32_t cr3;
    uint32_t tables;                     /* linear: the page of GDT, LDT, TSS, IDT */
    uint32_t stack_top;                  /* linear: of the kernel stack */
    uint32_t resident;                   /* linear: struct ws_resident; 0 in the boot world */
    uint32_t pte_flags;                  /* that all its kernel pages get: WS_PTE_G or 0 */
    struct ws_registers begin;           /* with which it will begin */
    struct ws_context_code context_code; /* the user's own context switch; no slots: the kernel's */
    struct ws_cross_slot *context_slot;  /* its format: owned */
    struct ws_process *process;
    unsigned processes;
};

struct ws_lab {
    struct ws_machine *machine;
    struct ws_symbols *symbols;
    uint8_t *ram; /* the initial memory, as it is built */
    uint32_t memory_bytes;
    uint32_t next_page; /* phys: everything from here on is free */
    uint32_t cross_phys;
    struct ws_cross_code cross;   /* the switch; its code is in the page already */
    struct ws_cross_slot *slot;   /* its format, if it is not the built-in one: owned */
    unsigned places;              /* how many worlds have a context in the page */
    bool loaded;                  /* the machine has it: nothing can be built any more */
    bool broken;                  /* a call failed half-way: nothing can be built or loaded any more */
    const struct ws_world *first; /* into which the boot world switches, once loaded */
    struct ws_world *world[WS_CROSS_CONTEXTS];
    unsigned worlds;
};

/* -- lab_memory.c: physical pages, and address spaces in them ---------------------------------- */

/* A zeroed page.  WS_OK, WS_NO_ROOM. */
enum ws_status ws__page_new(struct ws_lab *lab, uint32_t *phys);
/* Map one page with these bits in its PTE, WS_PTE_P added.  WS_OK, WS_NO_ROOM. */
enum ws_status ws__space_put(struct ws_lab *lab, uint32_t cr3, uint32_t linear, uint32_t phys, uint32_t flags);
/* Map new zeroed pages.  WS_OK, WS_BAD_ARGUMENT (alignment, wrap), WS_OVERLAP, WS_NO_ROOM. */
enum ws_status ws__space_map(struct ws_lab *lab, uint32_t cr3, uint32_t linear, uint32_t bytes, uint32_t flags);
/* Copy into mapped pages.  WS_OK, WS_NOT_MAPPED (nothing was copied). */
enum ws_status ws__space_write(struct ws_lab *lab, uint32_t cr3, uint32_t linear, const void *content, uint32_t bytes);
/* Copy out of mapped pages.  WS_OK, WS_NOT_MAPPED. */
enum ws_status ws__space_read(const struct ws_lab *lab, uint32_t cr3, uint32_t linear, void *out, uint32_t bytes);
/* WS_OK, WS_NOT_MAPPED. */
enum ws_status ws__space_translate(const struct ws_lab *lab, uint32_t cr3, uint32_t linear, uint32_t *phys);

/* -- lab_tables.c: a world's page of tables ---------------------------------------------------- */

/* Fill the page at `ram` with the tables of the index-th world: they will stand at `tables`; the
 * TSS is marked busy if so. */
void ws__tables_build(uint8_t *ram, unsigned index, uint32_t tables, uint32_t esp0, bool busy);
/* The registers that say where those tables are, and CS and SS. */
void ws__tables_describe(struct ws_registers *registers, unsigned index, uint32_t tables);
/* The last vector that the index-th world's IDT has room for. */
unsigned ws__tables_last_vector(unsigned index);

/* -- lab_elf.c: programs ----------------------------------------------------------------------- */

struct ws__program {
    const void *elf;
    size_t bytes;
    uint32_t cr3;   /* where to load it */
    uint32_t bias;  /* how far from where it was linked */
    uint32_t begin; /* all of it must be in [begin, end) */
    uint32_t end;
    uint32_t flags; /* in all PTEs */
    bool mapped;    /* the pages are there already */
    /* Of its symbols' names, with a dot after it; NULL: as they are, and only those that are new. */
    const char *prefix;
    uint32_t entry; /* result */
};

/* Map, load, relocate, take the symbols.
 * WS_OK, WS_BAD_IMAGE, WS_OVERLAP, WS_NO_ROOM, WS_NO_MEMORY. */
enum ws_status ws__program_load(struct ws_lab *lab, struct ws__program *program);

/* -- cross_code.c: the switch and its format --------------------------------------------------- */

/* Is this slot a register, and all of it inside? The rooms are in bytes. */
bool ws__slot_is_sound(const struct ws_cross_slot *slot, uint32_t context_room, uint32_t frame_room);
/* Put into the cross page what belongs there before any world is built. */
void ws__cross_take(struct ws_lab *lab, const struct ws_cross_code *code);
/* Fill `memory`, a context or a frame as `place` says, with a world's registers: of it, `frame` is where its frame
 * begins, linear. */
void ws__slots_fill(const struct ws_cross_code *code, unsigned place, const struct ws_registers *registers,
                    uint32_t frame, uint8_t *memory);

/* -- lab.c, world.c, world_registers.c, lab_boot.c --------------------------------------------- */

/* 1 to 31 letters, digits, '-', '_', and not the name of another world or process.  WS_OK, WS_BAD_ARGUMENT,
 * WS_OVERLAP. */
enum ws_status ws__name_check(const struct ws_lab *lab, const char *name);
/* Add a symbol "ws.world.WORLD", or "ws.process.WORLD.PROCESS" if `process` is not NULL, with that
 * value. */
enum ws_status ws__name_publish(struct ws_lab *lab, const char *world, const char *process, uint32_t cr3);
/* A world in the lab's next place, with nothing but a page directory that maps the cross page. */
enum ws_status ws__world_begin(struct ws_lab *lab, const char *name, struct ws_world **out);
void ws__world_free(struct ws_world *world);
/* Can anything be built? */
bool ws__lab_is_open(const struct ws_lab *lab);
/* Pass a status on; unless it is WS_OK, the lab is broken. */
enum ws_status ws__lab_built(struct ws_lab *lab, enum ws_status status);
/* Does any world but `except` have this CR4 bit? */
bool ws__lab_has_cr4(const struct ws_lab *lab, uint32_t bit, const struct ws_world *except);
/* Put these registers into the world's context and onto its stack.
 * WS_OK, WS_NOT_MAPPED (ESP). */
enum ws_status ws__world_begin_with(struct ws_world *world, const struct ws_registers *registers);
/* A symbol of the world's kernel.  WS_OK, WS_BAD_IMAGE (the kernel lacks it), WS_NO_MEMORY. */
enum ws_status ws__world_symbol(const struct ws_world *world, const char *name, uint32_t *linear);
/* Give all processes the kernel half that the world has now. */
void ws__world_share_kernel(struct ws_world *world);
/* Write into kernel memory of a world: before the lab is loaded into initial memory, afterwards
 * into the machine's, as a device would.
 * WS_OK, WS_NOT_MAPPED. */
enum ws_status ws__world_poke(struct ws_world *world, uint32_t linear, const void *content, uint32_t bytes);

/* World number 0, in which the start stub runs.  Must be made first. */
enum ws_status ws__boot_world_new(struct ws_lab *lab);
/* Fill the start stub's words: the first switch goes to that world. */
enum ws_status ws__boot_world_aim(struct ws_lab *lab, const struct ws_world *first, uint32_t *entry);

#endif
