/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this the first time that this person starts the visualizer?
 */
#ifndef WS_TUI_FIRST_H
#define WS_TUI_FIRST_H

#include <stdbool.h>

/*
 * The file $XDG_STATE_HOME/worldswitch/visited says that it is not; without that variable, the one in
 * ~/.local/state (XDG Base Directory Specification).  It is made here, empty.  Where it cannot be made, this is not the
 * first time: nobody should be asked again and again.
 */
bool ws__first_time(void);

#endif
