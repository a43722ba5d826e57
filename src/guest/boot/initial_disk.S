/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initial disk within the kernel: what a blank disk is formatted from, and what takes the place of a
 * disk where there is none.  Writable, for that.
 */
        .data
        .balign 512
        .globl  initial_disk, initial_disk_end
initial_disk:
        .incbin "guest/hosted/disk.img"
initial_disk_end:
