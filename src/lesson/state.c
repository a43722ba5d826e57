/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file that remembers how far a student is. */
#include "lesson/state.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/image.h>

enum { STATE_BYTES = 4096 };

static bool path_make(char path[WS__LESSON_PATH], const char *folder)
{
    return snprintf(path, WS__LESSON_PATH, "%s/%s", folder, WS__STATE_FILE) < WS__LESSON_PATH;
}

enum ws_status ws__state_read(struct ws__state *out, const char *folder)
{
    char path[WS__LESSON_PATH];
    struct ws_buffer text = WS_BUFFER_INIT;
    *out = (struct ws__state){.hints = 0};
    enum ws_status status = path_make(path, folder) ? ws_file_read(path, STATE_BYTES, &text) : WS_BAD_FILE;
    if (status == WS_OK && sscanf(ws_buffer_text(&text), "lesson %63s hints %u points %u of %u", out->lesson,
                                  &out->hints, &out->points, &out->most) != 4)
        *out = (struct ws__state){.hints = 0};
    const char *student = strstr(ws_buffer_text(&text), "\nstudent ");
    if (*out->lesson && student)
        snprintf(out->student, sizeof out->student, "%.*s", (int)strcspn(student + 9, "\n"), student + 9);
    ws_buffer_release(&text);
    return status == WS_NO_MEMORY ? WS_NO_MEMORY : WS_OK;
}

enum ws_status ws__state_write(const struct ws__state *state, const char *folder)
{
    char path[WS__LESSON_PATH], text[384];
    int bytes = snprintf(text, sizeof text, "lesson %s\nhints %u\npoints %u of %u\n", state->lesson, state->hints,
                         state->points, state->most);
    if (*state->student)
        bytes += snprintf(text + bytes, sizeof text - (size_t)bytes, "student %s\n", state->student);
    return path_make(path, folder) ? ws_file_write(path, text, (size_t)bytes) : WS_BAD_FILE;
}
