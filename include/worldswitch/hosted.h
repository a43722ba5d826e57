/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted system: the whole of figure 7-10 of Modern Operating Systems, as software that runs inside the machine.
 *
 *   host     a small operating system: processes, system calls, files on an ATA disk
 *     A, B   processes that compute, write, and use the disk
 *     vmx    the process that owns the virtual machine, and serves its requests
 *     (the VMX driver in the host's kernel makes the world switches)
 *   vmm      the virtual machine monitor's world; on it runs a virtual machine with a kernel of its own
 *
 * Unlike the laboratory, nobody builds it from outside: it is one multiboot file that boots here, under QEMU, and on
 * Bochs.  It leaves through the debug exit port with value 0 when all processes have exited.
 *
 * The guest's sources are under src/guest/: boot, host, driver, vmx, programs; vmm; vm.
 */
#ifndef WORLDSWITCH_HOSTED_H
#define WORLDSWITCH_HOSTED_H

#include <stddef.h>

#include <worldswitch/image.h>
#include <worldswitch/machine.h>
#include <worldswitch/status.h>

/* The multiboot file, and the disk that it is delivered with; constants. */
const void *ws_hosted_image(size_t *bytes);
const void *ws_hosted_disk(size_t *bytes);

/*
 * Boot it on a fresh machine; the disk is the caller's to attach.  `symbols` may be NULL; it gets those of the host's
 * kernel as they are, and those of the VMM with "vmm." before them. The virtual machine's have no place there: its
 * addresses are the VMX's, too.
 * WS_OK, WS_NO_MEMORY, WS_NO_ROOM (the machine has too little memory for the file).
 */
enum ws_status ws_hosted_boot(struct ws_machine *machine, struct ws_symbols *symbols);

#endif
