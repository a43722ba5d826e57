/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the disk and of its bus master have in common; chips.h, or apic.h, goes before.
 */

#define SECTOR_BYTES 512

/* Select the disk, by LBA, and say which sectors. */
.macro SECTORS count, low, middle=0, high=0
    OUT ATA + 6, 0xe0
    OUT ATA + 2, \count
    OUT ATA + 3, \low
    OUT ATA + 4, \middle
    OUT ATA + 5, \high
.endm
/* The text there: twelve characters. */
.macro SAY_TEXT text, address:vararg
    SAY "\text: "
    movb $0, (\address) + 12
    pushl $(\address)
    call say
    addl $4, %esp
    SAY "\n"
.endm
/* The function that waits for 400 ns and more. */
.macro DELAY
delay:
    IN ATA_CONTROL
    IN ATA_CONTROL
    IN ATA_CONTROL
    IN ATA_CONTROL
    ret
.endm
