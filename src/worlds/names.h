/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose page directory is this? The names of worlds and processes, given or made up.
 */
#ifndef WS_WORLDS_NAMES_H
#define WS_WORLDS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/halt.h>
#include <worldswitch/machine.h>
#include <worldswitch/registers.h>
#include <worldswitch/status.h>

/* A page directory with a name. */
struct ws__space {
    struct ws__space *next;
    uint32_t cr3;
    bool given;                  /* somebody told us, with the world's name */
    char world[WS_NAME_BYTES];   /* valid if `given` */
    char process[WS_NAME_BYTES]; /* "" if it is a world's own */
};

/* A world, known by its tables. */
struct ws__tables {
    struct ws__tables *next;
    uint32_t gdt;
    uint32_t idt;
    char world[WS_NAME_BYTES];
};

struct ws__names {
    struct ws__space *spaces;    /* lists, so that names which were handed out stay where they are */
    struct ws__tables *tables;
    const char *last;            /* the world that was asked for last, when nothing was open */
    uint32_t table;              /* linear: of `ws_names` in the guest; 0: it has none */
    unsigned made_up_worlds;
    unsigned made_up_processes;
};

void ws__names_release(struct ws__names *names);

/* As ws_watcher_name(). */
enum ws_status ws__names_give(struct ws__names *names, uint32_t cr3, const char *world, const char *process);

/* Has somebody told whose page directory this is? */
bool ws__names_given(const struct ws__names *names, const struct ws_registers *registers);

/* names_table.c: take the names that the guest's table tells, as it is mapped under these registers; nothing happens
 * where it is not. */
void ws__names_table_read(struct ws__names *names, const struct ws_machine *machine,
                          const struct ws_registers *registers);

/* The world's name; `settled` says that these registers belong together, so that a name may be made up for them.  In
 * the midst of a switch between worlds without names it is the one that is being left. */
const char *ws__names_world(struct ws__names *names, const struct ws_registers *registers, bool settled);

/* The process's name, or "". `make_up`: a process that nobody named gets a name. */
const char *ws__names_process(struct ws__names *names, const struct ws_registers *registers, bool make_up);

#endif
