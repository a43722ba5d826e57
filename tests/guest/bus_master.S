/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IDE bus master: its ports, where PCI puts them, and transfers between disk and memory that the processor does not
 * make.  The disk is the one that ata.S describes.
 * 82371FB (PIIX) and 82371SB (PIIX3) data sheet, "Bus Master IDE I/O Registers".
 * AT Attachment with Packet Interface - 6 (ATA/ATAPI-6), §9.10 "DMA command protocol".
 *
 *      table:  │ address │ bytes, last │ ...          a region of memory for each row
 *                   └──► buffer
 */
#include "apic.h"
#include "ata.h"

#define IDE_CLASS  0x80000908
#define IDE_TIMING 0x80000940
#define SECONDARY  8

/* These clobber EAX and EDX. */
.macro SET_COMMAND value
    CONFIG IDE_COMMAND
    movw $(\value), %ax
    outw %ax, %dx
.endm
.macro SHOW_CONFIG text, place
    CONFIG \place
    inl %dx, %eax
    SHOW "\text", %eax
.endm
.macro PORT offset
    movl base, %edx
    addl $(\offset), %edx
.endm
.macro SET offset, value
    PORT \offset
    movb $(\value), %al
    outb %al, %dx
.endm
.macro SET_TABLE address
    PORT BMIDTP
    movl $(\address), %eax
    outl %eax, %dx
.endm
.macro GET offset
    PORT \offset
    xorl %eax, %eax
    inb %dx, %al
.endm
.macro SHOW_PORT text, offset
    GET \offset
    SHOW "\text", %eax
.endm

/* A row of the table. */
.macro REGION number, address, bytes
    movl $(\address), table + 8 * (\number)
    movl $(\bytes), table + 8 * (\number) + 4
.endm
/* Start the bus master, and wait until it is not merely active. */
.macro AWAIT_END
8892: GET BMIS
    andl $0x05, %eax
    cmpl $ACTIVE, %eax
    je 8892b
.endm
.macro MOVE direction
    SET BMIS, ENDED
    SET BMIC, START+\direction
    AWAIT_END
.endm
.macro STOP
    SET BMIC, 0
.endm
.macro RESET_DISK
    STOP
    OUT ATA_CONTROL, 4
    call delay
    OUT ATA_CONTROL, 0
    call delay
    AWAIT ATA_CONTROL, 0x80, 0
.endm
.macro SHOW_END text
    GET BMIS
    SAY_HEX "\text: bus master ", %eax
    IN ATA_CONTROL
    SAY_HEX ", disk ", %eax
    IN ATA + 1
    SAY_HEX ", error ", %eax
    SAY "\n"
.endm
/* Forget what was read before. */
.macro CLEAR
    movl $buffer, %edi
    movl $SECTOR_BYTES, %ecx
    xorl %eax, %eax
    rep stosl
.endm

    .text
HANDLERS

    DELAY

ports:
    SHOW_CONFIG "class: ", IDE_CLASS
    CONFIG IDE_PORTS
    inl %dx, %eax
    movl %eax, %ebx
    andl $1, %eax
    SHOW "ports of I/O: ", %eax
    andl $0xfffc, %ebx
    movl %ebx, base
    SET_CONFIG IDE_PORTS, 0xffffffff
    CONFIG IDE_PORTS
    inl %dx, %eax
    andl $0xffff, %eax
    SHOW "so many ports: ", %eax
    SET_CONFIG IDE_PORTS, 0xd000
    SHOW_PORT "not where they were: ", BMIC
    movl $0xd000, base
    SHOW_PORT "command: ", BMIC
    SHOW_PORT "status: ", BMIS
    SHOW_PORT "secondary channel: ", SECONDARY+BMIS
    SET_COMMAND 0
    SHOW_PORT "no ports: ", BMIS
    SET_COMMAND MASTER
    SET BMIC, 0xf6
    SHOW_PORT "bits of command: ", BMIC
    SET BMIC, 0
    SET BMIS, 0xfe
    SHOW_PORT "bits of status: ", BMIS
    SET BMIS, 0
    SET_TABLE 0xffffffff
    PORT BMIDTP
    inl %dx, %eax
    SHOW "bits of table: ", %eax
    SET_TABLE table
    SET SECONDARY+BMIC, START
    SHOW_PORT "secondary started: ", SECONDARY+BMIS
    SET SECONDARY+BMIC, 0
    SHOW_PORT "secondary stopped: ", SECONDARY+BMIS
    CONFIG IDE_TIMING
    inw %dx, %ax
    andl $0x8000, %eax
    SHOW "primary channel enabled: ", %eax
    ret

identify:
    OUT ATA + 6, 0xe0
    OUT ATA + 1, 3
    OUT ATA + 2, 0x22
    OUT ATA + 7, 0xef
    call delay
    AWAIT ATA_CONTROL, 0x80, 0
    SHOW_END "multiword DMA 2"
    OUT ATA + 7, 0xec
    call delay
    AWAIT ATA_CONTROL, 0x80, 0
    movl $ATA, %edx
    movl $buffer, %edi
    movl $SECTOR_BYTES / 2, %ecx
    rep insw
    movzwl buffer + 2 * 49, %eax
    andl $0x0100, %eax
    SAY_HEX "identify: DMA ", %eax
    movzwl buffer + 2 * 63, %eax
    SAY_HEX ", modes ", %eax
    SAY "\n"
    ret

