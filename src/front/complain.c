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

/* Is there a reason, and all of it?  If not, complain of the status alone. */
static bool why_is_whole(enum ws_status status, const struct ws_buffer *why)
{
    return status != WS_NO_MEMORY && why->size && !why->failed;
}

int ws__complain_why(enum ws_status status, const char *what, const struct ws_buffer *why)
{
    if (!why_is_whole(status, why))
        return ws__complain_status(why->failed ? WS_NO_MEMORY : status, what);
    ws__complain(NULL, "%s", ws_buffer_text(why));
    return WS__EXIT_USAGE;
}

int ws__complain_file(enum ws_status status, const char *path, const struct ws_buffer *why)
{
    if (!why_is_whole(status, why))
        return ws__complain_status(why->failed ? WS_NO_MEMORY : status, path);
    ws__complain(NULL, "\"%s\": %s", path, ws_buffer_text(why));
    return WS__EXIT_USAGE;
}

int ws__complain_status(enum ws_status status, const char *what)
{
    const char *hint = status == WS_ENGINE ? "\"worldswitch doctor\" says more" : NULL;
    ws__complain(hint, "%s: %s", what, ws_status_text(status));
    return status == WS_BAD_ARGUMENT || status == WS_BAD_IMAGE || status == WS_UNSUPPORTED || status == WS_NO_ROOM
               ? WS__EXIT_USAGE
               : WS__EXIT_HOST;
}
