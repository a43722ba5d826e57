/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disk: identify, read, write, blocks of more sectors, errors, reset, interrupts.  The one that
 * tests attach has 2048 sectors, each a line of text with its number.
 * AT Attachment with Packet Interface - 6 (ATA/ATAPI-6).
 */
#include "runtime.h"
#include "chips.h"
#include "ata.h"

#define BSY 0x80
#define DRQ 0x08
#define WORDS 256

.macro COMMAND command
    OUT ATA + 7, \command
    call delay
.endm
.macro READY
    AWAIT ATA_CONTROL, BSY, 0
.endm
/* Take sectors from the data port into the buffer, or put them from there. */
.macro TAKE sectors=1
    movl $ATA, %edx
    movl $buffer, %edi
    movl $WORDS * \sectors, %ecx
    rep insw
    call delay
.endm
.macro PUT sectors=1
    movl $ATA, %edx
    movl $buffer, %esi
    movl $WORDS * \sectors, %ecx
    rep outsw
    call delay
.endm
.macro SAY_STATUS text
    SAY_IN "\text: status ", ATA_CONTROL
    SAY_IN " error ", ATA + 1
    SAY "\n"
.endm
/* The buffer's text up to its first blank but one. */
.macro SAY_SECTOR text, at=0
    SAY_TEXT "\text", buffer + SECTOR_BYTES * (\at)
.endm
.macro SAY_WORD text, word
    movzwl buffer + 2 * (\word), %eax
    SAY_HEX "\text", %eax
.endm
    .text
HANDLERS

    DELAY

/* Fill the buffer's n-th sector: sixteen bits each.  In: EAX the word, EDI where.  Clobbers ECX. */
fill:
    movl $WORDS, %ecx
    rep stosw
    ret

    .globl test_main
test_main:
    CHIPS_INIT
    OUT ATA + 6, 0xa0
    call delay
    READY
    SAY_IN "at first: status ", ATA_CONTROL
    SAY "\n"

    COMMAND 0xec
    READY
    SAY_IN "identify: status ", ATA + 7
    TAKE
    movzwl buffer + 98, %eax
    andl $0x200, %eax
    SAY_HEX " lba ", %eax
    SAY_WORD " sectors ", 60
    SAY_WORD " ", 61
    SAY_WORD " heads ", 3
    SAY_WORD " track ", 6
    SAY_WORD " multiple ", 47
    SAY "\n"
    SAY_STATUS "identified"

    SECTORS 1, 5
    COMMAND 0x20
    READY
    SAY_STATUS "read 5"
    TAKE
    SAY_SECTOR "sector"
    SAY_STATUS "read"

    SECTORS 3, 0xff, 1
    COMMAND 0x20
    .irp each, 1, 2, 3
    READY
    TAKE
    SAY_SECTOR "of three"
    .endr
    SAY_STATUS "read three"

    SECTORS 1, 0xff, 7
    COMMAND 0x20
    READY
    TAKE
    SAY_SECTOR "the last"

    OUT ATA + 6, 0xa1          /* cylinder 1, head 1, sector 2 */
    OUT ATA + 2, 1
    OUT ATA + 3, 2
    OUT ATA + 4, 1
    OUT ATA + 5, 0
    COMMAND 0x20
    READY
    TAKE
    SAY_SECTOR "cylinder 1, head 1, sector 2"

    SECTORS 1, 0, 8
    COMMAND 0x20
    READY
    SAY_STATUS "behind the end"
    OUT ATA + 6, 0xe0
    COMMAND 0xa1
    READY
    SAY_STATUS "not a packet device"
    COMMAND 0xff
    READY
    SAY_STATUS "no such command"

    movl $buffer, %edi
    movl $0xbeef, %eax
    call fill
    movl $0xcafe, %eax
    call fill
    SECTORS 2, 20
    COMMAND 0x30
    READY
    SAY_STATUS "write two"
    PUT
    READY
    SAY_STATUS "write the second"
    movl $ATA, %edx
    movl $WORDS, %ecx
    movl $buffer + SECTOR_BYTES, %esi
    rep outsw
    call delay
    READY
    SAY_STATUS "written"
    COMMAND 0xe7
    READY
    SAY_STATUS "flushed"
    SECTORS 3, 20
    COMMAND 0x20
    READY
    TAKE
    SAY_WORD "read back ", 0
    SAY_WORD " to ", 255
    READY
    TAKE
    SAY_WORD ", ", 0
    SAY_WORD " to ", 255
    SAY "\n"
    READY
    TAKE
    SAY_SECTOR "behind it"

    OUT ATA + 2, 4
    COMMAND 0xc6
    READY
    SAY_STATUS "four a block"
    SECTORS 6, 40
    COMMAND 0xc4
    READY
    TAKE 4
    SAY_SECTOR "first of six"
    SAY_SECTOR "fourth of six", 3
    READY
    SAY_STATUS "two are left"
    TAKE 2
    SAY_SECTOR "sixth of six", 1
    SAY_STATUS "all read"
    movl $buffer, %edi
    .irp word, 0x1111, 0x2222, 0x3333, 0x4444
    movl $\word, %eax
    call fill
    .endr
    SECTORS 4, 50
    COMMAND 0xc5
    READY
    PUT 4
    READY
    SAY_STATUS "four written"
    SECTORS 4, 50
    COMMAND 0x20
    .irp each, 1, 2, 3, 4
    READY
    TAKE
    SAY_WORD "read back ", 255
    SAY "\n"
    .endr
    OUT ATA + 2, 3
    OUT ATA + 6, 0xe0
    COMMAND 0xc6
    READY
    SAY_STATUS "three a block"

    OUT ATA + 6, 0xb0
    call delay
    SAY_IN "no second disk: status ", ATA + 7
    COMMAND 0xec
    SAY_IN ", identify ", ATA + 7
    SAY "\n"
    OUT ATA + 6, 0xa0
    call delay

    OUT ATA_CONTROL, 4
    call delay
    OUT ATA_CONTROL, 0
    call delay
    READY
    SAY_IN "reset: count ", ATA + 2
    SAY_IN " lba ", ATA + 3
    SAY_IN " ", ATA + 4
    SAY_IN " ", ATA + 5
    SAY "\n"
    SAY_STATUS "reset"

    IN ATA + 7
    PIC_INIT
    MASK 0xfb, 0xbf
    SECTORS 2, 7
    OUT ATA + 7, 0x20
    sti
    hlt
    cli
    TAKE
    SAY_SECTOR "by interrupt"
    sti
    hlt
    cli
    TAKE
    SAY_SECTOR "by interrupt"
    SAY_LOG "interrupts: "
    OUT ATA_CONTROL, 2
    SECTORS 1, 7
    OUT ATA + 7, 0x20
    call delay
    READY
    TAKE
    sti
    nop
    nop
    cli
    SAY_LOG "turned off: "
    OUT ATA_CONTROL, 0
    ret

    .bss
    .balign 4
buffer: .skip SECTOR_BYTES * 16
