/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the VMX: vmx.c creates and runs, kernel.c loads, serve.c serves. */
#ifndef WS_GUEST_VMX_VMX_H
#define WS_GUEST_VMX_VMX_H

#include <stdbool.h>

#include "guest/hosted.h"

enum { VMX_IMAGE_BYTES = 256 << 10 /* no file that it reads whole is as long */ };

/* kernel.c: put a multiboot kernel into the VM's memory as a boot loader would, and note in *create how
 * the VM starts.  false: it is none, or does not fit. */
bool kernel_load(uint8_t *memory, const uint8_t *image, uint32_t bytes, struct vmx_create *create);

/* vmx.c: open a file of this VM's: "vm2.disk" for the ending "disk", or "vm.disk" if it is alone. */
int32_t vm_file_open(const char *ending);

/* serve.c: do what the VM wants; the answer goes into *request. */
void request_serve(struct hosted_mailbox *request);
/* What is written in front of each of its lines: "vm2: "; if it is alone, what the file vm.name has. */
void console_name(void);
/* Write what the VM has begun of a line. */
void console_flush(void);

#endif
