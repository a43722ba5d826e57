/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crossings: the moments at which the CPU leaves one process or world for another.
 *
 * A watcher sees the machine's events and nothing else: it does not ask which code the guest runs, so that it
 * recognizes switches in guests that it was never told about.  What it looks for is
 *
 *     a routine that returns onto another stack than the one on which it was entered,
 *     after CR3 was written (with paging on) inside it or shortly before it.
 *
 * A routine is whatever a call, a far call or the delivery of a vector entered.  "Shortly before":
 * by a routine that its caller called, WS_CROSSING_LIMIT instructions ago at most, so that a kernel
 * that loads CR3 in one routine and swaps stacks in the next one is understood as well.  A routine
 * that loads CR3 and returns to its caller is no crossing: a process that gets another program does so.
 *
 * Where CR3 has stayed, such a return is a crossing between threads if
 *
 *     it goes on where a thread was left: at the same word of memory, with the same address in it;
 *     or the thread that is left can go on later, because its stack pointer is kept in memory, outside of its stack;
 *     or the entered stack pointer was kept so, and the thread that runs was entered so before.
 *
 * What is kept of a thread that was left before may be from that time, and tells nothing: then only the first and the
 * last count.  A word beside a stack, as in the control blocks of tiny threads, counts if a register holds its address;
 * and a stack pointer is that of the nearest thread with return addresses above it.
 *
 * The reason: kernels move to other stacks for many purposes, but only who means to come back keeps ESP.  A boot that
 * moves to a better stack does not, nor does a first iret to ring 3, a signal's frame, or an exec: none is a crossing.
 * A vector that changes to the stack of the TSS is matched by its iret, as a call is by its return, and room made on
 * the stack by subtracting from ESP is given back before the return.  A call that returns to its own caller on a new
 * stack leaves the same thread, whatever was kept; but two threads may have been interrupted in one loop.  In ring 3
 * the same holds for EIP and ESP of what was interrupted, kept together; the frame from which the iret has come does
 * not count, since it is used up.
 *
 * Some switches end with a jump, as longjmp() does: `mov 16(%edx), %esp; jmp *20(%edx)`.  A near jump to an address in
 * a register or in memory ends one if ESP was loaded in front of it, from memory or from another register than EBP,
 * and has left all that is known of this thread's stack; and if it goes on in the stack of a thread that was left, or
 * if the loaded stack pointer had been kept in memory, and another one is kept of the thread that is left.  longjmp()
 * to a caller stays within its own stack.
 *
 * Less exact, or not seen:
 *  - A switch that ends with another jump has no return.  It ends with the next return that matches no call; or, after
 *    WS_CROSSING_LIMIT instructions, if the stack is another one by then, it counts as ended behind its last write to a
 *    control register or table register.  If the watcher was told where the switch code is, it ends with the first
 *    instruction outside: see ws_watcher_cross_page().
 *  - A hardware task switch is a crossing of one instruction; what was before it is read from the old TSS.  If CR3
 *    stays, it is one between threads.
 *  - Where no routine was entered (boot code that ends in a first iret; a watcher that came too late) there is no
 *    beginning, and nothing is reported.
 */
#ifndef WORLDSWITCH_CROSSING_H
#define WORLDSWITCH_CROSSING_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/halt.h>
#include <worldswitch/machine.h>
#include <worldswitch/registers.h>
#include <worldswitch/status.h>

enum { WS_CROSSING_LIMIT = 4096 };

enum {
    WS_TASK_NAME_BYTES = 16,                              /* as long as in Linux, and the 0 at the end counts */
    WS_WHO_BYTES = WS_NAME_BYTES + WS_TASK_NAME_BYTES + 3 /* "thread-3 (kworker/0:1)" */
};

/* name, in records, what it is.  Two worlds: see ws_watcher_name(); where that was not told for both, GDTR's or IDTR's
 * base changed as well. */
