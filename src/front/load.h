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

/* The files that come with the image: those of --module, and then that of --initrd.  ws__load_module() appends the path
 * of one to *path, and returns what the guest reads about it, borrowed from the options.  A module is FILE or
 * FILE=STRING; without a string, the guest reads the file's name, as under QEMU. */
size_t ws__load_modules(const struct ws__options *options);
const char *ws__load_module(const struct ws__options *options, size_t number, struct ws_buffer *path);

/* The names in the files of --symbols, for a guest from a file; with --verbose, say where its modules lie.  Returns as
 * above. */
int ws__load_names(struct ws__system *system, const struct ws__options *options);

#endif
