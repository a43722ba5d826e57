/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the files that the options name to a machine that is ready to start.
 */
#ifndef WS_FRONT_LOAD_H
#define WS_FRONT_LOAD_H

#include "front/system.h"

/* Make the machine and the symbols of options->image.  Returns WS__EXIT_DONE, or an exit status after having
 * complained; what was made so far is the caller's to close. */
int ws__load(struct ws__system *system, const struct ws__options *options,
             const struct ws_machine_options *machine_options);

/* What the guest reads as its command line. */
void ws__load_command_line(struct ws_buffer *out, const struct ws__options *options, const struct ws_buffer *image);

/* The names in the files of --symbols, for a guest from a file; with --verbose, say where its modules lie.  Returns as
 * above. */
int ws__load_names(struct ws__system *system, const struct ws__options *options);

#endif
