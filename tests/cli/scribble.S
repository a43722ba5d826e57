/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that overwrites its disk's first sector.
 */
#include "../guest/runtime.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define ATA           0x1f0
#define ATA_STATUS    (ATA + 7)
#define BUSY_BIT      0x80
#define REQUEST_BIT   0x08
#define WRITE_SECTORS 0x30
#define FLUSH         0xe7
#define WORDS         256

.macro OUT value, port
    movb $\value, %al
    movw $\port, %dx
    outb %al, %dx
.endm

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

    .text
    .globl start
start:
    OUT 0xe0, ATA + 6      /* drive 0, LBA */
    OUT 1, ATA + 2
    OUT 0, ATA + 3
    OUT 0, ATA + 4
    OUT 0, ATA + 5
    OUT WRITE_SECTORS, ATA_STATUS
1:  inb %dx, %al
    testb $BUSY_BIT, %al
    jnz 1b
    testb $REQUEST_BIT, %al
    jz 1b
    movw $ATA, %dx
    movl $WORDS, %ecx
1:  movw $('Z' << 8 | 'Z'), %ax
    outw %ax, %dx
    loop 1b
    OUT FLUSH, ATA_STATUS
1:  inb %dx, %al
    testb $BUSY_BIT, %al
    jnz 1b
    movb $EXIT_PASSED, %al
    outb %al, $DEBUG_EXIT
1:  cli
    hlt
    jmp 1b
