/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One CPU: the engine executes instructions, and the files around it do what a CPU does between two of them.
 *
 * In this folder:
 *   cpu.c               the boundary between two instructions: may the next one begin?  Marks, time, listeners
 *   interrupt.c         interrupts from outside the CPU, and the sleep of `hlt` that they end
 *   execute.c           executes the instructions that the engine does not do as a CPU does
 *   delivery.c          enters the handler of an exception or an interrupt
 *   task_switch.c       goes to another task, and back
 *   interrupt_return.c  one kind of `iret` that the engine does wrong
 *   in_progress.c       follows an instruction from its beginning to its end, to report what it did
 *   tlb.c               says which pages the engine may access; fault.c raises the page fault where it may not
 *   kept.c              translations that the CPU keeps until they are invalidated, if the machine is to be strict
 *   frames.c            notices writes to code and to page tables
 *   code_cache.c        remembers decoded instructions
 *   slow_checks.c       checks that are needed at times only: segment_checks.c for segments, debug.c for breakpoints
 *   stale.c             tells of translations that a real CPU might still hold
 *   memory.c, ports.c   memory that the CPU accesses by itself; the I/O ports, and chips that are in memory
 *
 * Elsewhere: src/run/run.c runs the engine, src/run/block_mode.c executes whole blocks of instructions where that makes
 * no difference, src/run/hook_point.c lets simple instructions inside a block begin after a short check.  src/unicorn/
 * is the engine.
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
#include "cpu/kept.h"
#include "cpu/stale.h"
#include "cpu/tlb.h"
#include "unicorn/block_table.h"
#include "unicorn/engine.h"

/* What decides the CPU's future and is not kept in the engine.  This is plain data without pointers, so that a snapshot
 * can copy it by assignment. */
struct ws__cpu_state {
    uint64_t begun;      /* the mark: how many instructions have begun since reset */
    uint64_t skipped;    /* time that passed in hlt, counted as if instructions had run */
    uint64_t clock;      /* the time stamp counter is the mark plus this, modulo 2^64 */
    uint64_t shadow;     /* at this mark no interrupt is taken: `sti` or `mov ss` was just before */
    uint32_t debug[8];   /* DR0..DR7; entries 4 and 5 are not used */
    uint64_t resume;     /* the instruction that begins at this mark finds EFLAGS.RF set */
    uint64_t quiet;      /* at this mark no debug exception is raised: `mov ss` was just before */
    uint32_t hits;       /* breakpoints that were met, and are not yet in DR6 */
    uint32_t cr2;        /* CR2 as the guest has seen it */
    uint32_t pending[8]; /* one bit for each vector: external interrupts that wait */
    bool nmi_pending;
    bool nmi_blocked;       /* an NMI handler runs and has not returned yet */
    bool asleep;            /* the CPU executed hlt and waits */
    struct ws__stale stale; /* used only while a client listens to WS_EVENT_STALE; not in the state's hash */
    struct ws_halt halt;
};

/* An instruction in progress: it has begun, and in_progress.c will look at its effect when it is done. */
struct ws__in_progress {
    bool open;
    uint8_t class_;
    uint8_t operand;
    uint8_t length;
    uint8_t cpl;
    uint32_t linear;
    uint32_t eip;
    uint32_t before; /* the value of the register that it is about to change */
    uint32_t esp;
    uint16_t tr;
    uint64_t mark;
};

/* An exception or interrupt that is to be raised instead of an instruction, or after it. */
struct ws__raise {
    bool raised;
    uint8_t vector;
    uint8_t origin; /* enum ws_origin */
    uint32_t error_code;
    /* EIP for the handler's frame: of the instruction that faulted, or of the one behind a trap or `int`. */
    uint32_t return_eip;
    /* EIP for the frame if the delivery itself faults: of the `int`, not of the instruction behind it. */
    uint32_t fault_eip;
    struct ws_reason reason; /* NONE: not known yet, see why.h */
};

