/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that sleeps until its serial port has received something, and sends it back; "q" ends it.
 */
#include "../guest/runtime.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define COM1         0x3f8
#define PIC          0x20
#define PIC_DATA     0x21
#define VECTORS      0x20 /* of the PIC */
#define SERIAL_IRQ   4
#define END_OF_INTERRUPT 0x20

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
    movl $stack_top, %esp
    lgdt gdt_pointer
    ljmp $KERNEL_CODE, $1f
1:  movl $KERNEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $serial_handler, %eax
    movw %ax, idt + 8 * (VECTORS + SERIAL_IRQ)
    shrl $16, %eax
    movw %ax, idt + 8 * (VECTORS + SERIAL_IRQ) + 6
    lidt idt_pointer
    OUT 0x11, PIC          /* ICW1..ICW4: at VECTORS, a slave at line 2, 8086 mode */
    OUT VECTORS, PIC_DATA
    OUT 0x04, PIC_DATA
    OUT 0x01, PIC_DATA
    OUT ~(1 << SERIAL_IRQ), PIC_DATA
    OUT 0x80, COM1 + 3     /* 115200 baud, 8 bits */
    OUT 0x01, COM1 + 0
    OUT 0x00, COM1 + 1
    OUT 0x03, COM1 + 3
    OUT 0x07, COM1 + 2     /* FIFOs on and empty */
    OUT 0x0b, COM1 + 4
    OUT 0x01, COM1 + 1     /* an interrupt for what is received */
    sti
1:  hlt
    jmp 1b

serial_handler:
    movw $COM1 + 5, %dx
    inb %dx, %al
    testb $1, %al
    jz 2f
    movw $COM1, %dx
    inb %dx, %al
    outb %al, %dx
    cmpb $'q', %al
    jne serial_handler
    movb $EXIT_PASSED, %al
    outb %al, $DEBUG_EXIT
2:  movb $END_OF_INTERRUPT, %al
    outb %al, $PIC
    iretl

    .data
    .balign 8
gdt:
    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
    .word . - gdt - 1
    .long gdt
    .balign 8
idt:
    .rept VECTORS + 16
    .word 0, KERNEL_CODE, 0x8e00, 0
    .endr
idt_pointer:
    .word . - idt - 1
    .long idt

    .bss
    .balign 16
    .skip 4096
stack_top:
