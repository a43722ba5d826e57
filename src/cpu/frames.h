/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of physical memory, and what was made of their contents.
 *
 * Two things are made of what RAM holds: the engine translates code, and its TLB holds translations of addresses.  Both
 * must go when RAM changes.  So a frame that served as a page table, or that holds the code of the block that runs, is
 * *protected*: the TLB has no permission to write it.  In step mode an instruction may write it all the same, and
 * ws__frames_settle() then checks what was written.  If a block in another frame writes to code, that code is forgotten
 * first, and the frame loses its protection (ws__frame_write_passes()).  What the library itself or a device writes is
 * reported by a call of ws__frames_written().
 *
 *      code was written         ──► what was translated from that frame is forgotten
 *      a page table was written ──► all translations of addresses are dropped
 *
 * Some programs often write data beside their code, and protection would stop them all the time.  After
 * WS__FRAME_MIXED_AT such writes the frame is *mixed*: it may be written, and its blocks are compared with RAM before
 * they are executed (ws__block_unchanged() in unicorn/block_table.h).
 *
 * When an instruction writes into the block that it stands in, the engine begins it once more, even if half of its work
 * was done.  So code that can be written while it is executed, in step mode and in mixed frames, is executed from a
 * *copy* of the frame, and the guest never writes to the copy.  Announced translations (unicorn/announce.c) are made
 * from a copy, and all others from RAM.  Blocks of a mixed frame are always announced: the engine does not execute
 * their plain translations, it only jumps on from there.
 */
#ifndef WS_CPU_FRAMES_H
#define WS_CPU_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

#include "unicorn/engine.h"

struct ws__cpu;

enum {
    WS__FRAMES_WRITTEN = 8, /* how many protected frames one instruction can write */
    WS__FRAME_MIXED_AT = 8  /* this many writes of blocks into their own frame make it mixed */
};

struct ws__frame {
    bool code;          /* the engine may hold code translated from here */
    bool mixed;         /* code and data share it: see above */
    bool table;         /* a page table that translations were read from */
    bool fatal;         /* it seems to hold code that ends Unicorn's process: see unicorn/defuse.h */
    bool writable;      /* the TLB may hold the permission to write it */
    bool written;       /* see ws__frame_was_written() */
    uint8_t own_writes; /* how often blocks wrote into their own frame, up to WS__FRAME_MIXED_AT */
    uint8_t copy;       /* the number of its copy, plus one; 0: it has none */
    uint16_t first;     /* the code that was translated lies between these offsets; */
    uint16_t end;       /* 0: there is none */
};

/* A protected frame that the present instruction may write, with its contents before. */
struct ws__written {
    uint32_t number;
    uint8_t before[WS_PAGE_BYTES];
};

/* The bytes of one instruction, as physical addresses; two ranges where it crosses a page. */
struct ws__trusted {
    uint32_t first[2], end[2]; /* empty if both are equal */
};

/* A frame whose changes the machine wants to know of. */
struct ws__frame_watch {
    uint32_t number;
    void (*changed)(void *context); /* NULL: there is no such frame */
    void *context;
};

struct ws__frames {
    struct ws__frame *frame; /* one for each frame of RAM */
    uint32_t *table;         /* the numbers of the frames that have `table` set */
    uint32_t tables;
    uint32_t written_count; /* how many frames have `written` set */
    struct ws__written *written;
    unsigned writtens;
    struct ws__frame_watch watch;
    uint32_t owner[WS__ENGINE_COPY_COUNT]; /* the frame that has each copy: its number, plus one */
    unsigned next;                         /* the copy that the next frame gets */
    bool defused;                          /* a frame is fatal, or was */
    struct ws__trusted trusted;            /* the bytes that the copy holds unchanged, although they look fatal */
    /* Code or translations were forgotten: the engine must be entered anew. */
    bool stale;
};

/* false: no memory. */
bool ws__frames_init(struct ws__frames *frames, uint32_t ram_bytes);
void ws__frames_release(struct ws__frames *frames);

/* The frame at a physical address (ws__frame_at()), or at an address in the host's memory, which may be NULL
 * (ws__frame_of()).  NULL: outside RAM. */
