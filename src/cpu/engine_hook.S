/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Unicorn's translated code calls for a stretch.  It has the address of the CPU's state in RBP, and nobody gets
 * to know that in C: hand it on as one more argument.  See engine_window.h.
 */
#ifdef __x86_64__
        .text
        .globl  ws__engine_block_hook
        .hidden ws__engine_block_hook
ws__engine_block_hook:
        movq    %rbp, %r8
        jmp     ws__engine_block_called
#endif

        .section .note.GNU-stack, "", %progbits
