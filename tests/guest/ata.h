/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the disk and of its bus master have in common; chips.h, or apic.h, goes before.
 */

#define SECTOR_BYTES 512

/* The bus master: places in configuration space, its ports from its first one on, and their bits. */
#define IDE_COMMAND 0x80000904
#define IDE_PORTS   0x80000920
#define MASTER      0x0005     /* in IDE_COMMAND: I/O ports, and bus master */
#define BMIC        0          /* command */
#define BMIS        2          /* status */
#define BMIDTP      4          /* the table's address */
#define START       0x01       /* in BMIC */
#define TO_MEMORY   0x08
#define ACTIVE      0x01       /* in BMIS */
#define ENDED       0x06       /* error, and interrupt: a one clears them */
#define LAST        0x80000000 /* in a row of the table: it is the last one */

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
