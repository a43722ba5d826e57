/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first time. */
#define _POSIX_C_SOURCE 200809L

#include "tui/first.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, PRIVATE = 0700 };

/* Make the folders in which a file is; those that are there stay. */
static void folders_make(const char *path)
{
    char folder[PATH_BYTES];
    for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(end - path), path);
        mkdir(folder, PRIVATE); /* what fails shows when the file is made */
    }
}

bool ws__first_time(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char path[PATH_BYTES];
    int length;
    if (state && *state == '/')
        length = snprintf(path, sizeof path, "%s/worldswitch/visited", state);
    else if (home && *home == '/')
        length = snprintf(path, sizeof path, "%s/.local/state/worldswitch/visited", home);
    else
        return false;
    if (length < 0 || length >= PATH_BYTES || access(path, F_OK) == 0)
        return false;
    folders_make(path);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0)
        return false;
    close(file);
    return true;
}
