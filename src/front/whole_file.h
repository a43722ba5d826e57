/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that is there only when it is whole.  Until then it has no name, where the file system can do that, so that
 * nothing is left of it however the process ends; elsewhere it has a temporary one beside its place.
 */
#ifndef WS_FRONT_WHOLE_FILE_H
#define WS_FRONT_WHOLE_FILE_H

#include <stdbool.h>

struct ws__whole_file {
    int descriptor;
    char *path;  /* owned: its place; NULL: there is none to be put to */
    char *name;  /* owned: its temporary name, as far as it needs one */
    bool named;  /* that name is in the folder, and stays there until this program removes it */
    bool direct; /* it is a pipe, a device, ...: written in place */
};

/* Open for writing; a file that is there stays as it is until ws__whole_file_put().  false: errno says why, and there
 * is nothing to give up. */
bool ws__whole_file_open(struct ws__whole_file *file, const char *path);

/* Close it and put it to its place, over what is there.  Returns 0, or errno; then nothing has changed there. */
int ws__whole_file_put(struct ws__whole_file *file);
/* Close it and forget what was written. */
void ws__whole_file_drop(struct ws__whole_file *file);

#endif
