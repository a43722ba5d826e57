/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest programs, built as 32-bit ELF files of their own and carried inside the library as bytes.
 * This file is assembled for the host; images.h declares for C what is defined here.
 *
 * To carry another one: a row here, a row in images.h, a row in Makefile.am (guest_images).
 */

/* IMAGE NAME, FILE: ws__image_NAME_begin .. ws__image_NAME_end are the bytes of guest/FILE. */
        .macro  IMAGE name, file
        .balign 16
        .globl  ws__image_\name\()_begin, ws__image_\name\()_end
        .hidden ws__image_\name\()_begin, ws__image_\name\()_end
ws__image_\name\()_begin:
        .incbin "guest/\file"
ws__image_\name\()_end:
        .byte   0
        .endm

        .section .rodata
        IMAGE   cross, cross.bin
        IMAGE   start, start.elf
        IMAGE   idle, idle.elf
        IMAGE   host, host.elf
        IMAGE   vmm, vmm.elf
        IMAGE   user, user.elf
        IMAGE   hosted, hosted/hosted.elf
        IMAGE   disk, hosted/disk.img

        .section .note.GNU-stack, "", %progbits
