/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest's serial port receives: a file, a pipe, or the keyboard.
 *
 * A file or a pipe is read to its end before the run, and given to the guest when it first looks at what its port has
 * received: so the same bytes come at the same marks in every run, however fast a process wrote into the pipe.  Keys
 * come when they are pressed; the machine remembers at which mark that was.
 */
#ifndef WS_FRONT_FEED_H
#define WS_FRONT_FEED_H

#include <stdbool.h>
#include <termios.h>

#include <worldswitch/buffer.h>
#include <worldswitch/machine.h>

#include "front/output.h"

struct ws__feed {
    struct ws_machine *machine; /* NULL: nothing is fed */
    struct ws_buffer bytes;     /* read, and not given yet */
    bool listening;             /* for the guest's first look */
    bool wanted;                /* it came */
    bool keys;                  /* standard input is a terminal that has not ended */
    bool changed;               /* the terminal's modes are to be put back */
    struct termios modes;
};

/* Feed from a file, "-" for standard input; NULL: from nothing.  `at_once`: do not wait for the guest's first look.
 * Returns WS__EXIT_DONE, or an exit status after having complained; in either case, close it. */
int ws__feed_open(struct ws__feed *feed, struct ws_machine *machine, const char *path, bool at_once);
void ws__feed_close(struct ws__feed *feed);

/* Type the text of a file, "-" for standard input, on the machine's keyboard; NULL: nothing.  It waits there until the
 * guest wants keys.  Returns WS__EXIT_DONE, or an exit status after having complained. */
int ws__feed_keys(struct ws_machine *machine, const char *path);

/* Between two pieces of the run: give what is there, without waiting. */
void ws__feed_give(struct ws__feed *feed);

/* The guest sleeps: wait for a key.  false: none will come, or it does not wake the guest. */
bool ws__feed_wait(struct ws__feed *feed, struct ws__output *output);

#endif
