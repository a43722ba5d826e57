/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted system's disk, with another kernel for its virtual machine: --vm IMAGE or host, --vm-disk FILE.
 */
#ifndef WS_FRONT_VM_DISK_H
#define WS_FRONT_VM_DISK_H

#include <worldswitch/buffer.h>

#include "front/options.h"

/* Append to *out the disk that the hosted system is delivered with, changed as the options say.  Returns WS__EXIT_DONE,
 * or an exit status after having complained. */
int ws__vm_disk(const struct ws__options *options, struct ws_buffer *out);

#endif
