/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks: what the engine translates at once and enters as a whole.
 *
 * Where nobody watches single instructions, they are counted a block at a time.  The engine calls
 * at the beginning of each one; this table says how many instructions it has, and whether its bytes
 * are still those that were translated.  A block is known by the place in the engine's translated
 * code from which the call comes: there is one for each translation, so address spaces that have
 * other code at the same linear address cannot be confused.
 *
 *      the engine calls ──► ws__budget_pass() ── true: its instructions are counted, it runs
 *                                 │
 *                               false: unknown, changed, of interest, or the limit is inside
 *                                  ▼
 *                           block_mode.c decides
 */
#ifndef WS_UNICORN_BLOCK_TABLE_H
#define WS_UNICORN_BLOCK_TABLE_H

/* For hook.S, too: the table, and where things are in it, in bytes. */
#define WS__BLOCKS             65536 /* as many as the engine's room for translations can hold */
#define WS__BLOCK_SPACING_BITS 7     /* 1 << this: bytes of translated code that each has at least */
#define WS__BLOCK_BITS         5     /* 1 << this: bytes of a struct ws__block */
#define WS__BLOCK_TRANSLATION  0
#define WS__BLOCK_TOUCHES      24
#define WS__BLOCK_LOADS        26
#define WS__BLOCK_INSTRUCTIONS 28
#define WS__BLOCK_ASKS         30 /* and `compared` behind it */
#define WS__BUDGET_LEFT        0
#define WS__BUDGET_TABLE       16
#define WS__BUDGET_PRESENT     24
#define WS__BUDGET_WATCHED     28
#define WS__ENGINE_BUDGET      0

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* code->what, for each of its bytes: */
    WS__BEGINS = 1 << 0,        /* an instruction begins here; */
    WS__HOOK_POINT = 1 << 1,    /* it is to be announced, */
    WS__COMPARES = 1 << 2,      /* or it is, to compare the block in front of it */
    WS__TOUCHES_KICK = 1 << 6,  /* every block has it: watching it stops the next one */
    WS__TOUCHES_FLAGS = 1 << 7, /* it loads EFLAGS */
    WS__LOADS_PAGING = 1 << 8   /* it loads CR3; what that changes is looked at when it is needed */
};

struct ws__hook_point;

/* What is needed only when a block is looked at in step mode. */
struct ws__block_code {
    uint32_t linear;
    uint16_t bytes;
    bool announced;   /* its instructions are announced, */
    uint32_t looks;   /* what needed a look when it was refused last; see struct ws__tlb */
    unsigned refused; /* and how often that was */
    bool branches;    /* it ends with a branch to where nobody knows; else it is here: */
    uint32_t target;  /* linear */
    bool announces;   /* since one of them is a hook point, or compares */
    uint16_t points;
    bool step_mode;        /* it can only be executed one instruction at a time */
    bool writes;           /* it may write memory */
    const uint8_t *first;  /* where its bytes are */
    uint16_t in_first;     /* how many of its bytes are in the page where it begins */
    const uint8_t *second; /* where those in the next page are; NULL: there are none */
    uint8_t *copy;         /* of all bytes; in the same piece of memory, behind */
    uint8_t what[];        /* WS__BEGINS and so on; and one more, as if another instruction began behind */
};

/* Half of a cache line. */
struct ws__block {
    uintptr_t translation; /* where the engine calls from; 0: no block */
    struct ws__block_code *code;
    struct ws__hook_point *point; /* its hook points, code->points of them; NULL: there are none */
    uint16_t touches;             /* one bit a WS__SEGMENT_ that its operands use, and WS__TOUCHES_ */
    uint16_t loads;               /* one bit a WS__SEGMENT_ that it loads, and WS__LOADS_ */
    uint16_t instructions;
    bool asks;     /* it never passes unasked */
    bool compared; /* its bytes are compared with what was translated before it begins */
};

/* How far the guest may run before somebody looks. */
struct ws__budget {
    int64_t left;   /* instructions between the end of the present block and the limit */
    uint64_t limit; /* a mark */
    struct ws__block *table;
    uint32_t present; /* the block that was entered last, see below; 0: state.begun is exact by itself */
    uint32_t watched; /* what blocks may not touch */
    bool step_mode;   /* each instruction is announced, and the rest does not count */
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
               "hook.S takes them to be there");

struct ws__block_table {
    struct ws__block *table;
    uint32_t *used; /* places in the table */
    uint32_t count;
};

/* false: no memory. */
bool ws__block_table_init(struct ws__block_table *blocks);
void ws__block_table_release(struct ws__block_table *blocks);
/* The engine has forgotten its translations. */
void ws__block_table_clear(struct ws__block_table *blocks);

/* NULL: unknown. */
struct ws__block *ws__block_find(const struct ws__block_table *blocks, uintptr_t translation);
/* Add one for code that was just translated.  It takes over its code and its hook point, which malloc made, and
 * fills the copy.  NULL: no room. */
struct ws__block *ws__block_add(struct ws__block_table *blocks, const struct ws__block *block);

/* What is at `linear`: WS__BEGINS and so on; 0: none of its instructions. */
static inline uint8_t ws__block_what(const struct ws__block *block, uint32_t linear)
{
    const struct ws__block_code *code = block->code;
    uint32_t offset = linear - code->linear;
    return offset < code->bytes ? code->what[offset] : 0;
}
/* Which of its instructions is it, and how many bytes has it?  -1: none. */
int ws__block_index(const struct ws__block *block, uint32_t linear, unsigned *bytes);
/* Are its bytes as they were translated?  They are if nothing ran since but itself, and it writes nothing. */
bool ws__block_unchanged(const struct ws__block *block, const struct ws__block *present);

/* What budget->present is while it is under way. */
static inline uint32_t ws__budget_name(const struct ws__budget *budget, const struct ws__block *block)
{
    return (uint32_t)(block - budget->table) + 1;
}

/* The one that was entered last, or NULL. */
static inline struct ws__block *ws__budget_present(const struct ws__budget *budget)
{
    return budget->present ? &budget->table[budget->present - 1] : NULL;
}

/* It runs: all its instructions are counted, and what it loads is to be looked at before it is used. */
static inline void ws__budget_enter(struct ws__budget *budget, const struct ws__block *block)
{
    budget->left -= block->instructions;
    budget->present = ws__budget_name(budget, block);
    budget->watched |= block->loads;
}

/* Enter the block that begins now, if it may run, all of it, without a look.  false: block_mode.c must look.
 * hook.S does the same. */
static inline bool ws__budget_pass(struct ws__budget *budget, uintptr_t translation)
{
    struct ws__block *block = &budget->table[(translation >> WS__BLOCK_SPACING_BITS) % WS__BLOCKS];
    bool passes = block->translation == translation && !block->asks && !(block->touches & budget->watched) &&
                  budget->left >= block->instructions &&
                  (!block->compared || ws__block_unchanged(block, ws__budget_present(budget)));
    if (passes)
        ws__budget_enter(budget, block);
    return passes;
}

/* Nothing may run beyond this mark. */
static inline void ws__budget_shorten(struct ws__budget *budget, uint64_t mark)
{
    if (!budget->present || mark >= budget->limit)
        return;
    budget->left -= (int64_t)(budget->limit - mark);
    budget->limit = mark;
}

/* The mark at which the present block ends. */
static inline uint64_t ws__budget_end(const struct ws__budget *budget)
{
    return budget->limit - (uint64_t)budget->left;
}

#endif
#endif
