/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that remembers how far a student is.
 *
 * The folder may be a student's, and the user an instructor: a link of that name must lead neither to reading another
 * file, nor to writing it.
 */
#define _POSIX_C_SOURCE 200809L

#include "lesson/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATE_BYTES = 4096 };

static bool path_make(char path[WS__LESSON_PATH], const char *folder, const char *end)
{
    return snprintf(path, WS__LESSON_PATH, "%s/%s%s", folder, WS__STATE_FILE, end) < WS__LESSON_PATH;
}

/* Read a regular file of that name, as a text; what is none is "". */
static void text_read(const char *path, char text[STATE_BYTES])
{
    struct stat there;
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t got = 0;
    if (descriptor >= 0 && fstat(descriptor, &there) == 0 && S_ISREG(there.st_mode))
        got = read(descriptor, text, STATE_BYTES - 1);
    text[got > 0 ? got : 0] = 0;
    if (descriptor >= 0)
        close(descriptor);
}

void ws__state_read(struct ws__state *out, const char *folder)
{
    char path[WS__LESSON_PATH], text[STATE_BYTES] = "";
    *out = (struct ws__state){.hints = 0};
    if (path_make(path, folder, ""))
        text_read(path, text);
    if (sscanf(text, "lesson %63s hints %u points %u of %u", out->lesson, &out->hints, &out->points, &out->most) != 4)
        *out = (struct ws__state){.hints = 0};
    const char *best = strstr(text, "\nbest ");
    out->best = *out->lesson && best ? (unsigned)strtoul(best + 6, NULL, 10) : out->points;
    const char *student = strstr(text, "\nstudent ");
    if (*out->lesson && student)
        snprintf(out->student, sizeof out->student, "%.*s", (int)strcspn(student + 9, "\n"), student + 9);
}

/* A new file is put into its place: what was there, be it a link, is replaced. */
enum ws_status ws__state_write(const struct ws__state *state, const char *folder)
{
    char path[WS__LESSON_PATH], fresh[WS__LESSON_PATH], text[384];
    int bytes = snprintf(text, sizeof text, "lesson %s\nhints %u\npoints %u of %u\nbest %u\n", state->lesson,
                         state->hints, state->points, state->most, state->best);
    if (*state->student)
        bytes += snprintf(text + bytes, sizeof text - (size_t)bytes, "student %s\n", state->student);
    if (!path_make(path, folder, "") || !path_make(fresh, folder, ".new"))
        return WS_BAD_FILE;
    if (unlink(fresh) < 0 && errno != ENOENT)
        return WS_BAD_FILE;
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return WS_BAD_FILE;
    bool good = write(descriptor, text, (size_t)bytes) == bytes;
    good &= close(descriptor) == 0;
    if (good && rename(fresh, path) == 0)
        return WS_OK;
    int error = errno;
    unlink(fresh);
    errno = error;
    return WS_BAD_FILE;
}
