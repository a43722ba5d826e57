/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's kernel, part by part; each file under boot/ and host/ has its paragraph here.
 *
 * One rule keeps it small: the kernel is never preempted. A thread gives up the CPU in the kernel only
 * by thread_wait() or thread_yield(); an interrupt that finds the kernel running returns to it, and one
 * that finds ring 3 may switch on its way back. Interrupt handlers touch only what is said to be theirs:
 * the tick count, the disk's request, and the states of threads.
 */
#ifndef WS_GUEST_HOST_HOST_H
#define WS_GUEST_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/paging.h>

#include "guest/host/calls.h"
#include "guest/host/numbers.h"
#include "guest/shared/chips.h"
#include "guest/shared/console.h"
#include "guest/shared/cpu.h"
#include "guest/shared/memory.h"
#include "guest/shared/tables.h"
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
    bool used; /* false: its owner, a thread or the VM, has not used the unit yet */
    uint8_t bytes[108];
};

/* A turn of the thread that this belongs to begins.  Interrupts are off. */
void fpu_turn(struct fpu_state *state);
/* #NM: the current thread uses the unit. */
void fpu_use(void);
/* The unit holds this now, and the current thread's next use traps.  Interrupts are off. */
void fpu_lend(struct fpu_state *state);
/* Its owner does not need it any more. */
void fpu_forget(struct fpu_state *state);

/* -- thread.c, switch.S ------------------------------------------------------------------------ */

enum thread_state { THREAD_NONE, THREAD_READY, THREAD_WAITS, THREAD_EXITED };
enum { PROCESSES = 8, THREADS = 16, OPEN_FILES = 8, NAME_BYTES = 16, WAIT_FOREVER = 0 };

struct thread {
    uint32_t esp;  /* while it does not run: saved by the switch; offset WS_PROCESS_ESP */
    uint32_t esp0; /* top of its kernel stack; offset WS_PROCESS_ESP0 */
    uint32_t cr3;  /* its process's, physical; offset WS_PROCESS_CR3 */
    enum thread_state state;
    const void *waits_for; /* what thread_wake() must name */
    uint32_t wakes_at;     /* the tick that wakes it, too; WAIT_FOREVER: none does */
    struct process *process;
    struct fpu_state fpu;
};

/* The one that runs.  While none is ready, it is the idle thread: the kernel's first. */
extern struct thread *current;

void threads_init(struct process *idle);
/* A thread that will begin at `eip` in ring 3, on that stack, with `number` in EAX; or NULL. */
struct thread *thread_new(struct process *process, uint32_t eip, uint32_t esp, uint32_t number);
/* For watchers: it is PROCESS-TEXT. */
void thread_name(const struct thread *thread, const char *text);
/* Let that one run, which is ready, or the next one: NULL.  Returns when it is this one's turn again. */
void thread_yield(struct thread *to);
/* Give up the CPU until thread_wake(what) is called, or until that tick; or, for nothing, when the process ends. */
void thread_wait(const void *what, uint32_t tick);
void thread_wake(const void *what);
/* All of that process's that wait. */
void threads_rouse(const struct process *process);
/* From the timer's handler: wake those whose time has come; the next return to ring 3 switches. */
void threads_tick(uint32_t tick);
/* On the way back to ring 3, with interrupts off. */
void thread_return(void);
_Noreturn void thread_exit(void);
/* Run them all; return when the last has exited. */
void threads_run(void);

/* switch.S: returns when another thread switches back to `from`.  Interrupts are off.  The former is for two threads of
 * one process. */
void thread_switch(struct thread *from, struct thread *to);
void context_switch(struct thread *from, struct thread *to);

/* -- process.c --------------------------------------------------------------------------------- */

enum open_kind { OPEN_NONE, OPEN_CONSOLE, OPEN_FILE, OPEN_VMX };

struct open_file {
    uint8_t kind; /* enum open_kind */
    uint8_t file; /* OPEN_FILE: its entry in the directory */
    uint32_t offset;
};

struct process {
    uint32_t cr3; /* physical; 0: there is none */
    uint32_t pid;
    uint32_t number;  /* that it was told */
    uint32_t threads; /* that have not exited */
    uint32_t holding; /* of these, those in a call that uses the process's memory, and may sleep meanwhile */
    bool ends;        /* instead of returning to ring 3, they exit */
    char name[NAME_BYTES];
    struct open_file open[OPEN_FILES];
};

void processes_init(void);
/* A process whose first thread will begin at `eip` in ring 3 with `number` in EAX, or NULL; then the address space is
 * the caller's still. */
struct process *process_new(const char *name, uint32_t cr3, uint32_t eip, uint32_t number);
/* The current process ends. */
_Noreturn void process_exit(void);
/* It ends.  false: there is no such process. */
bool process_kill(uint32_t pid);
/* NULL: it has ended, or never began. */
struct process *process_find(uint32_t pid);
/* The one that was told this number when it was started; NULL: there is none. */
struct process *process_numbered(uint32_t number);
/* Was none told a lower number, 0 aside? */
bool process_is_first(const struct process *process);
/* The current thread is its last one, and exits. */
void process_leave(void);
/* If it has no thread any more, its memory is free. */
void process_clear(struct process *process);
/* calls.c: close what the current process has open. */
void process_close_all(void);

/* -- program.c --------------------------------------------------------------------------------- */

/* Load an ELF file from the disk and make a process of it, which is told that number; its process id.  Or CALL_BAD:
 * there is no such file, or it is none that can be loaded; CALL_NO_ROOM; then nothing is left of it. */
int32_t program_start(const char *file, const char *name, uint32_t number);

/* -- input.c: what the user types -------------------------------------------------------------- */

/* Sleep until there are some bytes for the current process, or it ends; its memory may be another one then. */
void input_await(void);
/* How many there were, and are taken. */
int32_t input_read(char *to, uint32_t bytes);
/* What is typed from now on is for the process that was told this number. false: there is none. */
bool input_give(uint32_t number);
/* Nor for this process, which ends. */
void input_forget(const struct process *process);
/* IRQ 4, IRQ 1. */
void serial_interrupt(void);
void key_interrupt(void);

/* -- trap.c, timer.c, calls.c ------------------------------------------------------------------ */

void timer_interrupt(void);
uint32_t ticks_now(void);
void system_call(struct ws_trap_frame *frame);

/* vectors.S: where a new thread begins, on a frame that thread_new() made. */
extern const char trap_return[];

/* -- names.c: for watchers --------------------------------------------------------------------- */

/* The page directory belongs to that process of that world from now on, or to none any more; a kernel stack, with
 * WS_NAMES_THREAD, to that thread. */
void name_add(uint32_t key, const char *world, const char *name);
void name_remove(uint32_t key);

#endif
