/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One CPU: the engine, and around it what a CPU does between instructions.
 *
 *   cpu.c        runs the engine, decides at each boundary whether the next instruction may begin
 *   block_mode.c     lets it run without a look at each boundary, where that makes no difference
 *   hook point.c       looks shortly where a boundary matters as a rule, and not this time
 *   instruction in progress.c     follows the instructions whose effect is worth an event
 *   interrupt.c  takes what waits outside, and sleeps until something does
 *   execute.c    executes those that the engine does wrong
 *   tlb.c        says which memory it may access without a look; fault.c why not
 *   slow_checks.h    looks at segments that are not flat, and at breakpoints: segment_checks.c, debug.c
 *   delivery.c   enters handlers
 */
#ifndef WS_CPU_CPU_H
#define WS_CPU_CPU_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/event.h>
#include <worldswitch/exception.h>
#include <worldswitch/halt.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>
#include <worldswitch/segment.h>

#include "cpu/code_cache.h"
#include "cpu/frames.h"
#include "cpu/stale.h"
#include "cpu/tlb.h"
#include "unicorn/block_table.h"
#include "unicorn/engine.h"

/* What decides the CPU's future and is not in the engine: plain data, so that a snapshot is an
 * assignment. */
struct ws__cpu_state {
    uint64_t begun;      /* the mark */
    uint64_t skipped;    /* time that passed in hlt, in instructions' worth */
    uint64_t clock;      /* the time stamp counter is so much further than the mark, modulo 2^64 */
    uint64_t shadow;     /* the boundary at this mark takes no interrupt: `sti` or `mov ss` was just before */
    uint32_t debug[8];   /* DR0..DR7; 4 and 5 are not used */
    uint64_t resume;     /* the instruction that begins at this mark finds EFLAGS.RF set */
    uint64_t quiet;      /* the boundary at this mark takes no debug exception: `mov ss` was just before */
    uint32_t hits;       /* breakpoints met that DR6 does not tell of yet */
    uint32_t cr2;        /* as the guest has seen it */
    uint32_t pending[8]; /* one bit a vector: external interrupts that wait */
    bool nmi_pending;
    bool nmi_blocked;       /* in an NMI handler that has not returned */
    bool asleep;            /* in hlt */
    struct ws__stale stale; /* only while WS_EVENT_STALE is listened for; no part of the state's hash */
    struct ws_halt halt;
};

/* An instruction that has begun and whose effect will be looked at when it is done. */
struct ws__in_progress {
    bool open;
    uint8_t class_;
    uint8_t operand;
    uint8_t length;
    uint8_t cpl;
    uint32_t linear;
    uint32_t eip;
    uint32_t before; /* the register it is about to change */
    uint32_t esp;
    uint16_t tr;
    uint64_t mark;
};

/* What is to be raised instead of, or after, an instruction. */
struct ws__raise {
    bool raised;
    uint8_t vector;
    uint8_t origin; /* enum ws_origin */
    uint32_t error_code;
    uint32_t return_eip; /* what the frame holds: behind a trap or `int`, at a fault */
    uint32_t fault_eip;  /* what it holds if the delivery itself faults: at the `int` */
};

/* Why begin() kept an instruction from beginning. */
enum ws__action {
    WS__ACTION_NONE,
    WS__ACTION_STOP,      /* end the run: `stop` says why */
    WS__ACTION_INTERRUPT, /* deliver what is pending */
    WS__ACTION_RAISE,     /* raise `instead` */
    WS__ACTION_RESUME,    /* take EFLAGS.RF out of the engine */
    WS__ACTION_EXECUTE    /* it has begun, and the library executes it: `decoded` */
};

struct ws__cpu_client {
    void *context;
    uint32_t (*port_read)(void *context, uint16_t port, unsigned bytes);
    void (*port_write)(void *context, uint16_t port, unsigned bytes, uint32_t value);
    void (*event)(void *context, const struct ws_event *event);
    bool (*breakpoint)(void *context, uint32_t linear);
    bool (*interrupt_line)(void *context);           /* is the interrupt controller's line high? */
    uint8_t (*interrupt_acknowledge)(void *context); /* the vector it answers with */
    void (*advance)(void *context);                  /* the deadline is reached: run the chips up to ws__cpu_time() */
};

/* The present run: how far it may go, what it waits for, and why it ends. */
struct ws__run {
    uint64_t goal;                   /* stop at this mark */
    uint64_t deadline;               /* the time at which the chips want to be run; UINT64_MAX: never */
    uint64_t budget_end;             /* the mark before which neither goal nor deadline is reached */
    uint64_t limit;                  /* the guest may not begin more */
    uint64_t started;                /* the mark at which the run began */
    uint32_t listening;              /* WS_EVENT_MASK bits */
    volatile sig_atomic_t attention; /* begin() must look closer */
    volatile sig_atomic_t stop_asked;
    bool breakpoints; /* there are some */
    bool renew;       /* the engine is to forget all its translations */
    bool relisten;    /* other instructions than before are to be announced */
    enum ws__action action;
    enum ws_stop stop;
    struct ws__raise instead;
    struct ws__decoded decoded; /* what the library is to execute */
};

