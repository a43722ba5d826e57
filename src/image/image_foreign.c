/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are no multiboot image, and that people try all the same: each is told by a few bytes.
 */
#include "image/image_plan.h"

#include <string.h>

enum { SIGNATURE_AT = 510 };

/* The first row that fits counts; so what has a boot sector beside something else comes before the boot sector. */
static const struct {
    const char *bytes;
    size_t at;
    const char *what;
    const char *advice;
} foreign_row[] = {
    {"HdrS", 0x202, "the file ends inside a Linux kernel's header", "was it cut off?"},
    {"CD001", 0x8001, "a CD image", "give the kernel file that is on it"},
    {"EFI PART", 0x200, "a disk image", "give a kernel file"},
    {"\177ELF", 0, "no multiboot header in the first 8 KiB of this ELF file",
     "does it come first in the linker script?"},
    {"MZ", 0, "a DOS or Windows program", "link the guest as a 32-bit ELF file"},
    {"\037\213", 0, "a file compressed with gzip", "unpack it first"},
    {"\375\067zXZ", 0, "a file compressed with xz", "unpack it first"},
    {"\125\252", SIGNATURE_AT, "a boot sector or a disk image, which starts as 16-bit code",
     "this machine runs 32-bit guests only; 32-bit code without a header is a flat binary"},
};

bool ws__image_is_boot_sector(const uint8_t *image, size_t bytes)
{
    return bytes >= SIGNATURE_AT + 2 && image[SIGNATURE_AT] == 0x55 && image[SIGNATURE_AT + 1] == 0xaa;
}

/* A PC's ROM has the reset vector 16 bytes before its end: a jump.  SDM 3A §9.1.4 "First Instruction Executed" */
static bool is_rom(const uint8_t *image, size_t bytes)
{
    enum { UNIT = 1 << 16, VECTOR = 16 };
    if (bytes == 0 || bytes % UNIT)
        return false;
    uint8_t opcode = image[bytes - VECTOR];
    return opcode == 0xea || opcode == 0xe9 || opcode == 0xeb;
}

bool ws__image_foreign(const uint8_t *image, size_t bytes, struct ws_buffer *why)
{
    for (size_t i = 0; i < sizeof foreign_row / sizeof *foreign_row; i++) {
        size_t size = strlen(foreign_row[i].bytes);
        if (bytes < size || foreign_row[i].at > bytes - size ||
            memcmp(image + foreign_row[i].at, foreign_row[i].bytes, size))
            continue;
        (void)ws__image_refuse(why, WS_BAD_IMAGE, "%s; %s", foreign_row[i].what, foreign_row[i].advice);
        return true;
    }
    if (!is_rom(image, bytes))
        return false;
    (void)ws__image_refuse(why, WS_BAD_IMAGE,
                           "a PC's ROM, which starts as 16-bit code; this machine runs 32-bit guests only");
    return true;
}
