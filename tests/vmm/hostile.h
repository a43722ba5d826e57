/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cases of hostile.S use of hostile_kit.S. */
#ifndef HOSTILE_H
#define HOSTILE_H

#define CODE       0x08
#define DATA       0x10
#define USER_CODE  0x1b
#define USER_DATA  0x23
#define INSIDE     0x28 /* data that begin in the VMM */
#define DOWN       0x30 /* data that expand down */
#define WRAPPING   0x38 /* data that begin at 0x10000, 4 GiB */
#define TASK       0x40
#define ABSENT     0x48
#define DEBUG_EXIT 0xf4
#define PAGE_ALL   7
#define VMM        0xffc00000
#define VMM_CODE   0x100

/* A case: its number is its place in the table. */
        .macro  CASE text
        .pushsection .rodata.text, "a"
7771:   .asciz  "\text"
        .popsection
        .pushsection .rodata.cases, "a"
        .long   7771b, 7772f
        .popsection
7772:   cli
        .endm

/* Something that must fault; the kit's handler tells how, and goes on at the next line. */
        .macro  TRY instruction:vararg
        movl    $7773f, resume
        movl    %esp, resume_esp
        \instruction
        movl    $not_refused, %esi
        call    say
7773:
        .endm

#endif
