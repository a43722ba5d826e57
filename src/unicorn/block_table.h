/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of code, and the instruction budget.
 *
 * A block is a sequence of instructions that the engine translates at once, and then enters only at its beginning.  In
 * block mode the instructions are counted a block at a time.  At the beginning of each block the engine calls the block
 * hook (hook.S).  The table of this file says how many instructions the block has, and whether its bytes are still
 * those that the engine translated.
 *
 * The hook knows the block by the return address of its own call.  Each translation contains a call of its own.  So two
 * address spaces with different code at the same linear address have two entries in the table.
 *
 *      block hook ──► ws__budget_pass() ── true: its instructions are counted, and the block runs
 *                            │
 *                          false: the block is not in the table, or asks each time; its bytes have changed; it uses
 *                            │     something that is watched; or the budget ends inside it
 *                            ▼
 *                     run/block_mode.c decides
 */
#ifndef WS_UNICORN_BLOCK_TABLE_H
#define WS_UNICORN_BLOCK_TABLE_H

/* For C and for hook.S: the size of the table, and the offsets of the fields that hook.S uses. */
#define WS__BLOCKS             262144 /* entries: as many as the engine's largest buffer for translations can hold */
#define WS__BLOCK_SPACING_BITS 7      /* a translation has at least 1 << this bytes */
#define WS__BLOCK_BITS         5      /* a struct ws__block has 1 << this bytes */
#define WS__BLOCK_TRANSLATION  0
#define WS__BLOCK_TOUCHES      24
#define WS__BLOCK_LOADS        26
#define WS__BLOCK_INSTRUCTIONS 28
#define WS__BLOCK_ASKS         30 /* `compared` is the byte behind it */
#define WS__BUDGET_LEFT        0
#define WS__BUDGET_TABLE       16
#define WS__BUDGET_PRESENT     24
#define WS__BUDGET_WATCHED     32
#define WS__ENGINE_BUDGET      0

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* bits of code->what, one byte for each byte of the block: */
    WS__BEGINS = 1 << 0,     /* an instruction begins here */
    WS__HOOK_POINT = 1 << 1, /* this instruction is a hook point */
    WS__COMPARES = 1 << 2,   /* the instruction in front may write into the block: compare the block's bytes here */
    /* bits of block->touches, besides those of the segments: */
    WS__TOUCHES_ALWAYS = 1 << 6, /* every block has it, so the next block does not pass while it is watched */
    WS__TOUCHES_FLAGS = 1 << 7,  /* the block loads EFLAGS */
    /* WS__CODE_LIMITS bits from this one on: see run/code_limit.h */
    WS__CODE_LIMITS = 7,
    WS__TOUCHES_CODE_LIMIT = 1 << 9,
    WS__TOUCHES_CODE_LIMITS = (1 << 16) - WS__TOUCHES_CODE_LIMIT,
    /* a bit of block->loads, besides those of the segments.  It comes into budget->watched, so no bit of block->touches
     * may be the same. */
    WS__LOADS_PAGING = 1 << 8 /* the block loads CR3; block_mode.c learns of it in its next call */
};

struct ws__hook_point;

/* The part of a block that hook.S does not need.  It is separate, so that a struct ws__block is small. */
struct ws__block_code {
    uint32_t linear;
    uint16_t bytes;
    bool announced;        /* this translation announces its instructions */
    bool needs_announcing; /* one of its instructions is a hook point, or it is `compared` */
    bool branches;         /* it ends with a branch whose target is only known when the branch is executed */
    uint32_t target;       /* else: the linear address to which it branches, or its own if it ends without a branch */
    uint16_t points;       /* how many hook points it has */
    bool step_mode;        /* it must be executed in step mode */
    bool writes;           /* it may write to memory */
    const uint8_t *first;  /* its bytes in RAM */
    uint16_t in_first;     /* how many of them are in the page where the block begins */
    const uint8_t *second; /* the rest, in the next page; NULL: there is no rest */
    uint8_t *copy;         /* its bytes when it was translated; they are behind `what`, in the same allocation */
    uint8_t what[];        /* WS__BEGINS and so on; one byte more than the block, with WS__BEGINS, marks the end */
};

/* What the block hook needs of a block: half of a cache line. */
struct ws__block {
    uintptr_t translation; /* the return address of its call of the block hook; 0: this entry is free */
    struct ws__block_code *code;
    struct ws__hook_point *point; /* its hook points, code->points of them; NULL: there are none */
    uint16_t touches;             /* 1 << WS__SEGMENT_...: the segments that it uses; and WS__TOUCHES_ bits */
    uint16_t loads;               /* 1 << WS__SEGMENT_...: the segment registers that it loads; and WS__LOADS_PAGING */
    uint16_t instructions;
    bool asks;     /* the block hook never lets it pass: it asks block_mode.c each time */
    bool compared; /* its bytes in RAM are compared with the copy before it begins: its frame is mixed, see frames.h */
};