/* Why ws__cpu_begin() returned false, and what the run loop must do. */
enum ws__action {
    WS__ACTION_NONE,
    WS__ACTION_STOP,      /* end the run; `stop` says why */
    WS__ACTION_INTERRUPT, /* deliver the interrupt that is pending */
    WS__ACTION_RAISE,     /* raise the exception in `instead` */
    WS__ACTION_RESUME,    /* clear EFLAGS.RF in the engine; see action_resume() in run/run.c */
    WS__ACTION_EXECUTE    /* the instruction has begun, and ws__execute() executes it: `decoded` */
};

struct ws__cpu_client {
    void *context;
    uint32_t (*port_read)(void *context, uint16_t port, unsigned bytes);
    void (*port_write)(void *context, uint16_t port, unsigned bytes, uint32_t value);
    /* Physical memory behind RAM; `bytes` is 1, 2 or 4. */
    uint32_t (*memory_read)(void *context, uint32_t phys, unsigned bytes);
    void (*memory_write)(void *context, uint32_t phys, unsigned bytes, uint32_t value);
    bool (*local_apic)(void *context);                  /* is there one, and is it enabled in IA32_APIC_BASE? */
    void (*local_apic_set)(void *context, bool enable); /* wrmsr says so */
    void (*event)(void *context, const struct ws_event *event);
    bool (*breakpoint)(void *context, uint32_t linear, uint32_t bytes); /* does one stand on these bytes of code? */
    bool (*interrupt_line)(void *context);           /* is the interrupt controller's output line high? */
    uint8_t (*interrupt_acknowledge)(void *context); /* the vector that the controller answers with */
    void (*advance)(void *context);                  /* the deadline is reached: run the chips up to ws__cpu_time() */
};

/* The present run: how far it may go, what it looks for, and why it ends. */
struct ws__run {
    uint64_t goal;                   /* stop at this mark */
    uint64_t deadline;               /* the time at which the chips want to be run; UINT64_MAX: never */
    uint64_t budget_end;             /* before this mark, neither goal nor deadline is reached */
    uint64_t limit;                  /* the instruction limit: at this mark the guest is halted */
    uint64_t started;                /* the mark at which the run began */
    uint32_t listening;              /* the events that clients listen to: WS_EVENT_MASK bits */
    volatile sig_atomic_t attention; /* ws__cpu_begin() must call boundary_pass() */
    volatile sig_atomic_t stop_asked;
    bool breakpoints; /* the client has set at least one breakpoint */
    bool renew;       /* the engine must forget all translated code */
    bool relisten;    /* the listeners changed: other instructions than before are hook points */
    enum ws__action action;
    enum ws_stop stop;
    struct ws__raise instead;
    struct ws__decoded decoded; /* for WS__ACTION_EXECUTE: what the library executes */
};

/* What the slow-path checks look at, and why: see slow_checks.h. */
struct ws__checks {
    uint32_t reasons; /* WS__CHECK_ bits */
    uint32_t held;    /* the part of state.hits that earlier instructions met */
    uint8_t unread;   /* one bit for each WS__SEGMENT_ that may have been loaded since `segment` was read */
    /* One bit for each WS__SEGMENT_ that is not flat, but whose limit the TLB can enforce page by page: see
     * ws__tlb_arm(). */
    uint8_t paged;
    struct ws_descriptor segment[WS__SEGMENTS]; /* the segments' hidden parts; those in `unread` may be out of date */
};

/* The instruction that began last. */
struct ws__last {
    uint64_t linear;       /* its linear address; WS__NOWHERE if not known: after a delivery, a block, a task switch */
    uint32_t flags_before; /* EFLAGS as it began, if the engine may lose them: see in_progress.c */
    uint32_t loading;      /* the value that a `mov` to a control register loads */
    uint16_t named;        /* the selector that a far jump or far call names */
    bool none;             /* no instruction has begun since the engine was entered */
    struct ws__in_progress in_progress;
};

