/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of physical memory: what was made of their contents.
 *
 * Two things are made of what RAM holds, and must go when it changes: the engine's translated code, and the
 * translations in its TLB.  So a frame that holds code, or that served as a page table, is protected: the TLB has no
 * permission to write it.  What is written to it nevertheless, one instruction at a time, is looked at behind that
 * instruction (ws__frames_settle()); what the library itself or a device writes is said to ws__frames_written().
 *
 *      code     ──► what was translated from there is forgotten
 *      table    ──► all translations are dropped
 *
 * Where a program often writes data beside its code, protection would stop it all the time.  After some such writes the
 * frame is *mixed*: it may be written, and its blocks are compared with RAM before they are executed (block.h).
 *
 * When an instruction writes into the block that it stands in, the engine would begin it once more, even if it had done
 * half of its work.  So where code can be written that is being executed, in step mode and in mixed frames, the engine
 * executes a *copy* of the frame, and its blocks are never written.  (So it does with all code whose instructions are
 * announced, be it in step mode or not: both are the same translations.)
 */
#ifndef WS_CPU_FRAMES_H
#define WS_CPU_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

#include "unicorn/engine.h"

struct ws__cpu;

enum {
    WS__FRAMES_WRITTEN = 8, /* protected frames that one instruction can write */
    WS__FRAME_MIXED_AT = 8  /* writes of blocks into their own frame, until code and data are taken to share it */
};

struct ws__frame {
    bool code;          /* the engine may hold code translated from here */
    bool mixed;         /* code and data share it */
    bool table;         /* translations were read from here */
    bool fatal;         /* it is executed from a copy that Unicorn survives: see defuse.h */
    bool writable;      /* the TLB may have the permission to write it */
    uint8_t own_writes; /* of blocks into their own frame, up to WS__FRAME_MIXED_AT */
    uint8_t copy;       /* the number of its copy, plus one; 0: there is none */
    uint16_t first;     /* where code was translated from: offsets; */
    uint16_t end;       /* 0: nowhere */
};

/* A protected frame that the present instruction may write, as it was before. */
struct ws__written {
    uint32_t number;
    uint8_t before[WS_PAGE_BYTES];
};

/* The bytes of one instruction, physical; in two frames where it crosses a page. */
struct ws__trusted {
    uint32_t first[2], end[2]; /* nothing where they are equal */
};

struct ws__frames {
    struct ws__frame *frame; /* one a frame of RAM */
    uint32_t *table;         /* the numbers of those with `table` set */
    uint32_t tables;
    struct ws__written *written;
    unsigned writtens;
    uint32_t owner[WS__ENGINE_COPY_COUNT]; /* whose each copy is: the number of a frame, plus one */
    unsigned next;                         /* the copy that is taken next */
    bool defused;                          /* one is fatal, or was */
    struct ws__trusted trusted;            /* what is in a copy as it is in RAM, although it seems fatal */
    bool stale;                            /* code or translations were forgotten: the engine is to be entered anew */
};

/* false: no memory. */
bool ws__frames_init(struct ws__frames *frames, uint32_t ram_bytes);
void ws__frames_release(struct ws__frames *frames);

/* The frame at a physical address, or at an address in the machine's RAM, which may be NULL; NULL: outside RAM. */
struct ws__frame *ws__frame_at(const struct ws__cpu *cpu, uint32_t phys);
struct ws__frame *ws__frame_of(const struct ws__cpu *cpu, const uint8_t *ram);

/* -- code -------------------------------------------------------------------------------------- */

/* The engine has translated `bytes` of code at `linear`. */
void ws__frames_translated(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* Code is going to be translated from there. */
void ws__frame_code_begin(struct ws__cpu *cpu, struct ws__frame *frame);
/* Forget the engine's code from this frame.  It may be about to execute it. */
void ws__frame_code_drop(struct ws__cpu *cpu, struct ws__frame *frame);
/* Does the engine execute these bytes as they are in RAM? */
bool ws__frames_are_faithful(const struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* Trust the instruction at `linear`, which begins next: the engine, entered anew, translates it as it is. */
void ws__frames_trust(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* It is translated: trust nothing. */
void ws__frames_distrust(struct ws__cpu *cpu);
/* Where in the engine's physical memory a copy of the frame is. */
uint64_t ws__frame_copy(struct ws__cpu *cpu, struct ws__frame *frame);
/* The engine has translated `bytes` of code at `linear` just now: are they those in RAM?  If not, they are
 * forgotten. */
bool ws__frames_are_current(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);
/* The engine has forgotten all code. */
void ws__frames_code_forgotten(struct ws__cpu *cpu);

/* -- page tables ------------------------------------------------------------------------------- */

/* A translation was read: protect the frames of its entries. */
void ws__frames_tables_protect(struct ws__cpu *cpu, const struct ws_translation *walk);

/* Would setting accessed and dirty bits, for this access, change code? */
bool ws__frames_marks_code(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access);
/* Set them. */
void ws__frames_mark_used(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access);
/* A page fault came from the page table: the entry in the directory was used nevertheless.
 * SDM 3A §4.8 "Accessed and Dirty Flags" */
void ws__frames_mark_directory(struct ws__cpu *cpu, const struct ws_translation *walk);

/* Was the page accessed, or written, says the entry that maps it? */
bool ws__translation_is_accessed(const struct ws_translation *walk);
bool ws__translation_is_dirty(const struct ws_translation *walk);

/* -- writes ------------------------------------------------------------------------------------ */

/* Block mode: may the TLB have the permission to write this frame? */
bool ws__frame_write_passes(struct ws__cpu *cpu, struct ws__frame *frame);
/* Step mode: it has, for the present instruction. */
void ws__frame_write_note(struct ws__cpu *cpu, const struct ws__frame *frame);
/* At a boundary in step mode: look at what the instruction before wrote.  false: the engine is to be entered anew. */
bool ws__frames_settle(struct ws__cpu *cpu);
/* RAM was written, not by an instruction through the TLB. */
void ws__frames_written(struct ws__cpu *cpu, uint32_t phys, uint32_t bytes);

#endif
