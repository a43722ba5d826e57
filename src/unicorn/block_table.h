/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stretches: what the engine translates at once and enters as a whole.
 *
 * Where nobody watches single instructions, they are counted a stretch at a time.  The engine calls
 * at the beginning of each one; this table says how many instructions it has, and whether its bytes
 * are still those that were translated.  A stretch is known by the place in the engine's translated
 * code from which the call comes: there is one for each translation, so address spaces that have
 * other code at the same linear address cannot be confused.
 *
 *      the engine calls ──► ws__pace_pass() ── true: its instructions are counted, it runs
 *                                 │
 *                               false: unknown, changed, of interest, or the limit is inside
 *                                  ▼
 *                           freely.c decides
 */
#ifndef WS_CPU_STRETCH_H
#define WS_CPU_STRETCH_H

/* For engine_hook.S, too: the table, and where things are in it, in bytes. */
#define WS__STRETCHES 65536        /* as many as the engine's room for translations can hold */
#define WS__STRETCH_SPACING_BITS 7 /* 1 << this: bytes of translated code that each has at least */
#define WS__STRETCH_BITS 5         /* 1 << this: bytes of a struct ws__stretch */
#define WS__STRETCH_TRANSLATION 0
#define WS__STRETCH_TOUCHES 24
#define WS__STRETCH_LOADS 26
#define WS__STRETCH_INSTRUCTIONS 28
#define WS__STRETCH_ASKS 30        /* and `compared` behind it */
#define WS__PACE_LEFT 0
#define WS__PACE_TABLE 16
#define WS__PACE_PRESENT 24
#define WS__PACE_WATCHED 28
#define WS__ENGINE_PACE 0

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* code->what, for each of its bytes: */
    WS__BEGINS = 1 << 0,          /* an instruction begins here; */
    WS__SITE = 1 << 1,            /* it is to be announced, */
    WS__COMPARES = 1 << 2,        /* or it is, to compare the stretch in front of it */
    WS__TOUCHES_KICK = 1 << 6,    /* every stretch has it: watching it stops the next one */
    WS__TOUCHES_FLAGS = 1 << 7,   /* it loads EFLAGS */
    WS__LOADS_PAGING = 1 << 8     /* it loads CR3; what that changes is looked at when it is needed */
};

struct ws__site;

/* What is needed only when a stretch is looked at closely. */
struct ws__stretch_code {
    uint32_t linear;
    uint16_t bytes;
    bool announced;    /* its instructions are announced, */
    uint32_t looks;    /* what needed a look when it was refused last; see struct ws__tlb */
    unsigned refused;  /* and how often that was */
    bool branches;     /* it ends with a branch to where nobody knows; else it is here: */
    uint32_t target;   /* linear */
    bool announces;    /* since one of them is a site, or compares */
    uint16_t sites;
    bool closely;      /* it can only be executed one instruction at a time */
    bool writes;       /* it may write memory */
    const uint8_t *first; /* where its bytes are */
    uint16_t in_first;    /* how many of its bytes are in the page where it begins */
    const uint8_t *second; /* where those in the next page are; NULL: there are none */
    uint8_t *copy;     /* of all bytes; in the same piece of memory, behind */
    uint8_t what[];    /* WS__BEGINS and so on; and one more, as if another instruction began behind */
};

/* Half of a cache line. */
struct ws__stretch {
    uintptr_t translation; /* where the engine calls from; 0: no stretch */
    struct ws__stretch_code *code;
    struct ws__site *site; /* its sites, code->sites of them; NULL: there are none */
    uint16_t touches;      /* one bit a WS__SEGMENT_ that its operands use, and WS__TOUCHES_ */
    uint16_t loads;        /* one bit a WS__SEGMENT_ that it loads, and WS__LOADS_ */
    uint16_t instructions;
    bool asks;             /* it never passes unasked */
    bool compared;         /* its bytes are compared with what was translated before it begins */
};

/* How far the guest may run before somebody looks. */
struct ws__pace {
    int64_t left;                /* instructions between the end of the present stretch and the limit */
    uint64_t limit;              /* a mark */
    struct ws__stretch *table;
    uint32_t present;            /* the stretch that was entered last, see below; 0: state.begun is exact by itself */
    uint32_t watched;            /* what stretches may not touch */
    bool closely;                /* each instruction is announced, and the rest does not count */
};

