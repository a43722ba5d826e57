/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the terminal database, for `worldswitch doctor`.
 */
#include "tui/terminal.h"

#include <curses.h>
#include <term.h>

void ws__terminal_look(struct ws__terminal *terminal, int descriptor)
{
    int error = 0;
    *terminal = (struct ws__terminal){.library = curses_version()};
    /* With somewhere to put the error, setupterm() does not exit. */
    if (setupterm(NULL, descriptor, &error) != OK)
        return;
    /* X/Open declares these names without const. */
    char place[] = "cup", colors[] = "colors";
    const char *string = tigetstr(place);
    int number = tigetnum(colors);
    terminal->known = true;
    terminal->can_place = string && string != (char *)-1;
    terminal->colors = number > 0 ? number : 0;
    del_curterm(cur_term);
}
