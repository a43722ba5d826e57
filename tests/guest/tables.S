/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables that are written in ways that are easily missed: while only a fetch ahead has read them, before they are
 * tables, and by the disk.  What memory says counts.  Where the guest does not use invlpg, a CPU may also go on with
 * the translation from before, unless it kept none.
 *
 *      page directory     tables                         frames
 *      3  ───────────────► page_table: ... │ A ─────────► ONE       A is the last page below 16 MiB,
 *      4  ───────────────► SECOND:       B │ ... ───────► OTHER     B the first page behind it
 *
 * SDM 3A §4.10.2.3 "Details of TLB Use": no translation is kept of a page that is not present.
 * SDM 3A §4.10.4.1 "Operations that Invalidate TLBs and Paging-Structure Caches"
 */
#include "apic.h"
#include "ata.h"

        .set A, 0x00fff000
        .set B, 0x01000000
        .set ONE, 0x00800000    /* mapped one to one, too, as all below 12 MiB */
        .set OTHER, 0x00801000
        .set SECOND, 0x00900000
        .set ENTRY_A, page_table + TEST_PDE * PAGE_BYTES + 4 * 1023
        .set PDE_B, page_directory + 4 * (TEST_PDE + 1)

#define BUS_MASTER 0xd000

/* One sector between the disk and `address`.  EBX counts accesses to B meanwhile. */
.macro TRANSFER address, command, direction
    movl $(\address), regions
    movl $(SECTOR_BYTES + LAST), regions + 4
    movl $(BUS_MASTER + BMIDTP), %edx
    movl $regions, %eax
    outl %eax, %dx
    SECTORS 1, 9
    OUT BUS_MASTER + BMIS, ENDED
    OUT ATA + 7, \command
    OUT BUS_MASTER + BMIC, START + \direction
1:  addb B + 0x20, %bl
    IN BUS_MASTER + BMIS
    andl $(ACTIVE + 0x04), %eax
    cmpl $ACTIVE, %eax
    je 1b
    OUT BUS_MASTER + BMIC, 0
.endm

    .text
    DELAY

    .globl test_main
test_main:
    call paging_on
    movl $SECOND, %edi
    xorl %eax, %eax
    movl $PAGE_BYTES / 4, %ecx
    rep stosl
    movl $(SECOND + PAGE_ALL), PDE_B
    movl $(ONE + PAGE_ALL), ENTRY_A
    FORGET

/* Code that goes on in B, which is not present when the code is fetched.  Its first instruction changes that. */
    movl $enters, %esi
    movl $(ONE + PAGE_BYTES - (enters_end - enters)), %edi
    movl $(enters_end - enters), %ecx
    rep movsb
    movb $0x21, OTHER       /* of mov $0x21, %al */
    movb $0xc3, OTHER + 1   /* ret */
    movl $(B - (enters_end - enters)), %eax
    call *%eax
    movzbl %al, %eax
    SHOW "a page that was not present when it was fetched: ", %eax

/* Frames that are written as any others, become page tables, and are written again. */
    movb $1, ONE + 0x20
    movb $2, OTHER + 0x20
    movl $SECOND, %esi
    movl $16, %ecx
    xorl %ebx, %ebx
1:  addl $PAGE_BYTES, %esi
    leal PAGE_ALL(%esi), %eax
    movl %eax, PDE_B
    FORGET
    movl $(ONE + PAGE_ALL), (%esi)
    addb B + 0x20, %bl
    movl $(OTHER + PAGE_ALL), (%esi)
    addb B + 0x20, %bh
    decl %ecx
    jnz 1b
    SHOW "frames that become tables, without invlpg, sixteen times 1, and 2: ", %ebx

/* The disk writes a table whose translations are in use. */
    SET_CONFIG IDE_PORTS, BUS_MASTER
    SET_CONFIG IDE_COMMAND, MASTER
    OUT ATA + 6, 0xe0
    OUT ATA + 1, 3                  /* multiword DMA 2 */
    OUT ATA + 2, 0x22
    OUT ATA + 7, 0xef
    call delay
    AWAIT ATA_CONTROL, 0x80, 0
    movl $(SECOND + PAGE_ALL), PDE_B
    movl $(OTHER + PAGE_ALL), SECOND
    FORGET
    movl $(ONE + PAGE_ALL), buffer
    TRANSFER buffer, 0xca, 0
    movzbl B + 0x20, %eax
    SHOW "before the disk writes the table: ", %eax
    TRANSFER SECOND, 0xc8, TO_MEMORY
    movzbl B + 0x20, %eax
    SHOW "and behind that, without invlpg: ", %eax
    invlpg B
    movzbl B + 0x20, %eax
    SHOW "and with it: ", %eax
    ret

/* Copied to the end of A: all of it but the last instruction's second byte, which is in B. */
enters:
    movl $(OTHER + PAGE_ALL), SECOND
    nop
    .byte 0xb0
enters_end:

    .bss
    .balign PAGE_BYTES
buffer:
    .skip SECTOR_BYTES
regions:
    .skip 8
