/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saving what the guest wrote to its disk, so that a crash at any instant loses nothing.
 *
 * The file is written in place, and only its sectors that differ: it stays the same file, with its mode, owner and
 * links, and what is sparse stays sparse.  First they are appended to the file, as a journal:
 *
 *   | the disk as it was | sector, number | sector, number | … | footer |
 *
 * The footer is written first of all, and has a sum over the rest.  A journal that is whole is copied to its place, if
 * need be when the file is attached next; of one that is not, no sector has been copied yet, and it is cut off.
 */
#ifndef WS_MACHINE_DISK_DISK_SAVE_H
#define WS_MACHINE_DISK_DISK_SAVE_H

#include <stdbool.h>

#include <worldswitch/status.h>

#include "machine/disk/disk.h"

/* Save, if the disk is for keeping and anything differs.  WS_OK, WS_BAD_FILE (errno says why), WS_NO_MEMORY. */
enum ws_status ws__disk_save(struct ws__disk *disk);

/* Does the file end with a journal? */
bool ws__disk_save_is_unfinished(int file);
/* Finish a save that was interrupted, or undo it.  The file is open for reading and writing.
 * WS_OK (there was none, too), WS_BAD_FILE (errno says why). */
enum ws_status ws__disk_save_finish(int file);

#endif
