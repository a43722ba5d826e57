/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a script works on: a machine, what built it, and what watches it.
 *
 * A script may go back, so that the machine runs in a timeline.  What is done from outside (a switch that the
 * laboratory asks for, a write, an interrupt) cannot be taken back: there the timeline begins anew.
 */
#ifndef WS_LESSON_GUEST_H
#define WS_LESSON_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/audit.h>
#include <worldswitch/buffer.h>
#include <worldswitch/crossing.h>
#include <worldswitch/event.h>
#include <worldswitch/forward.h>
#include <worldswitch/lab.h>
#include <worldswitch/machine.h>
#include <worldswitch/session.h>
#include <worldswitch/timeline.h>

enum {
    WS__GUEST_LIMIT = 100 * 1000 * 1000, /* instructions that a guest may execute, if the script does not say */
    WS__GUEST_MEMORY_LAB = 4 << 20
};

/* An event that the script wants to have, and the world that it happened in. */
struct ws__noted {
    struct ws_event event;
    char world[WS_NAME_BYTES];
};

struct ws__guest {
    struct ws_machine *machine;   /* NULL: it was released */
    struct ws_lab *lab;           /* owns machine and symbols, if the script builds worlds; else NULL */
    struct ws_world *first;       /* of a laboratory that is loaded; else NULL */
    struct ws_symbols *own;       /* of an image */
    struct ws_buffer image;       /* of a guest that is no laboratory */
    struct ws_buffer disk;        /* of an image; empty: none */
    bool hosted;                  /* that image is the built-in one, and has a disk */
    unsigned vms;                 /* of that one; 0: one virtual machine */
    struct ws_watcher *watcher;   /* NULL: a laboratory that is not loaded */
    bool unaudited;               /* the script does without the audit, which takes most of the time */
    struct ws_audit *audit;       /* NULL: the same, or unaudited */
    struct ws_timeline *timeline; /* NULL: the machine has not run since the last change from outside */
    struct ws_crossing *crossing; /* owned: all that were seen */
    size_t crossings;
    struct ws_forward *forward;   /* NULL: a laboratory; it has nobody to forward to */
    struct ws_forward_path *path; /* owned: all that were complete */
    size_t paths;
    uint32_t kinds;          /* of events that are noted; 0: none */
    struct ws__noted *noted; /* owned */
    size_t noteds;
    bool failed;   /* there was no memory for one of them */
    bool finished; /* the audit was told that the run is over */
    bool touched;  /* changed from outside at mark 0: a session cannot have it again */
    struct ws_machine_options options;
};

/* What worldswitch.image() is given: the file's path, or with it, instead of the file, its bytes; and a disk's. */
struct ws__guest_files {
    const char *path;
    const char *image; /* NULL: read the file */
    size_t image_bytes;
    const char *disk; /* NULL: there is none */
    size_t disk_bytes;
};

/* An empty laboratory; the built-in one, loaded; the hosted system; an image file.  The guest is empty, but may be
 * `unaudited`.  Whatever they answer, release it.
 * What ws_lab_new(), ws_machine_new(), ws_image_boot() answer; `why` may get a line. */
enum ws_status ws__guest_open_lab(struct ws__guest *guest, const struct ws_machine_options *options);
enum ws_status ws__guest_open_laboratory(struct ws__guest *guest, const struct ws_machine_options *options);
enum ws_status ws__guest_open_hosted(struct ws__guest *guest, const struct ws_machine_options *options);
enum ws_status ws__guest_open_image(struct ws__guest *guest, const struct ws_machine_options *options,
                                    const struct ws__guest_files *files, struct ws_buffer *why);
void ws__guest_release(struct ws__guest *guest);

const struct ws_symbols *ws__guest_symbols(const struct ws__guest *guest);

/* Load a laboratory, and watch and audit it.  Also WS_BAD_ARGUMENT: it is loaded. */
enum ws_status ws__guest_load(struct ws__guest *guest, struct ws_world *first);

/* The timeline, which from now on is the only one to run the machine.  WS_OK, WS_NO_MEMORY. */
enum ws_status ws__guest_timeline(struct ws__guest *guest, struct ws_timeline **out);
/* Before the machine is changed from outside: what was before cannot be visited any more. */
void ws__guest_touch(struct ws__guest *guest);

/* From now on, note the events of these kinds, each once, however often the timeline executes it; in place of others.
 * WS_OK, WS_NO_MEMORY. */
enum ws_status ws__guest_note(struct ws__guest *guest, uint32_t kinds);

/* The run is over, as far as the audit is concerned. */
void ws__guest_finish(struct ws__guest *guest);

/* Describe the guest's run as a session, which ends at `mark`.  WS_OK, WS_NO_MEMORY; WS_UNSUPPORTED: it was changed
 * from outside when nothing had run yet, and no session has that. */
enum ws_status ws__guest_session(struct ws__guest *guest, uint64_t mark, struct ws_session *out);

#endif
