/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probes: each is a few instructions that leave with what they found in AL.
 */
#include "cli/probe.h"

#include <string.h>

#include <worldswitch/image.h>
#include <worldswitch/machine.h>

enum {
    PHYS = 0x100000,
    LIMIT = 1000 * 1000, /* instructions; the slowest probe needs a few thousand */
    SECTOR = 512,
    CODE_BYTES = 36,
    FOUND = 0x2a, /* what serial port, disk and module hold */
    COUNT = 7
};

/* clang-format off */
static const struct {
    const char *name, *text;
    uint8_t found; /* what it leaves with if all is well */
    uint8_t code[CODE_BYTES];
} probe_row[WS__PROBES] = {
    {"serial port", "receives what comes in from outside (16550A)", FOUND,
     {0x66, 0xba, 0xfd, 0x03, /*     mov $0x3fd, %dx     line status */
      0xec,                   /* 1:  in %dx, %al */
      0xa8, 0x01,             /*     test $1, %al */
      0x74, 0xfb,             /*     jz 1b */
      0xb2, 0xf8,             /*     mov $0xf8, %dl      received byte */
      0xec,                   /*     in %dx, %al */
      0xe6, 0xf4}},           /*     out %al, $0xf4 */
    {"timer", "counts in the guest's time (8254)", COUNT,
     {0xb0, 0x14,   /*     mov $0x14, %al      counter 0, low byte, mode 2 */
      0xe6, 0x43,   /*     out %al, $0x43 */
      0xb0, 0x10,   /*     mov $16, %al */
      0xe6, 0x40,   /*     out %al, $0x40 */
      0xe4, 0x40,   /* 1:  in $0x40, %al */
      0x3c, COUNT,  /*     cmp $7, %al */
      0x75, 0xfa,   /*     jne 1b */
      0xe6, 0xf4}}, /*     out %al, $0xf4 */
    {"disk", "is read sector by sector (ATA)", FOUND,
     {0x66, 0xba, 0xf6, 0x01, /*     mov $0x1f6, %dx     drive 0, by block number */
      0xb0, 0xe0,             /*     mov $0xe0, %al */
      0xee,                   /*     out %al, %dx */
      0xb2, 0xf2,             /*     mov $0xf2, %dl      one sector */
      0xb0, 0x01,             /*     mov $1, %al */
      0xee,                   /*     out %al, %dx */
      0xb0, 0x00,             /*     mov $0, %al         block 0 */
      0x42, 0xee,             /*     inc %edx; out %al, %dx */
      0x42, 0xee,             /*     inc %edx; out %al, %dx */
      0x42, 0xee,             /*     inc %edx; out %al, %dx */
      0xb2, 0xf7,             /*     mov $0xf7, %dl      read sectors */
      0xb0, 0x20,             /*     mov $0x20, %al */
      0xee,                   /*     out %al, %dx */
      0xec,                   /* 1:  in %dx, %al         until it is not busy */
      0xa8, 0x80,             /*     test $0x80, %al */
      0x75, 0xfb,             /*     jnz 1b */
      0xb2, 0xf0,             /*     mov $0xf0, %dl      data */
      0x66, 0xed,             /*     in %dx, %ax */
      0xe6, 0xf4}},           /*     out %al, $0xf4 */
    {"modules", "are loaded and told of, as by other boot loaders", FOUND,
     {0x8b, 0x43, 0x18, /*     mov 24(%ebx), %eax  the table of modules */
      0x8b, 0x00,       /*     mov (%eax), %eax    where the first begins */
      0x8a, 0x00,       /*     mov (%eax), %al */
      0xe6, 0xf4}},     /*     out %al, $0xf4 */
};
/* clang-format on */

const char *ws__probe_name(size_t number)
{
    return probe_row[number].name;
}

const char *ws__probe_text(size_t number)
{
    return probe_row[number].text;
}

/* A machine with the code and everything that a probe looks for. */
static enum ws_status machine_make(struct ws_machine **out, size_t number)
{
    static const uint8_t sector[SECTOR] = {FOUND};
    const struct ws_machine_options options = {.max_instructions = LIMIT};
    const struct ws_boot_module module = {sector, 1, NULL};
    const struct ws_boot_options boot = {NULL, &module, 1};
    uint8_t content[WS_MULTIBOOT_HEADER_BYTES + CODE_BYTES] = {0};
    const struct ws_image_segment segment = {PHYS, sizeof content, content};
    struct ws_buffer image = WS_BUFFER_INIT;
    memcpy(content + WS_MULTIBOOT_HEADER_BYTES, probe_row[number].code, CODE_BYTES);
    enum ws_status status = ws_machine_new(out, &options);
    if (status == WS_OK)
        status = ws_image_write(&image, &segment, 1, PHYS + WS_MULTIBOOT_HEADER_BYTES, NULL);
    if (status == WS_OK)
        status = ws_machine_disk_attach_memory(*out, sector, SECTOR);
    if (status == WS_OK)
        status = ws_image_boot(*out, image.data, image.size, &boot, NULL, NULL);
    if (status == WS_OK)
        status = ws_machine_serial_input(*out, sector, 1);
    ws_buffer_release(&image);
    return status;
}

enum ws_status ws__probe_run(size_t number)
{
    struct ws_machine *machine = NULL;
    enum ws_status status = machine_make(&machine, number);
    if (status == WS_OK) {
        ws_machine_run(machine, 0);
        const struct ws_halt *halt = ws_machine_halt(machine);
        status = ws_machine_failure(machine);
        if (status == WS_OK && (halt->reason != WS_HALT_EXIT || halt->exit_value != probe_row[number].found))
            status = WS_TIMEOUT;
    }
    ws_machine_free(machine);
    return status;
}