#define WS_CROSSING_TABLE(X)                                                          \
    X(CONTEXT, "context", "CR3 changed, and both belong to one world: its processes") \
    X(WORLD, "world", "CR3 changed, and they belong to two worlds")                   \
    X(THREAD, "thread", "CR3 stayed, and the stack changed: two threads of a process or of a kernel")

enum ws_crossing_kind {
#define WS_CROSSING_ENUM(name, text, meaning) WS_CROSSING_##name,
    WS_CROSSING_TABLE(WS_CROSSING_ENUM)
#undef WS_CROSSING_ENUM
        WS_CROSSING_KINDS
};

/* How the left context is to be resumed: what the call or the vector that entered the routine put on the stack. */
struct ws_resume {
    uint32_t linear; /* of the next instruction */
    uint32_t esp;    /* as it was before the call, or before the vector */
    uint32_t eflags;
    uint16_t cs;
};

/* What runs before the first world: the name of whoever runs with paging off, and of the laboratory's loader. */
#define WS_WORLD_BOOT "boot"

/* What Linux calls a thread: see ws_watcher_linux(). */
struct ws_task {
    uint32_t linear;               /* of its task_struct; 0: not known */
    char name[WS_TASK_NAME_BYTES]; /* as the kernel had it at the switch's end, "kworker/0:1"; "" if not known */
};

struct ws_crossing {
    char from[WS_NAME_BYTES]; /* processes if it is a context switch, worlds, or threads */
    char to[WS_NAME_BYTES];
    uint32_t from_thread; /* which threads, from 1, in the order of appearance; 0: not known */
    uint32_t to_thread;
    struct ws_task from_task; /* of Linux: the thread's; in a context switch, of the left process's own thread */
    struct ws_task to_task;
    uint64_t begin;             /* the mark before the routine's first instruction */
    uint64_t end;               /* the mark behind its return: the first one in `to` */
    uint64_t instructions;      /* end - begin, less what handlers executed that came and returned in between */
    uint64_t cr3_mark;          /* before the instruction that wrote CR3 last; 0 between threads */
    uint32_t cr3_linear;        /* and where that instruction is: in a world switch, in the cross page */
    uint32_t changed;           /* bit N: enum ws_category N differs between `before` and `after` */
    uint32_t kept;              /* bit N: it does not; together they are all categories */
    struct ws_registers before; /* at the routine's first instruction; if CR3 was written before it, control registers
                                    and tables are those at the first instruction of the routine that wrote it.  If a
                                    thread between two processes has chosen, CR3 is that of the process that it left */
    struct ws_registers after;  /* at `end` */
    struct ws_resume resume;    /* of `from` */
    uint32_t eflags_between;    /* EFLAGS at the last write to CR3; between threads, at `end` */
    uint16_t popped;            /* bytes of arguments that the return took off the entered stack (ret N) */
    uint8_t kind;               /* enum ws_crossing_kind */
    bool flushed_globals;       /* CR4.PGE or CR0.PG changed in it: global translations are gone too */
    bool by_jump;               /* a jump ended it, as longjmp() does: who is entered need not go on behind a call */
};

/* Its name from the table; a constant. */
const char *ws_crossing_kind_name(enum ws_crossing_kind kind);

/* One side in words: its name, and where the kernel tells another one of the task, that too: "thread-3 (kworker/0:1)".
 */
void ws_crossing_who(const struct ws_crossing *crossing, bool entered, char out[WS_WHO_BYTES]);

struct ws_watcher;

/* Called with each crossing as it ends, in their order.  The machine may be read, not changed. */
typedef void ws_crossing_listener(void *context, const struct ws_crossing *crossing);