/* A base and a limit that CS had; see run/code_limit.h. */
struct ws__code_limit {
    uint32_t base, limit;
};

/* What block mode keeps: see src/run/block_mode.h. */
struct ws__block_mode {
    struct ws__budget *budget; /* owned by the engine */
    struct ws__block_table table;
    struct ws__code_limit code_limit[WS__CODE_LIMITS]; /* those for which blocks have bits, code_limits of them */
    unsigned code_limits;
    bool step_mode; /* step mode: the engine announces each instruction */
    /* The mark at which block mode last asked the engine to announce a block's hook points. */
    uint64_t asked;
    uint64_t entered;     /* the mark at which the engine was entered last */
    uint64_t steps;       /* so many instructions were executed in step mode when block mode last ended early */
    uint32_t avoid_first; /* this range of linear addresses is executed in step mode, ... */
    uint64_t avoid_bytes; /* up to 4 GiB, which is all of them */
    uint64_t avoid_until; /* ... until this mark */
};

struct ws__cpu {
    struct ws__cpu_state state; /* a snapshot saves this, and the engine's state */
    struct ws__engine *engine;
    struct ws__code_cache *code;
    struct ws__run run;
    struct ws__checks checks;
    struct ws__last last;
    struct ws__block_mode blocks;
    struct ws__frames frames;
    struct ws__tlb tlb;
    struct ws__kept kept;             /* state, too, if the CPU keeps translations */
    bool wide;                        /* CS is a 32-bit code segment */
    struct ws_registers paging;       /* CR0, CR3 and CR4 as they are now, for page walks and the code cache */
    struct ws_translation page_fault; /* the page walk of the last page fault */
    uint8_t *ram;                     /* borrowed from the machine */
    uint32_t ram_bytes;
    struct ws__cpu_client client;
};

#define WS__NOWHERE UINT64_MAX

/* SDM 3A §9.1.1 "Processor State After Reset", table 9-1 */
#define WS__DR6_RESET 0xffff0ff0u
#define WS__DR7_RESET 0x00000400u

/* -- cpu.c ------------------------------------------------------------------------------------- */

/* The next instruction stands at `linear`: may it begin?  true: it has begun, and the engine executes it.  false: the
 * engine must stop in front of it, and cpu->run.action says what to do; WS__ACTION_NONE: only enter the engine anew.
 * With WS__ACTION_EXECUTE, and sometimes with WS__ACTION_RAISE, it has begun, and is counted, all the same. */
bool ws__cpu_begin(struct ws__cpu *cpu, uint32_t linear);

/* From now on, clients listen to these kinds of events (WS_EVENT_MASK bits). */
void ws__cpu_listen(struct ws__cpu *cpu, uint32_t kinds);

/* The client has set a breakpoint at `linear`. */
void ws__cpu_breakpoint(struct ws__cpu *cpu, uint32_t linear);

/* Recompute cpu->run.attention.  Call this after a change of anything that it depends on. */
void ws__cpu_attend(struct ws__cpu *cpu);

/* The state as it is kept, compared and written to files.  Marks that have passed are replaced by WS__NOWHERE: they
 * decide nothing any more, and would make equal states differ. */
struct ws__cpu_state ws__cpu_state_take(const struct ws__cpu *cpu);

/* All registers as the guest sees them; the debug registers, too, which the engine does not have. */
void ws__cpu_registers(const struct ws__cpu *cpu, struct ws_registers *out);

/* The machine's time: one unit for each instruction, plus the time that hlt jumped over. */
uint64_t ws__cpu_time(const struct ws__cpu *cpu);
/* Set the time at which the CPU must call advance() next.  Only a chip that can raise the interrupt line should ask for
 * a deadline: a sleeping CPU jumps from deadline to deadline, and would do so for ever if none of them could wake
 * it. */
