/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosted system: the whole of figure 7-10 of Modern Operating Systems, as software that runs inside the machine.
 *
 *   host     a small operating system: processes, system calls, files on an ATA disk
 *     A, B   processes that compute, write, and use the disk
 *     vmx1   the process that owns a virtual machine, and serves its requests; vmx2, which owns another one
 *     (the VMX driver in the host's kernel makes the world switches)
 *   vmm1     the world of a virtual machine monitor, on which a virtual machine runs, with a kernel of its own
 *   vmm2     one more
 *
 * How many virtual machines there are, the files on its disk decide; of one that is alone, these are "vmx" and "vmm".
 *
 * Unlike the laboratory, the library does not build it from outside: it is one multiboot file that boots here, under
 * QEMU, and on Bochs.  It leaves through the debug exit port with value 0 when all processes have exited.
 *
 * The guest's sources are under src/guest/: boot, host, driver, vmx, programs; vmm; vm.
 */
#ifndef WORLDSWITCH_HOSTED_H
#define WORLDSWITCH_HOSTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/image.h>
#include <worldswitch/machine.h>
#include <worldswitch/status.h>

/* The multiboot file, and the disk that it is delivered with; constants. */
const void *ws_hosted_image(size_t *bytes);
const void *ws_hosted_disk(size_t *bytes);

/* A file on such a disk of `size` bytes, as src/guest/host/disk.h says: where its content is, and how long; NULL: there
 * is none. */
const void *ws_hosted_disk_file(const void *disk, size_t size, const char *name, size_t *bytes);

/* Put a file onto a copy of such a disk, in the place of one of that name; the copy grows.  `name` has 15 characters at
 * most.  WS_OK, WS_NO_MEMORY, WS_NO_ROOM (there are 16 files), WS_BAD_IMAGE (it is no such disk). */
enum ws_status ws_hosted_disk_put(struct ws_buffer *disk, const char *name, const void *content, size_t bytes);
/* Take all files off a copy of such a disk but those with these names; NULL ends the list. */
void ws_hosted_disk_keep(struct ws_buffer *disk, const char *const *names);

/*
 * Change a copy of such a disk so that there are `vms` virtual machines, 1 to WS_HOSTED_VMS_MOST, each with a disk
 * like the one that VM 1 has.  The host starts a VMX for each disk of a virtual machine that it finds: vm.disk is that
 * of one that is alone, and runs in the world "vmm"; vm1.disk, vm2.disk and so on are those of several, in "vmm1" and
 * "vmm2".  Their kernel is vm1.elf, or vm2.elf, if there is such a file, and vm.elf if not.  As ws_hosted_disk_put().
 */
enum { WS_HOSTED_VMS_MOST = 4 };
enum ws_status ws_hosted_disk_vms(struct ws_buffer *disk, unsigned vms);

/*
 * Boot it on a fresh machine; the disk is the caller's to attach.  `symbols` may be NULL; it gets those of the host's
 * kernel as they are, and those of the VMM with "vmm." before them. The virtual machine's have no place there: its
 * addresses are the VMX's, too.
 * WS_OK, WS_NO_MEMORY, WS_NO_ROOM (the machine has too little memory for the file).
 */
enum ws_status ws_hosted_boot(struct ws_machine *machine, struct ws_symbols *symbols);

/* -- a hosted system from a file --------------------------------------------------------------- */

/* Are these the symbols of a hosted system: has it the VMX driver, the cross page, the disk that it carries? */
bool ws_hosted_is(const struct ws_symbols *symbols);

/*
 * Add what the symbols of a hosted system's file lack: the VMM's, whose file is on the disk that the image carries,
 * with "vmm." before them.  Of another image nothing is added, and it is no failure.  WS_OK, WS_NO_MEMORY.
 */
enum ws_status ws_hosted_symbols(struct ws_symbols *symbols, const void *image, size_t bytes);

/* -- requests ---------------------------------------------------------------------------------- */

/* What the VMM writes to the cross page's mailbox before it leaves for the host: number, name, what it is in words. */
#define WS_HOSTED_REQUEST_TABLE(X)           \
    X(0, NONE, "")                           \
    X(1, INTERRUPT, "forwards an interrupt") \
    X(2, CONSOLE, "console output")          \
    X(3, DISK_READ, "disk read")             \
    X(4, DISK_WRITE, "disk write")           \
    X(5, IDLE, "idle")                       \
    X(6, SHUTDOWN, "shutdown")               \
    X(7, STOPPED, "given up")                \
    X(8, DISK_SIZE, "disk size")             \
    X(9, INPUT, "console input")

enum ws_hosted_request {
#define WS_HOSTED_REQUEST_ENUM(number, name, text) WS_HOSTED_REQUEST_##name = number,
    WS_HOSTED_REQUEST_TABLE(WS_HOSTED_REQUEST_ENUM)
#undef WS_HOSTED_REQUEST_ENUM
        WS_HOSTED_REQUESTS
};

/* "console output"; "" for a number that no request has.  A constant. */
const char *ws_hosted_request_text(uint32_t request);

/* -- worlds ------------------------------------------------------------------------------------ */

/* Which VMM has a world of this name: 0 of "vmm", the only one; 1 and so on of "vmm1", one of several.  -1 of any other
 * name: it is no VMM's. */
int ws_hosted_vmm_number(const char *world);
/* Is it the world that a person calls `wanted`?  "vmm" is any VMM's. */
bool ws_hosted_world_is(const char *world, const char *wanted);

/* -- figure 7-10, live ------------------------------------------------------------------------- */

/* IRQ 14, the disk's, as the host has programmed its interrupt controllers, and the VMM after it. */
enum { WS_HOSTED_DISK_VECTOR = 46 };

/* The places of the figure: name, text in the picture, what it is in a sentence. */
#define WS_HOSTED_PLACE_TABLE(X)                                       \
    X(NOWHERE, "", "")                                                 \
    X(PROCESS, "", "a host process")                                   \
    X(VMX, "VMX", "the VMX, a host process")                           \
    X(HOST, "host OS", "the host OS")                                  \
    X(FS, "fs", "the host OS, file system")                            \
    X(SCSI, "scsi", "the host OS, scsi")                               \
    X(HANDLER, "int handler", "the host OS, interrupt handler")        \
    X(DRIVER, "VMX driver", "the VMX driver, in the host OS")          \
    X(SWITCH, "world switch", "the world switch, in the cross page")   \
    X(VMM, "VMM", "the VMM")                                           \
    X(EXCEPTIONS, "exception handlers", "the VMM, exception handlers") \
    X(VM, "virtual machine", "the virtual machine")

enum ws_hosted_place {
#define WS_HOSTED_PLACE_ENUM(name, label, text) WS_HOSTED_##name,
    WS_HOSTED_PLACE_TABLE(WS_HOSTED_PLACE_ENUM)
#undef WS_HOSTED_PLACE_ENUM
        WS_HOSTED_PLACES
};

/* What the picture calls it: "fs", "" if it has no name of its own; "the host OS, file system".  Constants. */
const char *ws_hosted_place_label(enum ws_hosted_place place);
const char *ws_hosted_place_text(enum ws_hosted_place place);

/*
 * In which place an instruction is, told from who runs (as the watcher names world and process), in which ring, and
 * from the routine's name.  A routine that several places use, such as memcpy, is the host OS's.  WS_HOSTED_NOWHERE if
 * the world is neither the host nor the VMM, as before paging is on.
 */
enum ws_hosted_place ws_hosted_place(const struct ws_symbols *symbols, const char *world, const char *process,
                                     unsigned cpl, uint32_t linear);

#endif
