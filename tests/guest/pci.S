/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI's configuration space, and firmware's configuration device: what kernels look for at ports that are wider than a
 * byte.  PCI Local Bus Specification 2.1, §6.1 "Configuration Space Organization"
 */
#include "apic.h"

#define FW_CFG      0x510

/* Clobber EAX and EDX. */
.macro ADDRESS value
    movl $PCI_ADDRESS, %edx
    movl $(\value), %eax
    outl %eax, %dx
.endm
.macro SHOW_DWORD text, port
    movl $(\port), %edx
    inl %dx, %eax
    SHOW "\text", %eax
.endm
.macro SHOW_CONFIG text, value
    ADDRESS \value
    SHOW_DWORD "\text", PCI_DATA
.endm
.macro SHOW_WORD text, port
    movl $(\port), %edx
    xorl %eax, %eax
    inw %dx, %ax
    SHOW "\text", %eax
.endm
.macro SHOW_BYTE text, port
    IN \port
    SHOW "\text", %eax
.endm
.macro SELECT item
    movl $FW_CFG, %edx
    movw $(\item), %ax
    outw %ax, %dx
.endm
/* The next two bytes of an item. */
.macro SHOW_ITEM text, item
    SELECT \item
    IN FW_CFG + 1
    movl %eax, %ebx
    IN FW_CFG + 1
    shll $8, %eax
    orl %ebx, %eax
    SHOW "\text", %eax
.endm

    .text
    .globl test_main
test_main:
    SHOW_CONFIG "host bridge: ", 0x80000000
    SHOW_CONFIG "host bridge, class: ", 0x80000008
    SHOW_CONFIG "ISA bridge: ", 0x80000800
    SHOW_CONFIG "ISA bridge, class: ", 0x80000808
    SHOW_CONFIG "ISA bridge, kind of header: ", 0x8000080c
    SHOW_CONFIG "IDE: ", 0x80000900
    SHOW_CONFIG "IDE, class: ", 0x80000908
    SHOW_CONFIG "a function that is not there: ", 0x80000a00
    SHOW_CONFIG "another bus: ", 0x80010000
    SHOW_CONFIG "not enabled: ", 0x00000000
    ADDRESS 0x80000800
    SHOW_DWORD "address: ", PCI_ADDRESS
    SHOW_WORD "device, a word: ", PCI_DATA + 2
    SHOW_BYTE "vendor, a byte: ", PCI_DATA + 1
    SHOW_BYTE "device, a byte: ", PCI_DATA + 3
    ADDRESS 0xffffffff
    SHOW_DWORD "address, all ones: ", PCI_ADDRESS
    ADDRESS 0x80000000
    movl $PCI_ADDRESS, %edx
    movw $0x0800, %ax
    outw %ax, %dx
    SHOW_DWORD "address, a word is written: ", PCI_ADDRESS
    movl $PCI_ADDRESS, %edx
    movb $0x08, %al
    outb %al, %dx
    SHOW_DWORD "address, a byte is written: ", PCI_ADDRESS
    ADDRESS 0x80000400
    SAY "an address with bit 10: goes on\n"
    ADDRESS 0x8000093c
    movl $PCI_DATA, %edx
    movl $0x00000055, %eax
    outl %eax, %dx
    SHOW_DWORD "interrupt line: ", PCI_DATA
    ADDRESS 0x80000900
    movl $PCI_DATA, %edx
    xorl %eax, %eax
    outl %eax, %dx
    SHOW_DWORD "vendor and device are written: ", PCI_DATA
    ADDRESS 0x80000904
    movl $PCI_DATA, %edx
    movw $0x0005, %ax
    outw %ax, %dx
    SHOW_WORD "command: ", PCI_DATA

    SHOW_ITEM "signature: ", 0x00
    SHOW_ITEM "processors: ", 0x05
    SHOW_ITEM "processors at most: ", 0x0f
    SHOW_BYTE "behind the end of an item: ", FW_CFG + 1
    SHOW_ITEM "an item that is not there: ", 0x3fff
    ret