void ws__cpu_deadline_set(struct ws__cpu *cpu, uint64_t time);
/* Recompute cpu->run.budget_end.  Call this after a change of goal or deadline. */
void ws__cpu_budget_end_set(struct ws__cpu *cpu);

/* Halt the CPU: no instruction begins any more.  cpu->state.halt says why. */
void ws__cpu_halt(struct ws__cpu *cpu, enum ws_halt_reason reason, uint8_t vector);

/* Make the engine forget all translated code. */
void ws__cpu_code_forget(struct ws__cpu *cpu);
/* The engine or RAM was put back to another state: forget everything that was derived from the old one. */
void ws__cpu_resync(struct ws__cpu *cpu);

/* The address space may have changed: CR0, CR3 or CR4 was loaded. */
void ws__cpu_paging_changed(struct ws__cpu *cpu);
/* The same, if the caller knows which of the three was loaded. */
void ws__cpu_paging_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value);

/* The control register `which` gets this value, now or by the instruction that begins.  CR2 is only remembered. */
void ws__cpu_control_loaded(struct ws__cpu *cpu, enum ws_register which, uint32_t value);
/* The control register that an instruction names by this number. */
enum ws_register ws__cpu_control_register(unsigned number);

/* -- in_progress.c: an instruction from its beginning to its end ------------------------------- */

/* Begin: the instruction at `linear` is now in progress, if its effect has to be looked at. */
void ws__in_progress_begin(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t linear);
/* Commit: the instruction is done, so look at what it did.  false: the guest has brought the machine to a state that
 * this machine does not have, and the CPU has been halted. */
