/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's kernel, part by part; each file under boot/ and host/ has its paragraph here.
 *
 * One rule keeps it small: the kernel is never preempted. A process gives up the CPU in the kernel only
 * by process_wait() or process_yield(); an interrupt that finds the kernel running returns to it, and one
 * that finds ring 3 may switch on its way back. Interrupt handlers touch only what is said to be theirs:
 * the tick count, the disk's request, and the states of processes.
 */
#ifndef WS_GUEST_HOST_HOST_H
#define WS_GUEST_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/host/numbers.h"
#include "guest/shared/chips.h"
#include "guest/shared/console.h"
#include "guest/shared/memory.h"
#include "guest/shared/text.h"

/* -- main.c ------------------------------------------------------------------------------------ */

/* "host: " and the text, then the machine stops with a status of its own. */
_Noreturn void panic(const char *why);

/* -- boot/tables.c, boot/load.S ---------------------------------------------------------------- */

/* GDT, LDT, TSS, IDT: fill and load them. */
void tables_init(void);
/* Where the CPU finds the ring-0 stack when ring 3 is interrupted.  switch.S writes its esp0. */
extern uint8_t host_tss[WS_TSS_BYTES];
extern uint8_t host_gdt[];

/* -- memory.c: page frames; addresses are physical --------------------------------------------- */

/* All of RAM into the direct map, the cross page to its place, what is free into the pool. */
void memory_init(uint32_t ram_bytes);
/* boot/entry.S: the page directory whose kernel half all others share, and the table of the cross page. */
extern uint32_t kernel_directory[PAGE_ENTRIES], kernel_cross_table[PAGE_ENTRIES];
/* A zeroed frame, or 0. */
uint32_t frame_new(void);
void frame_free(uint32_t phys);
/* How many there are, counted one by one. */
uint32_t frames_free(void);
/* Take a frame out of the direct map, so that the host cannot reach it; put it back. */
void frame_lend(uint32_t phys);
void frame_take_back(uint32_t phys);
/* Where the direct map has it. */
static inline void *direct(uint32_t phys)
{
    return (void *)(phys + HOST_BASE);
}

/* -- space.c: address spaces of processes ------------------------------------------------------ */

/* A page directory with the kernel half in it, or 0. */
uint32_t space_new(void);
/* All its user pages, too. */
void space_free(uint32_t cr3);
/* The entry of a page, or NULL if there is no table for it; with `make`, a table is made. */
uint32_t *space_entry(uint32_t cr3, uint32_t linear, bool make);
/* A new zeroed frame there, for ring 3; returns its physical address, or 0. */
uint32_t space_grow(uint32_t cr3, uint32_t linear);
/* May the current process's ring 3 use all of these bytes?  All its pages are writable. */
bool user_may(uint32_t linear, uint32_t bytes);
/* The same for a text with its 0. */
bool user_may_text(uint32_t linear);

/* -- fpu.c: the registers of the x87 unit ------------------------------------------------------ */

/* SDM 1 §8.1.10 "Saving the x87 FPU's State with FSTENV/FNSTENV and FSAVE/FNSAVE" */
struct fpu_state {
    bool used; /* false: its owner, a process or the VM, has not used the unit yet */
    uint8_t bytes[108];
};

/* A turn of the process that this belongs to begins.  Interrupts are off. */
void fpu_turn(struct fpu_state *state);
/* #NM: the current process uses the unit. */
void fpu_use(void);
/* The unit holds this now, and the current process's next use traps.  Interrupts are off. */
void fpu_lend(struct fpu_state *state);
/* Its owner does not need it any more. */
void fpu_forget(struct fpu_state *state);

/* -- process.c, switch.S ----------------------------------------------------------------------- */

enum process_state { PROCESS_NONE, PROCESS_READY, PROCESS_WAITS, PROCESS_EXITED };
enum open_kind { OPEN_NONE, OPEN_CONSOLE, OPEN_FILE, OPEN_VMX };
enum { PROCESSES = 8, OPEN_FILES = 8, NAME_BYTES = 16, WAIT_FOREVER = 0 };

struct open_file {
    uint8_t kind; /* enum open_kind */
    uint8_t file; /* OPEN_FILE: its entry in the directory */
    uint32_t offset;
};

struct process {
    uint32_t esp;  /* while it does not run: saved by context_switch(); offset WS_PROCESS_ESP */
    uint32_t esp0; /* top of its kernel stack; offset WS_PROCESS_ESP0 */
    uint32_t cr3;  /* physical; offset WS_PROCESS_CR3 */
    uint32_t pid;
    enum process_state state;
    const void *waits_for; /* what process_wake() must name */
    uint32_t wakes_at;     /* the tick that wakes it, too; WAIT_FOREVER: none does */
    bool killed;           /* instead of returning to ring 3, it exits */
    char name[NAME_BYTES];
    struct open_file open[OPEN_FILES];
    struct fpu_state fpu;
};

/* The one that runs.  While none is ready, it is the idle process: the kernel's first thread. */
extern struct process *current;

void processes_init(void);
/* A process that will begin at `eip` in ring 3 with `number` in EAX, or NULL; then the address space is the caller's
 * still. */
struct process *process_new(const char *name, uint32_t cr3, uint32_t eip, uint32_t number);
/* Let the next one run.  Returns when it is this one's turn again. */
void process_yield(void);
/* Give up the CPU until process_wake(what) is called, or until that tick. */
void process_wait(const void *what, uint32_t tick);
void process_wake(const void *what);
/* From the timer's handler: wake those whose time has come; the next return to ring 3 switches. */
void processes_tick(uint32_t tick);
/* On the way back to ring 3, with interrupts off. */
void process_return(void);
_Noreturn void process_exit(void);
/* It exits when it would return to ring 3 the next time, so the kernel finishes what it does for it.  false: there is
 * no such process. */
bool process_kill(uint32_t pid);
/* Has it not ended yet? */
bool process_exists(uint32_t pid);
/* calls.c: close what the current process has open. */
void process_close_all(void);
/* Run them all; return when the last has exited. */
void processes_run(void);

/* switch.S: returns when another process switches back to `from`.  Interrupts are off. */
void context_switch(struct process *from, struct process *to);

/* -- program.c --------------------------------------------------------------------------------- */

/* Load an ELF file from the disk and make a process of it, which is told that number; its process id.  Or CALL_BAD:
 * there is no such file, or it is none that can be loaded; CALL_NO_ROOM; then nothing is left of it. */
int32_t program_start(const char *file, const char *name, uint32_t number);

/* -- trap.c, timer.c, calls.c ------------------------------------------------------------------ */

/* vectors.S calls it for every vector. */
void trap(struct ws_trap_frame *frame);
void timer_interrupt(void);
uint32_t ticks_now(void);
void system_call(struct ws_trap_frame *frame);

/* vectors.S: where a new process begins, on a frame that process_new() made. */
extern const char trap_return[];

/* -- names.c: for watchers --------------------------------------------------------------------- */

/* The page directory belongs to that process of that world from now on; or to none any more. */
void name_add(uint32_t cr3, const char *world, const char *process);
void name_remove(uint32_t cr3);

#endif