/* Watch a machine from now on.  The caller owns *out and frees it before the machine.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_watcher_new(struct ws_watcher **out, struct ws_machine *machine);
void ws_watcher_free(struct ws_watcher *watcher);

/* Be called with each crossing.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_watcher_listen(struct ws_watcher *watcher, ws_crossing_listener *listener, void *context);
void ws_watcher_unlisten(struct ws_watcher *watcher, ws_crossing_listener *listener, void *context);

/*
 * Tell whose page directory `cr3` is: a world, and in it a process ("" if it is the world's own, with no process).
 * Names longer than WS_NAME_BYTES - 1 are cut; what would not print stands in them as "\x1b".  What has no name
 * becomes "world-1", "process-1" and so on, in the order of appearance; worlds without a name are told apart by the
 * bases of their GDT and IDT, processes by their page directory, which a process takes along when it loads another one
 * and goes on on its stack (exec).  Threads are "thread-1" and so on.  Before paging is on, the world is "boot".
 * WS_OK or WS_NO_MEMORY.
 */
enum ws_status ws_watcher_name(struct ws_watcher *watcher, uint32_t cr3, const char *world, const char *process);

/* Tell where the guest keeps a table of such names, in every world that maps it at this linear address: rows of a CR3
 * (4 bytes; 0 ends the table), the world's name and the process's (16 bytes each, ended by 0).  It is read at each
 * crossing, and when the caller asks for a name that is not known yet.  A row whose first word is odd names a thread:
 * but for that bit, it is the linear address of the page of its kernel stack, and the last name is the thread's.  0:
 * there is no table. */
void ws_watcher_name_table(struct ws_watcher *watcher, uint32_t linear);

/*
 * Tell that the guest is a Linux kernel of 32 bits.  Then crossings have its tasks, with the names that the kernel
 * keeps of them in its own memory.  Names of threads and processes stay what they are: a task's name may change, as
 * when a process executes another program, and several tasks may have one name.  Where in memory they are is learned
 * when the kernel first leaves its idle task; a watcher that comes later knows no names before the next time.
 */
void ws_watcher_linux(struct ws_watcher *watcher);

/* What Linux calls the task at this linear address now.  false: that is not known, and `name` is "". */
bool ws_watcher_task_name(const struct ws_watcher *watcher, uint32_t linear, char name[WS_TASK_NAME_BYTES]);

/* Tell where the code of world switches is, linear.  The watcher looks at every instruction from then on, which takes
 * time, and sees where a switch ends that leaves this code by a jump.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_watcher_cross_page(struct ws_watcher *watcher, uint32_t linear, uint32_t bytes);

/* Which world, and which process, these registers belong to (NULL: those that the machine has now), as far as the run
 * has told by the mark at which the machine is: to a mark belongs one name, whenever it is asked for.  In the midst of
 * a crossing CR3 decides, or, where it was never seen, it is still the world that is left.  The process is "" where
 * there is none.  Borrowed as long as the watcher. */
const char *ws_watcher_world(struct ws_watcher *watcher, const struct ws_registers *registers);
const char *ws_watcher_process(struct ws_watcher *watcher, const struct ws_registers *registers);

/* What may become a crossing: CR3 was written, and no return has decided yet. */
struct ws_crossing_open {
    uint64_t begin; /* as far as is known now: of the routine that is being executed */
    uint64_t cr3_mark;
    uint32_t cr3_linear;
    uint32_t tables; /* how many table registers were loaded since */
};

/* The machine was put to another mark by ws_snapshot_restore(): forget calls, threads and what is open, keep names of
 * worlds and processes, and listeners.  A crossing that had begun before that mark is not reported when it ends. */
void ws_watcher_reset(struct ws_watcher *watcher);

/* Is something open? Then fill *out, which may be NULL. */
bool ws_watcher_open(const struct ws_watcher *watcher, struct ws_crossing_open *out);

/* The machine stands before an instruction that has not begun: if it is outside the code that ws_watcher_cross_page()
 * has told, a switch that is open has ended here, and is reported now.  Otherwise the next instruction tells. */
void ws_watcher_look(struct ws_watcher *watcher);

/* The run is over: decide about what is open as if WS_CROSSING_LIMIT instructions had passed. */
void ws_watcher_settle(struct ws_watcher *watcher);

#endif