bool ws__in_progress_commit(struct ws__cpu *cpu);
/* Abort: the instruction that began at this mark faulted and did nothing. */
void ws__in_progress_abort(struct ws__last *last, uint64_t mark);
/* Is it a hook point: must the engine announce it before it begins? */
bool ws__instruction_is_hook_point(const struct ws__run *run, const struct ws__decoded *decoded);
/* The events that make an instruction a hook point if a client listens to them. */
uint32_t ws__instruction_kinds(void);
/* Does a client listen to the events of this instruction? */
bool ws__instruction_is_followed(const struct ws__run *run, const struct ws__decoded *decoded);
/* For a hook point: may the blocks behind it run before it is committed? */
bool ws__instruction_can_wait(const struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* -- interrupt.c ------------------------------------------------------------------------------- */

/* Does an interrupt wait, whether or not it may be delivered now? */
bool ws__interrupt_waits(const struct ws__cpu *cpu);
/* May it be delivered, as far as IF and a running NMI handler say?  (`sti` and `mov ss` may still delay it.) */
bool ws__interrupt_comes(const struct ws__cpu *cpu);
/* Is there an interrupt to deliver at this boundary? */
bool ws__interrupt_ready(const struct ws__cpu *cpu);
/* Deliver that interrupt. */
void ws__interrupt_deliver(struct ws__cpu *cpu);
/* The CPU sleeps in hlt: can nothing ever wake it?  true: the CPU has been halted. */
bool ws__sleep_is_final(struct ws__cpu *cpu);
/* The CPU sleeps in hlt: let time pass until an interrupt wakes it.  false: nothing can, and the CPU has been
 * halted. */
bool ws__sleep_ends(struct ws__cpu *cpu);
/* Undo a halt whose reason is gone: an interrupt has come for a sleeping CPU, or the instruction limit was raised. */
void ws__sleep_reconsider(struct ws__cpu *cpu);

/* -- in_progress.c: flags that the engine changes too early ------------------------------------ */

/* This instruction has begun.  Keep EFLAGS, if the engine may change them before a fault. */
void ws__early_flags_begun(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* The instruction at `linear`, the last one that has begun, has faulted: restore the EFLAGS that the engine changed. */
void ws__early_flags_undo(struct ws__cpu *cpu, uint32_t linear);
/* Must the engine be entered anew before this instruction? */
bool ws__early_flags_wants_entry(const struct ws__last *last, const struct ws__decoded *decoded);

/* -- execute.c --------------------------------------------------------------------------------- */

/* Must the library execute this instruction, and not the engine?  Then the caller stops the engine, and ws__execute()
 * follows. */
bool ws__execute_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* May the engine move this value to control register `number` in ring 0?  false: a CPU would refuse the value, or it
 * would leave protected mode. */
bool ws__execute_control_is_plain(unsigned number, uint32_t value);
/* Ask the run loop to call ws__execute() for this instruction.  Always false, for callers that return it. */
bool ws__execute_instead(struct ws__run *run, const struct ws__decoded *decoded);
/* Execute the instruction: change registers and EIP, or say in *raise which exception it raises. */
void ws__execute(struct ws__cpu *cpu, const struct ws__decoded *decoded, struct ws__raise *raise);
/* EDX:EAX gets the time stamp counter, as the instruction that began at this mark reads it.  It counts instructions:
 * it is the mark behind that instruction, until the guest writes to the counter.  SDM 2B "RDTSC—Read Time-Stamp
 * Counter" */
void ws__execute_clock_read(struct ws__cpu *cpu, uint64_t mark);

/* -- ports.c: functions that the engine calls -------------------------------------------------- */

uint32_t ws__cpu_port_read(void *context, uint16_t port, unsigned bytes);
void ws__cpu_port_write(void *context, uint16_t port, unsigned bytes, uint32_t value);
uint64_t ws__cpu_memory_read(void *context, uint32_t phys, unsigned bytes);
void ws__cpu_memory_write(void *context, uint32_t phys, unsigned bytes, uint64_t value);
/* Has this CPU a local APIC, which is enabled?  SDM 3A §10.4.3 "Enabling or Disabling the Local APIC" */
bool ws__cpu_has_local_apic(const struct ws__cpu *cpu);

/* -- delivery.c -------------------------------------------------------------------------------- */

/* Enter the handler of raise->vector.  If that faults, deliver the fault (or the double fault) instead; if a double
 * fault cannot be delivered, halt the CPU: that is a triple fault. */
void ws__deliver(struct ws__cpu *cpu, const struct ws__raise *raise);
/* The instruction at `eip` is an iret, EFLAGS.NT is set, and the next instruction is at `next`: return to the task
 * before, or say in *raise why that is impossible. */
void ws__deliver_return(struct ws__cpu *cpu, uint32_t eip, uint32_t next, struct ws__raise *raise);
/* Does this far jump or far call, which is about to begin, name a task (a TSS or a task gate)?  The selector is then in
 * cpu->last.named. */
bool ws__task_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* Execute that far jump or far call, which stands at `eip`: switch to the task, or say in *raise why not. */
void ws__deliver_transfer(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t eip,
                          struct ws__raise *raise);

/* -- interrupt_return.c ------------------------------------------------------------------------ */

/* Is this iret, which is about to begin, one that the library must execute?  The caller has checked that the frame can
 * be read. */
bool ws__interrupt_return_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* Execute that iret, which stands at `eip`, or say in *raise why not. */
void ws__interrupt_return(struct ws__cpu *cpu, uint32_t eip, struct ws__raise *raise);

/* -- memory.c: memory that the CPU accesses by itself ------------------------------------------ */

/* Read or write bytes that may cross pages.  A read has supervisor rights, a write those of ring 3 if `user` is set.
 * false: a page fault; *error_code is its error code, and CR2 is set.  A write that fails has written nothing. */
bool ws__cpu_read(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, void *out, uint32_t bytes,
                  uint32_t *error_code);
bool ws__cpu_write(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, const void *in,
                   uint32_t bytes, bool user, uint32_t *error_code);
/* Could these bytes be read, or written?  false: as above. */
bool ws__cpu_probe(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, uint32_t bytes,
                   enum ws_access access, bool user, uint32_t *error_code);

#endif
