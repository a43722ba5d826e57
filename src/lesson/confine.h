/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tools may see of the file system: the system's programs and libraries, and the folder that they work in.
 *
 * Labs are no part of that, wherever they are installed: a source that could make the assembler read a file must still
 * not find a solution.
 */
#ifndef WS_LESSON_CONFINE_H
#define WS_LESSON_CONFINE_H

#include <stdbool.h>

/* Folders that may be seen; the list ends with NULL.  Not all of them are there. */
extern const char *const ws__confine_seen[];
enum { WS__CONFINE_SEEN = 24, WS__CONFINE_HIDDEN = 2, WS__CONFINE_PATH = 4096 };

/* Labs that lie within one of those folders, to be hidden there: their folders. */
struct ws__hidden {
    char folder[WS__CONFINE_HIDDEN][WS__CONFINE_PATH];
    unsigned count;
};

void ws__confine_hidden(struct ws__hidden *out);

/* The version of Landlock's interface that the kernel has; 0: it has none, or the program was built without. */
int ws__landlock_version(void);
/* Does it confine?  A process tries. */
bool ws__landlock_works(void);
/* In the process that becomes a tool: confine it, and all that it starts, for good.  false: that is not possible. */
bool ws__landlock_enter(const char *folder);

#endif