/* The instruction budget: how far the guest may run in block mode before the block hook must ask block_mode.c. */
struct ws__budget {
    int64_t left;   /* how many instructions may begin behind the present block */
    uint64_t limit; /* the mark that is reached when `left` is used up */
    struct ws__block *table;
    const struct ws__block *present; /* the block that was entered last; NULL: none, state.begun is exact */
    uint32_t watched;                /* a block with one of these bits in `touches` does not pass */
    bool step_mode;                  /* the engine runs in step mode; then no block passes */
};

_Static_assert(offsetof(struct ws__block, translation) == WS__BLOCK_TRANSLATION &&
                   offsetof(struct ws__block, touches) == WS__BLOCK_TOUCHES &&
                   offsetof(struct ws__block, loads) == WS__BLOCK_LOADS &&
                   offsetof(struct ws__block, instructions) == WS__BLOCK_INSTRUCTIONS &&
                   offsetof(struct ws__block, asks) == WS__BLOCK_ASKS &&
                   offsetof(struct ws__block, compared) == WS__BLOCK_ASKS + 1 &&
                   sizeof(struct ws__block) == 1 << WS__BLOCK_BITS &&
                   offsetof(struct ws__budget, left) == WS__BUDGET_LEFT &&
                   offsetof(struct ws__budget, table) == WS__BUDGET_TABLE &&
                   offsetof(struct ws__budget, present) == WS__BUDGET_PRESENT &&
                   offsetof(struct ws__budget, watched) == WS__BUDGET_WATCHED,
               "hook.S expects them there");

struct ws__block_table {
    struct ws__block *table;
    uint32_t *used; /* the indices of the entries in use, `count` of them */
    uint32_t count;
};

/* false: no memory. */
bool ws__block_table_init(struct ws__block_table *blocks);
void ws__block_table_release(struct ws__block_table *blocks);
/* Empty the table: the engine has forgotten its translations. */
void ws__block_table_clear(struct ws__block_table *blocks);

/* The block with this return address; NULL: it is not in the table. */
struct ws__block *ws__block_find(const struct ws__block_table *blocks, uintptr_t translation);
/* Add a block that the engine has just translated, and fill code->copy.  The table takes over block->code and
 * block->point, which come from malloc.  NULL: the table is full; the caller keeps them. */
struct ws__block *ws__block_add(struct ws__block_table *blocks, const struct ws__block *block);

/* From now on the block hook asks block_mode.c about each block in the table that has a byte at `linear`. */
void ws__block_table_ask(struct ws__block_table *blocks, uint32_t linear);

/* The byte of code->what for `linear`; 0: no instruction of the block begins there. */
static inline uint8_t ws__block_what(const struct ws__block *block, uint32_t linear)
{
    const struct ws__block_code *code = block->code;
    uint32_t offset = linear - code->linear;
    return offset < code->bytes ? code->what[offset] : 0;
}
/* The number of the instruction at `linear` in its block, from 0 on; *bytes is its length.  -1: none begins there. */
int ws__block_index(const struct ws__block *block, uint32_t linear, unsigned *bytes);
/* Are the block's bytes in RAM still those that were translated?  There is no need to compare if the block itself ran
 * last (it is `present`) and writes nothing.  `present` may be NULL: then they are compared. */
bool ws__block_unchanged(const struct ws__block *block, const struct ws__block *present);

/* The block runs.  All its instructions are counted now.  What it loads is watched: a later block that uses it asks. */
static inline void ws__budget_enter(struct ws__budget *budget, const struct ws__block *block)
{
    budget->left -= block->instructions;
    budget->present = block;
    budget->watched |= block->loads;
}

/* A block begins.  If all of it may run, enter it.  false: block_mode.c must decide.  hook.S does the
 * same, but leaves blocks that are `compared` to this function. */
static inline bool ws__budget_pass(struct ws__budget *budget, uintptr_t translation)
{
    struct ws__block *block = &budget->table[(translation >> WS__BLOCK_SPACING_BITS) % WS__BLOCKS];
    bool passes = block->translation == translation && !block->asks && !(block->touches & budget->watched) &&
                  budget->left >= block->instructions &&
                  (!block->compared || ws__block_unchanged(block, budget->present));
    if (passes)
        ws__budget_enter(budget, block);
    return passes;
}

/* An announced instruction begins.  If it is one of the present block, but no hook point, it may run.  Behind an
 * instruction that may have written into the block, the block's bytes must be unchanged.  false: block_mode.c must
 * decide. */
static inline bool ws__budget_lets_begin(const struct ws__budget *budget, uint32_t linear)
{
    if (budget->step_mode || !budget->present)
        return false;
    uint8_t what = ws__block_what(budget->present, linear);
    return what && !(what & WS__HOOK_POINT) && (!(what & WS__COMPARES) || ws__block_unchanged(budget->present, NULL));
}

/* Let the budget end at `mark`, if it ends later now.  While no block is present, nothing is to be done: the next block
 * asks block_mode.c, which makes a new budget. */
static inline void ws__budget_shorten(struct ws__budget *budget, uint64_t mark)
{
    if (!budget->present || mark >= budget->limit)
        return;
    budget->left -= (int64_t)(budget->limit - mark);
    budget->limit = mark;
}

/* The mark behind the present block's last instruction. */
static inline uint64_t ws__budget_end(const struct ws__budget *budget)
{
    return budget->limit - (uint64_t)budget->left;
}

#endif
#endif