/* What is looked at in the slow-path checks, and why: see slow_checks.h. */
struct ws__checks {
    uint32_t reasons; /* WS__CHECK_ bits */
    uint32_t held;    /* of state.hits, what the present instruction has not met itself */
    uint8_t unread;   /* one bit a WS__SEGMENT_ that may have been loaded since `segment` was read */
    uint8_t paged;    /* one bit a WS__SEGMENT_ that is not flat, but the TLB can keep to it: see ws__tlb_arm() */
    struct ws_descriptor segment[WS__SEGMENTS]; /* as they are, but for those in `unread` */
};

/* The instruction that began last. */
struct ws__last {
    uint64_t linear;       /* where it is; WS__NOWHERE after a delivery */
    uint32_t flags_before; /* EFLAGS as it began, if the engine may lose them; see in_progress.c */
    uint32_t loading;      /* the value that a mov to a control register loads */
    uint16_t named;        /* the selector that a far jump or call names */
    bool none;             /* there is none yet: the engine was just entered */
    struct ws__in_progress in_progress;
};

/* Block mode, see src/run/block_mode.h. */
struct ws__block_mode {
    struct ws__budget *budget; /* the engine's */
    struct ws__block_table table;
    bool step_mode;       /* the other mode: each instruction is announced */
    uint64_t asked;       /* the mark at which the announcement of hook points was asked for */
    uint32_t avoid_first; /* what is executed in step mode anyway: this range of linear addresses */
    uint32_t avoid_bytes;
    uint64_t avoid_until; /* before this mark */
};

struct ws__cpu {
    struct ws__cpu_state state; /* what a snapshot saves, with the engine's */
    struct ws__engine *engine;
    struct ws__code_cache *code;
    struct ws__run run;
    struct ws__checks checks;
    struct ws__last last;
    struct ws__block_mode blocks;
    struct ws__frames frames;
    struct ws__tlb tlb;
    bool wide;                        /* the code segment is a 32-bit one */
    struct ws_registers paging;       /* CR0, CR3 and CR4 as they are now, for the code cache */
    struct ws_translation page_fault; /* the walk behind the last page fault */
    uint8_t *ram;                     /* borrowed */
    uint32_t ram_bytes;
    struct ws__cpu_client client;
};

#define WS__NOWHERE UINT64_MAX

/* SDM 3A §9.1.1 "Processor State After Reset", table 9-1 */
#define WS__DR6_RESET 0xffff0ff0u
#define WS__DR7_RESET 0x00000400u

/* At the boundary in front of the instruction at `linear`: may it begin?  Then it has begun.  false:
 * cpu->run.action says what is to be done first. */
bool ws__cpu_begin(struct ws__cpu *cpu, uint32_t linear);

/* Other kinds of events are listened to from now on. */
void ws__cpu_listen(struct ws__cpu *cpu, uint32_t kinds);

/* Recompute whether begin() must look closer; after anything changed that it looks at. */
void ws__cpu_attend(struct ws__cpu *cpu);

/* The state as it is kept, compared and written to files: marks that have passed say nothing any more, and do not
 * tell by which way the CPU came here. */
struct ws__cpu_state ws__cpu_state_take(const struct ws__cpu *cpu);

void ws__cpu_registers(const struct ws__cpu *cpu, struct ws_registers *out);

/* The machine's time: one unit an instruction, and what hlt jumped over. */
uint64_t ws__cpu_time(const struct ws__cpu *cpu);
/* Say when advance() is to be called next.  Only what can raise the interrupt line needs a
 * deadline: a sleeping CPU jumps from deadline to deadline, and one that can never wake it would be
 * jumped to for ever. */
void ws__cpu_deadline_set(struct ws__cpu *cpu, uint64_t time);
/* Goal or deadline are others than before. */
void ws__cpu_budget_end_set(struct ws__cpu *cpu);

/* The whole run is over: remember why. */
void ws__cpu_halt(struct ws__cpu *cpu, enum ws_halt_reason reason, uint8_t vector);

/* Forget all translated code. */
void ws__cpu_code_forget(struct ws__cpu *cpu);
/* Engine or RAM were put back to an earlier state: forget what was derived from them. */
void ws__cpu_resync(struct ws__cpu *cpu);

/* The address space may be another one: CR0, CR3 or CR4 was loaded, or a translation was invalidated. */
void ws__cpu_paging_changed(struct ws__cpu *cpu);
/* The same, when it is known which of the three was loaded. */
void ws__cpu_paging_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value);

/* The same for whatever control register, which is being loaded or was. */
void ws__cpu_control_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value);
/* Control registers by the number that instructions use. */
enum ws_register ws__cpu_control_register(unsigned number);

