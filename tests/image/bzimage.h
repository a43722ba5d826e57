/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first part of a kernel that a loader takes for Linux.  The second one begins at `code32`, and ends at
 * `code32_end`.
 *
 * The kernel's Documentation/arch/x86/boot.rst has the layout.  QEMU enters the first part, in 16-bit mode; that does
 * the least of what Linux does there, and jumps to the second.  worldswitch enters the second part.
 */
#define SECTOR        512
#define SETUP_SECTS   1
#define CODE32        0x100000
#define HEADER        0x1f1
#define HEADER_MAGIC  0x53726448 /* "HdrS" */
#define LOADED_HIGH   1
#define BOOT_CS       0x10
#define BOOT_DS       0x18

#define E820_ENTRIES  0x1e8
#define E820_TABLE    0x2d0
#define E820_BYTES    20

#define DEBUG_EXIT    0xf4
#define EXIT_PASSED   16

/* -- the first part -------------------------------------------------------------------------------------- */

#define ZERO_PAGE     0x8000

    .section .setup, "ax"
    .code16
    .globl setup
setup:
    .org HEADER
    .byte SETUP_SECTS
    .word 0                 /* root_flags */
    .long (code32_end - code32 + 15) / 16
    .word 0, 0, 0           /* ram_size, vid_mode, root_dev */
    .word 0xaa55
    .byte 0xeb, header_end - 1f /* a short jump; its second byte tells where the header ends */
1:  .long HEADER_MAGIC
    .word 0x020a            /* version */
    .long 0                 /* realmode_swtch */
    .word 0, 0              /* start_sys_seg, kernel_version */
    .byte 0, LOADED_HIGH
    .word 0                 /* setup_move_size */
    .long CODE32
    .long 0, 0              /* ramdisk_image, ramdisk_size */
    .long 0                 /* bootsect_kludge */
    .word 0                 /* heap_end_ptr */
    .byte 0, 0
    .long 0                 /* cmd_line_ptr */
    .long 0x7fffffff        /* initrd_addr_max */
    .long 4096              /* kernel_alignment */
    .byte 0, 12             /* relocatable_kernel, min_alignment */
    .word 0                 /* xloadflags */
    .long 255               /* cmdline_size */
    .long 0                 /* hardware_subarch */
    .quad 0
    .long 0, 0              /* payload */
    .quad 0                 /* setup_data */
    .quad CODE32            /* pref_address */
    .long 0x10000           /* init_size */
header_end:
    cli
    cld
    movw $ZERO_PAGE >> 4, %ax
    movw %ax, %es
    xorw %di, %di
    xorl %eax, %eax
    movw $1024, %cx
    rep stosl
    movw $HEADER, %si
    movw %si, %di
    movw $header_end - (setup + HEADER), %cx
    rep movsb

    xorl %ebx, %ebx         /* int $0x15, function 0xe820: one entry after the other */
    movw $E820_TABLE, %di
1:  movl $0xe820, %eax
    movl $0x534d4150, %edx  /* "SMAP" */
    movl $E820_BYTES, %ecx
    int $0x15
    jc 2f
    incb %es:E820_ENTRIES
    addw $E820_BYTES, %di
    testl %ebx, %ebx
    jnz 1b

2:  xorl %eax, %eax
    movw %ds, %ax
    shll $4, %eax
    addl $gdt - setup, %eax
    movl %eax, gdt_pointer - setup + 2
    lgdtl gdt_pointer - setup
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    movw $BOOT_DS, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $ZERO_PAGE, %esi
    xorl %ebx, %ebx
    xorl %ebp, %ebp
    xorl %edi, %edi
    ljmpl $BOOT_CS, $CODE32

    .balign 8
gdt:
    .quad 0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
    .word . - gdt - 1
    .long 0
    .org (SETUP_SECTS + 1) * SECTOR
