/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Complaining on standard error.
 */
#include "front/complain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"

enum { LINE_BYTES = 1 << 14 };

/* An attacker may have written the paths, names and notes in it; whatever they are, it is one line.  Memory is not
 * needed for it. */
static void line_say(const char *text)
{
    char line[LINE_BYTES], shown[LINE_BYTES];
    ws__printable_copy(shown, sizeof shown - sizeof "worldswitch: \n", text);
    int length = snprintf(line, sizeof line, "worldswitch: %s\n", shown);
    fwrite(line, 1, (size_t)length, stderr);
}

void ws__complain(const char *hint, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    line_say(text);
    if (hint)
        line_say(hint);
}

int ws__complain_unread(enum ws_status status, const char *path)
{
    int error = errno;
    if (status == WS_NO_MEMORY)
        return ws__complain_status(status, path);
    ws__complain(NULL, "cannot read \"%s\": %s", path, error ? strerror(error) : ws_status_text(status));
    return WS__EXIT_USAGE;
}

/* The reason, with `what` in front of it if it is `named`; the status alone if there is no reason, or not all of it. */
static int why_complain(enum ws_status status, const char *what, bool named, const struct ws_buffer *why)
{
    if (status == WS_NO_MEMORY || why->failed)
        return ws__complain_status(WS_NO_MEMORY, what);
    if (!why->size)
        return ws__complain_status(status, what);
    if (named)
        ws__complain(NULL, "\"%s\": %s", what, ws_buffer_text(why));
    else
        ws__complain(NULL, "%s", ws_buffer_text(why));
    return WS__EXIT_USAGE;
}

int ws__complain_why(enum ws_status status, const char *what, const struct ws_buffer *why)
{
    return why_complain(status, what, false, why);
}

int ws__complain_file(enum ws_status status, const char *path, const struct ws_buffer *why)
{
    return why_complain(status, path, true, why);
}

int ws__complain_status(enum ws_status status, const char *what)
{
    const char *hint = status == WS_ENGINE ? "\"worldswitch doctor\" says more" : NULL;
    ws__complain(hint, "%s: %s", what, ws_status_text(status));
    return status == WS_BAD_ARGUMENT || status == WS_BAD_IMAGE || status == WS_UNSUPPORTED || status == WS_NO_ROOM
               ? WS__EXIT_USAGE
               : WS__EXIT_HOST;
}
