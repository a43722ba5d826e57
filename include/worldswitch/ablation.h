/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ablation: what would happen without this instruction?
 *
 * The laboratory of lab.h is run again and again, each time with one thing changed in the world
 * switch or around it, under the audit of audit.h.  A trial tells whether it was noticed, by what,
 * at which mark, how far from the cause.  What is changed is initial memory, before the first
 * instruction (or, where translations are kept, memory behind the boot world's switch); or, in a
 * storm, the moment at which a device asks for an interrupt.
 *
 * Code that was changed at random may end this process: Unicorn's translator aborts on a few forms
 * of instructions.  Who tries bits runs each trial in a process of its own, as `worldswitch ablate`
 * does.
 */
#ifndef WORLDSWITCH_ABLATION_H
#define WORLDSWITCH_ABLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/halt.h>
#include <worldswitch/machine.h>
#include <worldswitch/status.h>

/* name, in records, what is done */
#define WS_ABLATION_TABLE(X)                                                           \
    X(REMOVE, "remove", "an instruction is replaced by a nop of the same length")      \
    X(SWAP, "swap", "an instruction changes places with the next one")                 \
    X(BIT, "bit", "a bit of the code is inverted")                                     \
    X(INTERRUPT, "interrupt", "an interrupt is asked for at a boundary of the switch") \
    X(NMI, "nmi", "an NMI comes at a boundary of the switch")

enum ws_ablation_kind {
#define WS_ABLATION_ENUM(name, text, meaning) WS_ABLATION_##name,
    WS_ABLATION_TABLE(WS_ABLATION_ENUM)
#undef WS_ABLATION_ENUM
        WS_ABLATION_KINDS
};

/* A set of kinds: bit N for kind N. */
#define WS_ABLATION_MASK(name) (1u << WS_ABLATION_##name)

/* "remove" and so on; a constant. */
const char *ws_ablation_name(enum ws_ablation_kind kind);

/* One thing to try. */
struct ws_ablation_case {
    uint8_t kind;         /* enum ws_ablation_kind */
    uint16_t instruction; /* of the switch, from 1.  SWAP: the first of the two.  INTERRUPT, NMI: the
                            one before which it comes; one more than there are: behind the last */
    uint8_t bit;          /* BIT: from 0, the lowest bit of the instruction's first byte */
    uint8_t way;          /* INTERRUPT, NMI: in which world switch, from 0, the boot world's aside */
};

/* name, in records, why nobody has noticed a change of a switch of the user's own: decided from the machine's state,
 * beside that of a machine without the change */
#define WS_ABLATION_SURVIVAL_TABLE(X)                                                                       \
    X(NONE, "", "it was noticed, or that is not looked at")                                                 \
    X(SAME, "same", "nothing was different that this instruction switches: the states are equal behind it") \
    X(UNREAD, "unread", "no later code reads it: what is different stays where it is, or is written over")  \
    X(UNTOLD, "untold", "later code reads it, but nothing that the run says or does depends on it")

enum ws_ablation_survival {
#define WS_ABLATION_SURVIVAL_ENUM(name, text, meaning) WS_ABLATION_SURVIVES_##name,
    WS_ABLATION_SURVIVAL_TABLE(WS_ABLATION_SURVIVAL_ENUM)
#undef WS_ABLATION_SURVIVAL_ENUM
        WS_ABLATION_SURVIVALS
};

/* "same" and so on; a constant. */
const char *ws_ablation_survival_name(enum ws_ablation_survival survival);

enum { WS_ABLATION_BY = 8, WS_ABLATION_TEXT = 800, WS_ABLATION_WORD = 24 };

/* What came of it. */
struct ws_ablation_verdict {
    bool detected;    /* the audit or the CPU noticed it, or the run says something else than without it */
    bool as_expected; /* it was to be detected and was, or is known to be harmless, or known to fail */
    char by[WS_ABLATION_BY][WS_ABLATION_WORD]; /* rules of the audit, "#GP" and the like,
                                                  "triple-fault", "exit", "output", "limit" */
    unsigned by_count;
    uint64_t cause;                     /* the mark before the first instruction that the change can affect */
    uint64_t at;                        /* the mark of the first that was noticed; 0 if nothing was */
    uint8_t survival;                   /* enum ws_ablation_survival */
    uint8_t at_instruction;             /* of the switch, which was executed there; 0: none of it */
    struct ws_halt halt;                /* how the run ended */
    char text[WS_ABLATION_WORD * 4];    /* what was changed: the instruction, or two of them */
    char explanation[WS_ABLATION_TEXT]; /* for a person, one or two sentences */
};

struct ws_ablation;

/* Run the laboratory once as it is, to know what is right, on machines that keep translations as long as `tlb` says.
 * The caller owns *out.
 * WS_OK, WS_NO_MEMORY, WS_ENGINE; WS_HALTED if the switch as it is does not pass the audit. */
enum ws_status ws_ablation_new(struct ws_ablation **out, enum ws_tlb tlb);
void ws_ablation_free(struct ws_ablation *ablation);

/* How many cases the kinds have (WS_ABLATION_MASK bits), in a fixed order; and the index-th of
 * them.  Returns false, and leaves *out alone, if there is none. */
size_t ws_ablation_cases(const struct ws_ablation *ablation, unsigned kinds);
bool ws_ablation_case_get(const struct ws_ablation *ablation, unsigned kinds, size_t index,
                          struct ws_ablation_case *out);

/* A number that two programs share only if they would try the same things on the same guest. */
uint64_t ws_ablation_fingerprint(const struct ws_ablation *ablation);

/* The fields that are known before anything has run: cause, text, and an explanation of what was
 * done.  For a trial that never answers.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_ablation_describe(const struct ws_ablation *ablation, const struct ws_ablation_case *tried,
                                    struct ws_ablation_verdict *out);

/* Try one.  WS_OK, WS_NO_MEMORY, WS_ENGINE. */
enum ws_status ws_ablation_try(const struct ws_ablation *ablation, const struct ws_ablation_case *tried,
                               struct ws_ablation_verdict *out);

#endif