_Static_assert(offsetof(struct ws__stretch, translation) == WS__STRETCH_TRANSLATION &&
                   offsetof(struct ws__stretch, touches) == WS__STRETCH_TOUCHES &&
                   offsetof(struct ws__stretch, loads) == WS__STRETCH_LOADS &&
                   offsetof(struct ws__stretch, instructions) == WS__STRETCH_INSTRUCTIONS &&
                   offsetof(struct ws__stretch, asks) == WS__STRETCH_ASKS &&
                   offsetof(struct ws__stretch, compared) == WS__STRETCH_ASKS + 1 &&
                   sizeof(struct ws__stretch) == 1 << WS__STRETCH_BITS &&
                   offsetof(struct ws__pace, left) == WS__PACE_LEFT &&
                   offsetof(struct ws__pace, table) == WS__PACE_TABLE &&
                   offsetof(struct ws__pace, present) == WS__PACE_PRESENT &&
                   offsetof(struct ws__pace, watched) == WS__PACE_WATCHED,
               "engine_hook.S takes them to be there");

struct ws__stretches {
    struct ws__stretch *table;
    uint32_t *used;      /* places in the table */
    uint32_t count;
};

/* false: no memory. */
bool ws__stretches_init(struct ws__stretches *stretches);
void ws__stretches_release(struct ws__stretches *stretches);
/* The engine has forgotten its translations. */
void ws__stretches_clear(struct ws__stretches *stretches);

/* NULL: unknown. */
struct ws__stretch *ws__stretch_find(const struct ws__stretches *stretches, uintptr_t translation);
/* Add one for code that was just translated.  It takes over its code and its site, which malloc made, and fills the
 * copy.  NULL: no room. */
struct ws__stretch *ws__stretch_add(struct ws__stretches *stretches, const struct ws__stretch *stretch);

/* What is at `linear`: WS__BEGINS and so on; 0: none of its instructions. */
static inline uint8_t ws__stretch_what(const struct ws__stretch *stretch, uint32_t linear)
{
    const struct ws__stretch_code *code = stretch->code;
    uint32_t offset = linear - code->linear;
    return offset < code->bytes ? code->what[offset] : 0;
}
/* Which of its instructions is it, and how many bytes has it?  -1: none. */
int ws__stretch_index(const struct ws__stretch *stretch, uint32_t linear, unsigned *bytes);
/* Are its bytes as they were translated?  They are if nothing ran since but itself, and it writes nothing. */
bool ws__stretch_unchanged(const struct ws__stretch *stretch, const struct ws__stretch *present);

/* What pace->present is while it is under way. */
static inline uint32_t ws__pace_name(const struct ws__pace *pace, const struct ws__stretch *stretch)
{
    return (uint32_t)(stretch - pace->table) + 1;
}

/* The one that was entered last, or NULL. */
static inline struct ws__stretch *ws__pace_present(const struct ws__pace *pace)
{
    return pace->present ? &pace->table[pace->present - 1] : NULL;
}

/* It runs: all its instructions are counted, and what it loads is to be looked at before it is used. */
static inline void ws__pace_enter(struct ws__pace *pace, const struct ws__stretch *stretch)
{
    pace->left -= stretch->instructions;
    pace->present = ws__pace_name(pace, stretch);
    pace->watched |= stretch->loads;
}

/* Enter the stretch that begins now, if it may run, all of it, without a look.  false: freely.c must look.
 * engine_hook.S does the same. */
static inline bool ws__pace_pass(struct ws__pace *pace, uintptr_t translation)
{
    struct ws__stretch *stretch = &pace->table[(translation >> WS__STRETCH_SPACING_BITS) % WS__STRETCHES];
    bool passes = stretch->translation == translation && !stretch->asks && !(stretch->touches & pace->watched) &&
                  pace->left >= stretch->instructions &&
                  (!stretch->compared || ws__stretch_unchanged(stretch, ws__pace_present(pace)));
    if (passes)
        ws__pace_enter(pace, stretch);
    return passes;
}

/* Nothing may run beyond this mark. */
static inline void ws__pace_shorten(struct ws__pace *pace, uint64_t mark)
{
    if (!pace->present || mark >= pace->limit)
        return;
    pace->left -= (int64_t)(pace->limit - mark);
    pace->limit = mark;
}

/* The mark at which the present stretch ends. */
static inline uint64_t ws__pace_end(const struct ws__pace *pace)
{
    return pace->limit - (uint64_t)pace->left;
}

#endif
#endif
