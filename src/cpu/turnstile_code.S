/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The turnstile's pieces.  Each turnstile is put together from
 *
 *      ask, undo, same (if its stretch writes nothing), touches, compare (until all bytes are compared), count,
 *      loads (if it does), pass
 * or   ask, undo, same, else
 *
 * and entered behind undo; look stands beside touches.  A wicket is a piece of its own, or for a load: load, keep (if
 * so), loads and pass; with ask and undo, too.  And once there is known.  `fill` names what is filled in: the operand
 * that it follows, or that is followed by so many bytes.  Registers are free: the call that it stands for would change
 * them, too.
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
        fill    WS__HOLE_LOOK

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

        piece                                   /* look: is all that matters known? */
        movl    hole32(%rip), %eax
        fill    WS__HOLE_WATCHED
        andl    $hole32, %eax
        fill    WS__HOLE_TOUCHES
        call    anywhere
        fill    WS__HOLE_KNOWN
        jnz     somewhere
        fill    WS__HOLE_ASK
        jmp     anywhere
        fill    WS__HOLE_BACK

        piece                                   /* known: of what is watched, %eax; zero if it is */
        movl    %eax, %edi
        testl   $~WS__TOUCHES_SEGMENTS, %eax
        jnz     2f
1:      bsfl    %eax, %ecx
        leal    (%rcx,%rcx,2), %edx             /* hidden parts are 24 bytes apart */
        movdqu  hole32(%rbp,%rdx,8), %xmm0
        fill    WS__HOLE_HIDDEN
        shll    $4, %ecx
        leaq    hole32(%rip), %rsi
        fill    WS__HOLE_FLAT
        pcmpeqb (%rsi,%rcx), %xmm0
        pmovmskb %xmm0, %ecx
        cmpl    $0xffff, %ecx
        jne     2f
        leal    -1(%rax), %ecx
        andl    %ecx, %eax
        jnz     1b
        notl    %edi
        andl    %edi, hole32(%rip)              /* it holds what it held: no need to look */
        fill    WS__HOLE_WATCHED
        xorl    %eax, %eax
2:      ret

        piece                                   /* wicket */
        cmpb    $0, hole32(%rip)
        fill    WS__HOLE_CLOSELY, 1
        je      . + 2
        fill    WS__HOLE_SHORT
        jmp     anywhere
        fill    WS__HOLE_ASK

        piece                                   /* load */
        testb   $3, hole32(%rbp)                /* the CPL */
        fill    WS__HOLE_SELECTOR, 1
        jnz     somewhere
        fill    WS__HOLE_ASK
        movl    hole32(%rbp), %eax
        fill    WS__HOLE_FROM
        movl    %eax, %ecx
        andl    $hole32, %ecx
        fill    WS__HOLE_MASK
        cmpl    $hole32, %ecx
        fill    WS__HOLE_PLAIN
        jne     somewhere
        fill    WS__HOLE_ASK
        cmpb    $0, hole32(%rip)
        fill    WS__HOLE_CLOSELY, 1
        jne     somewhere
        fill    WS__HOLE_ASK

        piece                                   /* keep */
        movl    %eax, hole32(%rip)
        fill    WS__HOLE_KEPT

        piece                                   /* the end */
#else
        .rept   WS__PIECES + 1
        piece
        .endr
#endif

        .section .rodata.ws__hole
        .2byte  0, 0, 0

        .section .note.GNU-stack, "", %progbits
