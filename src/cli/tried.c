/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Was this version tried? */
#include "cli/tried.h"

#include <string.h>

static const struct {
    const char *software, *version;
} tried[] = {
#define TRIED(software, version) {software, version},
    WS__TRIED_TABLE
#undef TRIED
};

/* "7.2" begins "7.2" and "7.2.22", and not "7.20". */
static bool begins(const char *version, const char *with)
{
    size_t length = strlen(with);
    return strncmp(version, with, length) == 0 && (version[length] < '0' || version[length] > '9');
}

bool ws__version_tried(const char *software, const char *version, struct ws_buffer *others)
{
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
        if (strcmp(tried[i].software, software) == 0 && begins(version, tried[i].version))
            return true;
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
        if (strcmp(tried[i].software, software) == 0)
            ws_buffer_printf(others, "%s%s", others->size ? ", " : "", tried[i].version);
    return false;
}
