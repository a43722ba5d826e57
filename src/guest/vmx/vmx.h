/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the VMX: vmx.c creates and runs, kernel.c loads, serve.c serves, console.c talks with the user. */
#ifndef WS_GUEST_VMX_VMX_H
#define WS_GUEST_VMX_VMX_H

#include "guest/hosted.h"
#include "guest/programs/user.h"

enum { VMX_IMAGE_BYTES = 256 << 10 /* no file that it reads whole is as long */ };

/* kernel.c: put a multiboot kernel into the VM's memory as a boot loader would, and note in *create how
 * the VM starts.  false: it is none, or does not fit. */
bool kernel_load(uint8_t *memory, const uint8_t *image, uint32_t bytes, struct vmx_create *create);

/* vmx.c: open a file of this VM's: "vm2.disk" for the ending "disk", or "vm.disk" if it is alone. */
int32_t vm_file_open(const char *ending);

/* How the VMX's own lines begin: "vmx2". */
extern char vmx_name[];

/* serve.c: do what the VM wants; the answer goes into *request. */
void request_serve(struct hosted_mailbox *request);

/* -- console.c --------------------------------------------------------------------------------- */

/* What is written in front of each of the VM's lines: "vm2: "; if it is alone, what the file vm.name has. */
void console_name(void);
/* A byte that the VM transmits. */
void console_put(char c);
/* The VM says no more: if it has begun a line, that ends here. */
void console_end(void);
/* From now on, a thread of its own listens to the user. */
void console_listen(void);
/* What the user has ordered: RESET, OFF, or 0. */
enum { RESET = 'r', OFF = 's' };
extern volatile char console_order;
/* How many bytes were typed for the VM, and wait; the next one, 0 if there is none. */
uint32_t typed_count(void);
uint8_t typed_take(void);

#endif
