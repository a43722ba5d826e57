/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block hook: Unicorn's translated code calls it at the beginning of each block.
 *
 * This is ws__budget_pass() (block_table.h) in assembly language, without the comparison.  Most calls end here.  A C
 * function would take longer than most blocks do.
 *
 *   entry: RDI = the uc_engine, RSI = the block's linear address, EDX = its bytes, RCX = the struct ws__engine,
 *          (RSP) = the return address in translated code, by which the block is known; RBP = the state pointer
 *   exit:  either the hook has counted the block's instructions and returns into the block,
 *          or it jumps to ws__engine_block_called(), which decides
 *   changes RAX, R8, R9 and R11, as a C function may
 *
 * Translated code has the address of the CPU's state in RBP.  C code cannot read RBP, so the hook passes this address
 * on as a fifth argument, in R8.  See state_pointer.h.
 */
#ifdef __x86_64__
#include "unicorn/block_table.h"

        .text
        .globl  ws__engine_block_hook
        .hidden ws__engine_block_hook
        .type   ws__engine_block_hook, @function        # so that profilers and debuggers name it
ws__engine_block_hook:
        movq    WS__ENGINE_BUDGET(%rcx), %r8
        movq    (%rsp), %rax
        movl    %eax, %r9d                      # the block's index in the table
        shrl    $WS__BLOCK_SPACING_BITS, %r9d
        andl    $(WS__BLOCKS - 1), %r9d
        shll    $WS__BLOCK_BITS, %r9d
        addq    WS__BUDGET_TABLE(%r8), %r9      # the block
        cmpq    %rax, WS__BLOCK_TRANSLATION(%r9)
        jne     ask
        cmpw    $0, WS__BLOCK_ASKS(%r9)         # or `compared`: ws__budget_pass() decides
        jne     ask
        movzwl  WS__BLOCK_TOUCHES(%r9), %eax
        testl   %eax, WS__BUDGET_WATCHED(%r8)
        jne     ask
        movzwl  WS__BLOCK_INSTRUCTIONS(%r9), %eax
        movq    WS__BUDGET_LEFT(%r8), %r11
        subq    %rax, %r11
        js      ask
        movq    %r11, WS__BUDGET_LEFT(%r8)
        movq    %r9, WS__BUDGET_PRESENT(%r8)
        movzwl  WS__BLOCK_LOADS(%r9), %eax
        orl     %eax, WS__BUDGET_WATCHED(%r8)
        ret
ask:    movq    %rbp, %r8
        jmp     ws__engine_block_called
        .size   ws__engine_block_hook, . - ws__engine_block_hook
#endif

        .section .note.GNU-stack, "", %progbits
