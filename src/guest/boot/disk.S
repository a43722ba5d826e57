/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disk as it is delivered: a file system made by assembler and linker, sector for sector as host/fs.c
 * reads it.  Equal sources give equal bytes; see disk.ld for what comes first.
 */
#define SECTOR_BYTES   512
#define NAME_BYTES     16
#ifndef VM_FILE
#define VM_FILE        vm.elf /* a test puts another kernel there, */
#endif
#ifndef A_FILE
#define A_FILE         a.elf  /* another program, */
#endif
#define FIRST_OF_FILES 2 /* sectors: what disk.ld puts before .files */

/* BEGIN and END go around a file's content, which is at least what it begins with; it may grow by so many
 * sectors.  They make its struct fs_entry, too. */
        .macro  BEGIN symbol
        .balign SECTOR_BYTES
\symbol\()_begin:
        .endm
        .macro  END symbol, name, grow=0
\symbol\()_end:
        .balign SECTOR_BYTES
        .if     \grow
        .space  \grow * SECTOR_BYTES
        .endif
\symbol\()_room:
        .section .directory, "a", @progbits
\symbol\()_entry:
        .ascii  "\name"
        .space  NAME_BYTES - (. - \symbol\()_entry)
        .long   (\symbol\()_begin - files) / SECTOR_BYTES + FIRST_OF_FILES
        .long   (\symbol\()_room - \symbol\()_begin) / SECTOR_BYTES
        .long   \symbol\()_end - \symbol\()_begin
        .long   0
        .section .files, "a", @progbits
        .endm
/* A file that was built, as it is. */
        .macro  BUILT symbol, name, file
        BEGIN   \symbol
        .incbin "guest/hosted/\file"
        END     \symbol, "\name"
        .endm

        .section .magic, "a", @progbits
        .asciz  "WSFS 1\n"              # FS_MAGIC
        .section .files, "a", @progbits
files:
        BUILT   a, a, A_FILE
        BUILT   b, b, b.elf
        BUILT   vmx, vmx, vmx.elf
        BUILT   vmm, vmm.elf, vmm.elf
        BUILT   vm, vm.elf, VM_FILE

/* A virtual machine's disk: 8 sectors; its kernel prints the line in sector 0. */
        .macro  VM_DISK symbol, name
        BEGIN   \symbol
        .ascii  "this line is in sector 0 of the disk\n"
        .space  8 * SECTOR_BYTES - (. - \symbol\()_begin)
        END     \symbol, "\name"
        .endm
#ifdef VM_DISK_1
        VM_DISK vm_disk_1, VM_DISK_1    /* a test has one virtual machine */
#else
        VM_DISK vm_disk_1, vm1.disk
        VM_DISK vm_disk_2, vm2.disk
#endif

/* Process A's: a line each time the host is booted. */
        BEGIN   log
        END     log, log, 16
