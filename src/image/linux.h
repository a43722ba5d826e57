/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernels of Linux: the boot protocol's entry in 32-bit mode.
 *
 * The kernel's Documentation/arch/x86/boot.rst, "32-bit BOOT PROTOCOL", and Documentation/arch/x86/zero-page.rst.
 */
#ifndef WS_IMAGE_LINUX_H
#define WS_IMAGE_LINUX_H

#include <worldswitch/image.h>

/*
 * Load a bzImage as ws_image_boot() does, with what firmware leaves.  The first module is the initial RAM disk; there
 * may be no second one.  WS_OK, WS_NO_MEMORY; WS_BAD_IMAGE, WS_UNSUPPORTED, WS_NO_ROOM with a line in `why` (may be
 * NULL).
 */
enum ws_status ws__linux_boot(struct ws_machine *machine, const uint8_t *image, size_t bytes,
                              const struct ws_boot_options *options, struct ws_buffer *why);

#endif
