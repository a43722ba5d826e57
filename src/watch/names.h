/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose page directory is this? The names of worlds and processes, given or made up.
 */
#ifndef WS_WATCH_NAMES_H
#define WS_WATCH_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/halt.h>
#include <worldswitch/machine.h>
#include <worldswitch/registers.h>
#include <worldswitch/status.h>

#include "watch/threads.h"

/* A page directory of which the caller or the guest's table has told whose it is. */
struct ws__space {
    struct ws__space *next;
    uint32_t cr3;
    char world[WS_NAME_BYTES];
    char process[WS_NAME_BYTES]; /* "" if it is a world's own */
};

/* A world that was seen. */
struct ws__world_name {
    struct ws__world_name *next;
    bool made_up;
    char name[WS_NAME_BYTES];
};

/* From the mark `since` on, these registers were known to be that world's. */
struct ws__sighting {
    struct ws__sighting *next;
    uint32_t cr3;
    uint32_t gdt;
    uint32_t idt;
    bool settled; /* false: a switch had only begun, and the world is the one that is left */
    uint64_t since;
    struct ws__world_name *world;
};

/* Which world is which is learned from events alone, and kept with its mark: each question about a mark has the same
 * answer, however often others were asked before, and also when the run has gone on since. */
struct ws__names {
    struct ws__space *spaces; /* lists, so that names which were handed out stay where they are */
    struct ws__world_name *worlds;
    struct ws__sighting *sightings;
    uint32_t table;      /* linear: of `ws_names` in the guest; 0: it has none */
    uint32_t table_phys; /* where that is, as first seen: another world may have something else at that address */
    bool failed;         /* there was no memory for one: some names are wrong from then on */
    unsigned made_up_worlds;
    unsigned made_up_processes;
    struct ws__process_name *processes; /* names_process.c: those without a name that was told */
    struct ws__tenure *tenures;
};

/* A crossing and who makes it, at the mark at which it is known. */
struct ws__sides {
    const struct ws_crossing *crossing;
    struct ws__thread *from, *to; /* NULL: not known */
    const struct ws__threads *threads;
    const struct ws_physical *memory;
    uint64_t mark;
};

void ws__names_release(struct ws__names *names);

/* All that is told and learned by `mark`, for a run that goes on otherwise from there.  *out is empty before; without
 * memory, out->failed is set. */
void ws__names_copy(struct ws__names *out, const struct ws__names *names, uint64_t mark);
/* names_process.c: the part of it that is about processes. */
void ws__names_processes_copy(struct ws__names *out, const struct ws__names *names, uint64_t mark);

/* As ws_watcher_name(); without memory, names->failed is set, too, as by all that may add a name. */
enum ws_status ws__names_give(struct ws__names *names, uint32_t cr3, const char *world, const char *process);

/* The world to which this page directory belongs, as the caller or the guest's table has told; NULL: they have not. */
const char *ws__names_given(const struct ws__names *names, const struct ws_registers *registers);

/* Has a world this name, as far as was told or seen?  `all`, if it is not NULL, gets the names that there are. */
bool ws__names_know(const struct ws__names *names, const char *world, struct ws_buffer *all);

/* names_table.c: take the names that the guest's table tells, as it is mapped under these registers; nothing happens
 * where it is not. */
void ws__names_table_read(struct ws__names *names, const struct ws_machine *machine,
                          const struct ws_registers *registers);

/* What the table, as it is mapped under these registers, calls the thread on whose kernel stack ESP is.  false: it does
 * not. */
bool ws__names_thread(const struct ws__names *names, const struct ws_machine *machine,
                      const struct ws_registers *registers, char name[WS_NAME_BYTES]);

/* Had that page directory a name, and has the table, as it is mapped under these registers, none for it now?  Then
 * whose it was is gone, and its frame may be anybody's.  false, too, where the table is not mapped. */
bool ws__names_gone(const struct ws__names *names, const struct ws_machine *machine,
                    const struct ws_registers *registers, uint32_t cr3);

/* These registers belong together at this mark: to which world, is known or made up now.  A world may have changed
 * what is its own, such as its tables. */
void ws__names_settle(struct ws__names *names, const struct ws_registers *registers, uint64_t mark);
/* The same at the end of a switch that began at the mark `begin`: now the tables tell the world, and what was
 * learned of them in between does not count. */
void ws__names_enter(struct ws__names *names, const struct ws_registers *registers, uint64_t mark, uint64_t begin);

/* A switch has begun: CR3 is written, the rest is not.  `left` is what was before. */
void ws__names_pass(struct ws__names *names, const struct ws_registers *registers, const struct ws_registers *left,
                    uint64_t mark);

/* The world's name at a mark: in the midst of a switch CR3 decides, and where it has never been seen, it is still the
 * world that is left.  Registers that were not seen before get a name now. */
const char *ws__names_world(struct ws__names *names, const struct ws_registers *registers, uint64_t mark);

/* The process's name at a mark, or "". */
const char *ws__names_process(const struct ws__names *names, const struct ws_registers *registers, uint64_t mark);

/* names_process.c: the processes of a context switch; those without a name get one. */
void ws__names_processes(struct ws__names *names, const struct ws__sides *sides, const char **from, const char **to);
/* A switch between threads: the page directory, if it is nobody's, is that of the process whose thread is left. */
void ws__names_stay(struct ws__names *names, const struct ws__sides *sides);
/* CR3 was written, and `sides->from` goes on on its stack: its process has another page directory from now on, unless
 * it only looks into another process's.  There is no crossing. */
void ws__names_move(struct ws__names *names, const struct ws__sides *sides, uint32_t from, uint32_t to);
/* Whose made-up process it is at a mark, or "". */
const char *ws__names_tenant(const struct ws__names *names, const struct ws_registers *registers, uint64_t mark);
void ws__names_processes_release(struct ws__names *names);

#endif
