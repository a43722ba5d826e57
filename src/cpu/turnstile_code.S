/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The turnstile's pieces.  Each turnstile is put together from
 *
 *      ask, undo, same (if its stretch writes nothing), touches, compare (until all bytes are compared), count,
 *      loads (if it does), pass
 * or   ask, undo, same, else
 *
 * and entered behind undo; and for each wicket there is an ask.  `fill` names what is filled in: the operand that it
 * follows, or that is followed by so many bytes.  Registers are free: the call that it stands for would change them,
 * too.
 */
#include "cpu/turnstile.h"

#define hole8 0x77              /* of no meaning; no shorter instruction has room for it */
#define hole32 0x77777777
#define hole64 0x7777777777777777
#define somewhere . + 6 + hole32 /* for a conditional jump */
#define anywhere . + 5 + hole32  /* for a jump */

        .section .rodata.ws__piece, "a", %progbits
        .globl  ws__turnstile_piece
        .hidden ws__turnstile_piece
        .balign 2
ws__turnstile_piece:            /* where each begins, and where the last one ends */

        .section .rodata.ws__hole, "a", %progbits
        .globl  ws__turnstile_hole
        .hidden ws__turnstile_hole
        .balign 2
ws__turnstile_hole:             /* where the instruction ends, how many bytes behind, what */

        .macro  piece
777:    .section .rodata.ws__piece
        .2byte  777b - ws__turnstile_code
        .section .rodata.ws__code
        .endm

        .macro  fill what, behind=0
777:    .section .rodata.ws__hole
        .2byte  777b - ws__turnstile_code, \behind, \what
        .section .rodata.ws__code
        .endm

        .section .rodata.ws__code, "a", %progbits
        .globl  ws__turnstile_code
        .hidden ws__turnstile_code
ws__turnstile_code:
#ifdef __x86_64__
        piece                                   /* ask: the call's operands, and the call */
        movabs  $hole64, %rdi
        fill    WS__HOLE_UC
        movabs  $hole64, %rsi
        fill    WS__HOLE_LINEAR
        movabs  $hole64, %rdx
        fill    WS__HOLE_BYTES
        movabs  $hole64, %rcx
        fill    WS__HOLE_CONTEXT
        jmp     anywhere
        fill    WS__HOLE_CALL

        piece                                   /* undo */
        addq    $hole8, hole32(%rip)
        fill    WS__HOLE_LEFT, 1
        fill    WS__HOLE_INSTRUCTIONS
        jmp     anywhere
        fill    WS__HOLE_ASK

        piece                                   /* same: only the limit can have come */
        cmpl    $hole32, hole32(%rip)
        fill    WS__HOLE_PRESENT, 4
        fill    WS__HOLE_NAME
        jne     1f
        subq    $hole8, hole32(%rip)
        fill    WS__HOLE_LEFT, 1
        fill    WS__HOLE_INSTRUCTIONS
        jl      somewhere
        fill    WS__HOLE_UNDO
        jmp     anywhere
        fill    WS__HOLE_PASS
1:
        piece                                   /* touches */
        testl   $hole32, hole32(%rip)
        fill    WS__HOLE_WATCHED, 4
        fill    WS__HOLE_TOUCHES
        jnz     somewhere
        fill    WS__HOLE_ASK

        piece                                   /* compare */
        movdqu  hole32(%rip), %xmm0
        fill    WS__HOLE_RAM
        pcmpeqb hole32(%rip), %xmm0
        fill    WS__HOLE_COPY
        pmovmskb %xmm0, %eax
        not     %eax
        test    $hole32, %eax                   /* one bit for each byte that counts */
        fill    WS__HOLE_COUNTS
        jnz     somewhere
        fill    WS__HOLE_ASK

        piece                                   /* count: is the limit behind it? */
        subq    $hole8, hole32(%rip)
        fill    WS__HOLE_LEFT, 1
        fill    WS__HOLE_INSTRUCTIONS
        jl      somewhere
        fill    WS__HOLE_UNDO
        movl    $hole32, hole32(%rip)
        fill    WS__HOLE_PRESENT, 4
        fill    WS__HOLE_NAME

        piece                                   /* loads */
        orl     $hole32, hole32(%rip)
        fill    WS__HOLE_WATCHED, 4
        fill    WS__HOLE_LOADS

        piece                                   /* pass */
        jmp     anywhere
        fill    WS__HOLE_PASS

        piece                                   /* else */
        jmp     anywhere
        fill    WS__HOLE_ASK

        piece                                   /* wicket */
        cmpb    $0, hole32(%rip)
        fill    WS__HOLE_CLOSELY, 1
        je      . + 2
        fill    WS__HOLE_SHORT
        jmp     anywhere
        fill    WS__HOLE_ASK

        piece                                   /* the end */
#else
        .rept   WS__PIECES + 1
        piece
        .endr
#endif

        .section .rodata.ws__hole
        .2byte  0, 0, 0

        .section .note.GNU-stack, "", %progbits