struct ws__frame *ws__frame_at(const struct ws__cpu *cpu, uint32_t phys);
struct ws__frame *ws__frame_of(const struct ws__cpu *cpu, const uint8_t *ram);

/* -- code -------------------------------------------------------------------------------------- */

/* The engine has translated `bytes` of code at `linear`: note in its frames where code is. */
void ws__frames_translated(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* The engine is going to translate code from this frame. */
void ws__frame_code_begin(struct ws__cpu *cpu, struct ws__frame *frame);
/* Make the engine forget its code from this frame, even if it executes that code now. */
void ws__frame_code_drop(struct ws__cpu *cpu, struct ws__frame *frame);
/* Does the engine execute these bytes as they are in RAM, and not changed in a copy? */
bool ws__frames_are_faithful(const struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* The instruction at `linear` begins next, and only looks fatal: have the engine, entered anew, translate it
 * unchanged. */
void ws__frames_trust(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* That instruction is translated: change its bytes in the copy again. */
void ws__frames_distrust(struct ws__cpu *cpu);
/* Give the frame an up-to-date copy.  Returns where the copy is in the engine's physical memory. */
uint64_t ws__frame_copy(struct ws__cpu *cpu, struct ws__frame *frame);
/* The engine has just translated `bytes` of code at `linear`: are they those in RAM?  If not, the translation is
 * forgotten. */
bool ws__frames_are_current(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* The engine has forgotten all code. */
void ws__frames_code_forgotten(struct ws__cpu *cpu);

/* -- page tables ------------------------------------------------------------------------------- */

/* A page walk read a translation: protect the frames of its entries. */
void ws__frames_tables_protect(struct ws__cpu *cpu, const struct ws_translation *walk);

/* Would this access set an accessed or dirty bit in a frame that holds code, or that is watched? */
bool ws__frames_marks_code(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access);
/* Set the accessed and dirty bits for this access. */
void ws__frames_mark_used(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access);
/* A page fault came from a page table entry.  The directory entry was used nevertheless, so mark it accessed.  SDM 3A
 * §4.8 "Accessed and Dirty Flags" */
void ws__frames_mark_directory(struct ws__cpu *cpu, const struct ws_translation *walk);

/* Has the page been accessed (written), as the accessed (dirty) bits say? */
bool ws__translation_is_accessed(const struct ws_translation *walk);
bool ws__translation_is_dirty(const struct ws_translation *walk);

/* -- watching ---------------------------------------------------------------------------------- */

/* Call watch->changed from now on after each change of that frame; NULL: do not any more.  It is protected like a page
 * table. */
void ws__frames_watch(struct ws__cpu *cpu, const struct ws__frame_watch *watch);
bool ws__frame_is_watched(const struct ws__cpu *cpu, const struct ws__frame *frame);

/* -- writes ------------------------------------------------------------------------------------ */

/* In block mode: may the TLB get the permission to write this frame?  This may forget the frame's code, or count a
 * write of a block into its own frame. */
bool ws__frame_write_passes(struct ws__cpu *cpu, struct ws__frame *frame);
/* In step mode: the present instruction gets that permission, so keep what the frame holds before. */
void ws__frame_write_note(struct ws__cpu *cpu, const struct ws__frame *frame);
/* At a boundary in step mode: check what the instruction before wrote.  false: the engine must be entered anew. */
bool ws__frames_settle(struct ws__cpu *cpu);
/* RAM was written by the library or a device, not by an instruction through the TLB. */
void ws__frames_written(struct ws__cpu *cpu, uint32_t phys, uint32_t bytes);

/* -- what was written -------------------------------------------------------------------------- */

/* From now on no frame counts as written.  The TLB loses all permissions to write, so that the next write to each frame
 * is seen. */
void ws__frames_forget_writes(struct ws__cpu *cpu);
/* May this frame, by its number, have changed since then?  Who has the permission to write may not have used it. */
bool ws__frame_was_written(const struct ws__cpu *cpu, uint32_t number);
/* How many frames may have? */
uint32_t ws__frames_written_count(const struct ws__cpu *cpu);
/* It may be changed. */
void ws__frame_note_write(struct ws__cpu *cpu, struct ws__frame *frame);

#endif