/* -- instruction in progress.c ---------------------------------------------------------------------------------- */

/* Begin to follow the instruction that was just decoded. */
void ws__in_progress_begin(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t linear);
/* It is done: look at what it did.  false: it took the machine where it cannot go on (the CPU has
 * been halted). */
bool ws__in_progress_commit(struct ws__cpu *cpu);
/* The instruction that began at this mark did nothing. */
void ws__in_progress_abort(struct ws__cpu *cpu, uint64_t mark);
/* Is it an instruction that is announced before it begins? */
bool ws__instruction_is_hook_point(const struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* Does somebody listen to what it does? */
bool ws__instruction_is_followed(const struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* If it is: may blocks that come after it pass unasked, before it is settled? */
bool ws__instruction_can_wait(const struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* -- interrupt.c ------------------------------------------------------------------------------- */

/* Does something wait, whether or not it may be delivered? */
bool ws__interrupt_waits(const struct ws__cpu *cpu);
/* May it be delivered, if nothing shadows the boundary? */
bool ws__interrupt_comes(const struct ws__cpu *cpu);
/* Is there something to deliver at this boundary? */
bool ws__interrupt_ready(const struct ws__cpu *cpu);
/* Deliver it. */
void ws__interrupt_deliver(struct ws__cpu *cpu);
/* In hlt: is there nothing that could wake the CPU?  Then it has been halted. */
bool ws__sleep_is_final(struct ws__cpu *cpu);
/* In hlt: jump to what wakes the CPU.  false: nothing can, and the CPU has been halted. */
bool ws__sleep_ends(struct ws__cpu *cpu);
/* Some halts are over when their reason is: a sleep when an interrupt has come, a limit that was
 * raised. */
void ws__sleep_reconsider(struct ws__cpu *cpu);

/* -- in_progress.c ----------------------------------------------------------------------------------- */

/* Remember what it may lose. */
void ws__ahead_begun(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* The instruction at `linear`, the last that has begun, has faulted: take back what it did nevertheless. */
void ws__ahead_undo(struct ws__cpu *cpu, uint32_t linear);
/* Must the engine be entered anew before this instruction? */
bool ws__ahead_wants_entry(const struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* -- execute.c --------------------------------------------------------------------------------- */

/* Must this instruction be kept from the engine? If so the caller stops and calls ws__execute(). */
bool ws__execute_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* In ring 0, is a move of this value to control register `number` one like any other?  Else the CPU refuses it, or it
 * leaves protected mode. */
bool ws__execute_control_is_plain(unsigned number, uint32_t value);
/* Keep it from the engine; always false. */
bool ws__execute_instead(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* Execute it: change registers and EIP, or say what to raise. */
void ws__execute(struct ws__cpu *cpu, const struct ws__decoded *decoded, struct ws__raise *raise);

/* -- ports.c: for the engine ------------------------------------------------------------------- */

uint32_t ws__cpu_port_read(void *context, uint16_t port, unsigned bytes);
void ws__cpu_port_write(void *context, uint16_t port, unsigned bytes, uint32_t value);

/* -- delivery.c -------------------------------------------------------------------------------- */

/* Enter the handler of a vector, with all faults that this can cause; or halt the CPU. */
void ws__deliver(struct ws__cpu *cpu, const struct ws__raise *raise);
/* The instruction at `eip`, an iret with NT that ends at `next`: return to the task before, or say what to raise. */
void ws__deliver_return(struct ws__cpu *cpu, uint32_t eip, uint32_t next, struct ws__raise *raise);
/* Does this far jump or call, which is about to begin, name a task?  cpu->last.named is the selector. */
bool ws__task_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* Then go there: it stands at `eip`.  Or say what to raise. */
void ws__deliver_transfer(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t eip,
                          struct ws__raise *raise);

/* -- interrupt_return.c ------------------------------------------------------------------------ */

/* Is it an iret, about to begin, that must be kept from the engine?  Then what it accesses was checked. */
bool ws__interrupt_return_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* It stands at `eip`: return, or say what to raise. */
void ws__interrupt_return(struct ws__cpu *cpu, uint32_t eip, struct ws__raise *raise);

/* -- memory.c: the accesses a CPU makes by itself ---------------------------------------------- */

/* Read or write up to 8 bytes that may cross a page.  false: a page fault; its error code is in
 * *error_code and CR2 is set. Nothing is written then. */
bool ws__cpu_read(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, void *out, uint32_t bytes,
                  uint32_t *error_code);
bool ws__cpu_write(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, const void *in,
                   uint32_t bytes, bool user, uint32_t *error_code);
/* Could it be read, or written? */
bool ws__cpu_probe_read(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, uint32_t bytes,
                        bool user, uint32_t *error_code);
bool ws__cpu_probe_write(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, uint32_t bytes,
                         bool user, uint32_t *error_code);

#endif
