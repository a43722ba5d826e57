/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the ablation share.
 *
 *   ablation.c          the cases, and the run that knows what is right
 *   ablation_change.c   a case becomes bytes of initial memory
 *   ablation_trial.c    a laboratory under the audit, run with a change
 *   ablation_judge.c    what was noticed, and how to say it
 */
#ifndef WS_ABLATION_ABLATION_H
#define WS_ABLATION_ABLATION_H

#include <worldswitch/ablation.h>
#include <worldswitch/audit.h>
#include <worldswitch/buffer.h>
#include <worldswitch/cross.h>
#include <worldswitch/crossing.h>
#include <worldswitch/disasm.h>
#include <worldswitch/lab.h>

enum {
    WS__TRIAL_LIMIT = 300000, /* instructions; a sound run takes some 20,000 */
    WS__TRIAL_SWITCHES = 32,  /* how many world switches are remembered */
    WS__TRIAL_FAULTS = 8,
    WS__STORM_WAYS = 2 /* there and back */
};

/* A world switch of a run. */
struct ws__passage {
    char from[WS_NAME_BYTES], to[WS_NAME_BYTES];
    uint64_t begin, end; /* marks */
    uint32_t eflags;     /* when it was entered */
};

/* An exception in the switch code. */
struct ws__mishap {
    uint64_t mark;
    uint32_t linear;
    uint32_t error_code;
    uint8_t vector;
    uint8_t origin; /* enum ws_origin */
    bool has_error_code;
};

/* A run, and what was seen of it. */
struct ws__trial {
    struct ws_lab *lab;
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws_audit *audit;
    struct ws__passage passage[WS__TRIAL_SWITCHES];
    unsigned passages;
    struct ws__mishap mishap[WS__TRIAL_FAULTS];
    unsigned mishaps;
    bool over; /* what comes now are consequences, no passages */
};

struct ws_ablation {
    struct ws__passage passage[WS__TRIAL_SWITCHES]; /* of the sound run */
    unsigned passages;
    struct ws_buffer serial; /* what it says */
    struct ws_halt halt;
    enum ws_tlb tlb;
};

/* -- ablation_trial.c -------------------------------------------------------------------------- */

/* A run on a machine that keeps translations as long as `tlb` says.  WS_OK, or as ws_lab_system_new().
 * On failure there is nothing to close. */
enum ws_status ws__trial_open(struct ws__trial *trial, enum ws_tlb tlb);
void ws__trial_close(struct ws__trial *trial);
/* Run to its end, with what the case asks for on the way. */
void ws__trial_run(struct ws__trial *trial, const struct ws_ablation *ablation, const struct ws_ablation_case *tried);
/* Where a linear address of a world is in memory, before the guest has run. false: nowhere. */
bool ws__trial_phys(const struct ws__trial *trial, const struct ws_world *world, uint32_t linear, uint32_t *phys);

/* -- ablation_change.c ------------------------------------------------------------------------- */

/* One instruction that does nothing, as long as any may be: marks stay, and addresses. */
void ws__nop_put(uint8_t *code, unsigned bytes);
/* The switch's code as the case wants it: WS_CROSS_CONTEXTS_OFFSET bytes. */
void ws__change_code(const struct ws_ablation_case *tried, uint8_t *code);
/* Why nothing is to be noticed, or why something is known to go wrong; NULL: no reason is known.
 * A constant.  The first needs memory: WS_OK or WS_NO_MEMORY. */
enum ws_status ws__change_harmless(const struct ws_ablation_case *tried, const char **reason);
const char *ws__change_fails(const struct ws_ablation_case *tried);
bool ws__is_storm(unsigned kind);

/* -- ablation_judge.c -------------------------------------------------------------------------- */

/* The mark of an end: a triple fault has counted the instruction that caused it, and marks name the moment before. */
uint64_t ws__halt_mark(const struct ws_halt *halt);
/* It was noticed, by that one. */
void ws__by_add(struct ws_ablation_verdict *verdict, const char *who);
/* WS_OK, or why there is no judgement: WS_NO_MEMORY. */
enum ws_status ws__trial_judge(struct ws__trial *trial, const struct ws_ablation *ablation,
                               const struct ws_ablation_case *tried, struct ws_ablation_verdict *out);
/* The text of instruction `number` of the switch, or of what the case makes of its bytes.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__step_text(unsigned number, const uint8_t *code, struct ws_instruction *out);

#endif