reads:
    REGION 0, buffer, SECTOR_BYTES+LAST
    SECTORS 1, 5
    OUT ATA + 7, 0xc8
    call delay
    SHOW_END "asked"
    MOVE TO_MEMORY
    SHOW_END "one sector"
    SAY_TEXT "it is", buffer
    STOP

    CLEAR
    REGION 0, buffer, 100
    REGION 1, buffer+100, 1024
    REGION 2, buffer+1124, 412+LAST
    SECTORS 3, 0xff, 1
    OUT ATA + 7, 0xc8
    MOVE TO_MEMORY
    SHOW_END "three sectors, three regions"
    SAY_TEXT "the first", buffer
    SAY_TEXT "the third", buffer+2*SECTOR_BYTES
    IN ATA + 3
    SHOW "address: ", %eax
    STOP

    CLEAR
    REGION 0, buffer, 1024+LAST
    SET BMIS, ENDED
    SET BMIC, START+TO_MEMORY
    SECTORS 1, 7
    OUT ATA + 7, 0xc9
    AWAIT_END
    SHOW_END "started first, and room is left"
    SAY_TEXT "it is", buffer
    STOP
    SHOW_END "stopped"

    REGION 0, buffer, SECTOR_BYTES
    SECTORS 1, 8
    OUT ATA + 7, 0xc8
    MOVE TO_MEMORY
    SHOW_END "another region follows"
    STOP

    SECTORS 1, 0, 8
    SET BMIS, ENDED
    SET BMIC, START+TO_MEMORY
    OUT ATA + 7, 0xc8
    AWAIT_END
    STOP
    SHOW_END "behind the end"
    ret

writes:
    movl $buffer, %edi
    movl $0x11111111, %eax
    movl $SECTOR_BYTES / 4, %ecx
    rep stosl
    movl $0x22222222, %eax
    movl $SECTOR_BYTES / 4, %ecx
    rep stosl
    REGION 0, buffer+SECTOR_BYTES, SECTOR_BYTES
    REGION 1, buffer, SECTOR_BYTES+LAST
    SECTORS 2, 60
    OUT ATA + 7, 0xca
    MOVE 0
    SHOW_END "two sectors written"
    STOP
    CLEAR
    REGION 0, buffer, 1024+LAST
    SECTORS 2, 60
    OUT ATA + 7, 0xc8
    MOVE TO_MEMORY
    SHOW "read back: ", buffer
    SHOW "and: ", buffer+SECTOR_BYTES
    STOP
    ret

/* The disk gets code; memory gets it back over other code, which was executed. */
code:
    movl $buffer, %edi
    movb $0xb8, (%edi)              /* movl $1, %eax; ret */
    movl $1, 1(%edi)
    movb $0xc3, 5(%edi)
    REGION 0, buffer, SECTOR_BYTES+LAST
    SECTORS 1, 70
    OUT ATA + 7, 0xca
    MOVE 0
    STOP
    movl $2, buffer + 1
    call buffer
    SHOW "code before: ", %eax
    SECTORS 1, 70
    OUT ATA + 7, 0xc8
    MOVE TO_MEMORY
    call buffer
    SHOW "code behind: ", %eax
    STOP
    movw $0xc3c3, buffer            /* ret; ret */
    SECTORS 1, 71
    OUT ATA + 7, 0xca
    MOVE 0
    STOP
    movw $0xfeeb, buffer            /* 1: jmp 1b */
    SECTORS 1, 71
    OUT ATA + 7, 0xc8
    SET BMIS, ENDED
    SET BMIC, START+TO_MEMORY
    call buffer
    SAY "code that runs: the loop was left\n"
    STOP
    ret

/* No port is read while the processor waits for memory to change. */
memory:
    CLEAR
    OUT ATA_CONTROL, 2
    SECTORS 1, 9
    OUT ATA + 7, 0xc8
    SET BMIS, ENDED
    SET BMIC, START+TO_MEMORY
1:  cmpl $0, buffer
    je 1b
    SAY_TEXT "seen in memory", buffer
    STOP
    OUT ATA_CONTROL, 0
    IN ATA + 7
    ret

interrupts:
    SET BMIS, ENDED
    CHIPS_INIT
    MASK 0xfb, 0xbf
    SECTORS 1, 10
    OUT ATA + 7, 0xc8
    SET BMIC, START+TO_MEMORY
    sti
    hlt
    cli
    SAY_LOG "interrupts: "
    SHOW_PORT "status behind: ", BMIS
    STOP
    SET BMIS, ENDED
    SHOW_PORT "cleared: ", BMIS
    MASK 0xff, 0xff
    SECTORS 1, 11
    OUT ATA + 7, 0x40
    AWAIT ATA_CONTROL, 0x80, 0
    SHOW_PORT "after a command without DMA: ", BMIS
    IN ATA + 7
    ret

failures:
    REGION 0, buffer, 100+LAST
    SECTORS 1, 12
    OUT ATA + 7, 0xc8
    MOVE TO_MEMORY
    SHOW_END "too little room"
    RESET_DISK
    SET_TABLE 0x7f000000
    SECTORS 1, 12
    OUT ATA + 7, 0xc8
    MOVE TO_MEMORY
    SHOW_END "no memory for the table"
    RESET_DISK
    SET BMIS, ENDED
    SHOW_END "reset"
    ret

    .globl test_main
test_main:
    call ports
    call identify
    call reads
    call writes
    call code
    call memory
    call interrupts
    call failures
    ret

    .bss
    .balign 4
base: .skip 4
table: .skip 64
    .balign 4096
buffer: .skip SECTOR_BYTES * 16
