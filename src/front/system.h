/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command works on: a machine with a guest in it, and a watcher that knows the guest's names.
 */
#ifndef WS_FRONT_SYSTEM_H
#define WS_FRONT_SYSTEM_H

#include <stdbool.h>

#include <worldswitch/audit.h>
#include <worldswitch/buffer.h>
#include <worldswitch/crossing.h>
#include <worldswitch/image.h>
#include <worldswitch/lab.h>
#include <worldswitch/machine.h>
#include <worldswitch/session.h>

#include "front/feed.h"
#include "front/late.h"
#include "front/options.h"
#include "front/output.h"

struct ws__system {
    struct ws_machine *machine;
    struct ws_watcher *watcher; /* NULL: not watched, see ws__system_watch() */
    struct ws_audit *audit;     /* the same */
    const struct ws_symbols *symbols;
    struct ws_lab *lab;           /* owns the machine and the symbols, if it is built in */
    struct ws_symbols *own;       /* of an image file */
    bool is_linux;                /* that file is a Linux kernel */
    struct ws__late late;         /* if it is not watched */
    struct ws__feed feed;         /* what the serial port receives */
    struct ws_timeline *timeline; /* borrowed: it is told how far the run has come; NULL: there is none */
    struct ws_session *session;   /* owned: that was opened, or is being recorded; NULL: neither, see record.h */
    bool replays;                 /* it was opened */
    bool placed;                  /* with a mark to go to: the session's end */
    uint64_t end;                 /* where it ended before that */
    bool contradicted;            /* the run is not the recorded one */
    uint64_t good;                /* the last mark at which it was */
};

/* Load what the options name, and watch it if `watched`.  `serial` may be NULL.  Returns
 * WS__EXIT_DONE, or an exit status after having complained; then there is nothing to close. */
int ws__system_open(struct ws__system *system, const struct ws__options *options, bool watched, ws_serial_sink *serial,
                    void *serial_context);
/* Watch and audit it from now on; a run without a watcher is faster.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws__system_watch(struct ws__system *system);
void ws__system_close(struct ws__system *system);

/*
 * Run until the guest halts, the limit is reached, or the output is done; the output is flushed now and then, if
 * `stream`: often.  On a terminal, progress is shown on standard error.
 */
void ws__system_run(struct ws__system *system, const struct ws__options *options, struct ws__output *output,
                    bool stream);

/* Run to that mark, or to the end of the run if it comes first.  false: the output is done, the user does not want it
 * any more. */
bool ws__system_run_to(struct ws__system *system, const struct ws__options *options, struct ws__output *output,
                       uint64_t mark);

/* Is that the state of a process that has pages of its own?  An idle one, for instance, has none, and its context
 * switches are not worth a picture.  If there is no memory to find it out, the machine fails. */
bool ws__system_is_process(const struct ws__system *system, const struct ws_registers *registers);

/* The command's last step: if the machine has failed meanwhile, there is no result.  Returns as ws__output_close(). */
int ws__system_finish(struct ws__system *system, struct ws__output *output, int status);

/* Write the guest's disk back to its file, if it is to be kept.  Returns `status`, or an exit status after having
 * complained. */
int ws__system_disk_save(struct ws__system *system, const struct ws__options *options, int status);

/* Say on standard error how the run ended: why, where, in which world.  That the guest left of its own accord, through
 * the debug exit port, is not worth a word; that the host failed, the output tells.  Returns `status`, or WS__EXIT_HOST
 * after having complained that there is no memory to say it. */
int ws__system_halt_tell(struct ws__system *system, const struct ws__options *options, int status);

#endif
