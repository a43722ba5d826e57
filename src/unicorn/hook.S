/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Unicorn's translated code calls for a block.  This is ws__budget_pass() (block.h) by hand: most calls end
 * here, and a call of C code would take longer than most blocks do.
 *
 *   entry: RDI = the uc_engine, RSI = linear address, EDX = bytes, RCX = struct ws__engine,
 *          (RSP) = where the translated code goes on, by which the block is known; RBP = the CPU's state
 *   exit:  either all of the block is counted and it runs, or ws__engine_block_called() decides
 *   changes RAX, R8 to R11, as any C function may
 *
 * Translated code has the address of the CPU's state in RBP, and no C code gets to know that: it is handed on as one
 * more argument.  See state_pointer.h.
 */
#ifdef __x86_64__
#include "unicorn/block_table.h"

        .text
        .globl  ws__engine_block_hook
        .hidden ws__engine_block_hook
ws__engine_block_hook:
        movq    WS__ENGINE_BUDGET(%rcx), %r8
        movq    (%rsp), %rax
        movl    %eax, %r9d                      # its place in the table, from the return address
        shrl    $WS__BLOCK_SPACING_BITS, %r9d
        andl    $(WS__BLOCKS - 1), %r9d
        leal    1(%r9), %r10d                   # its name
        shll    $WS__BLOCK_BITS, %r9d
        addq    WS__BUDGET_TABLE(%r8), %r9
        cmpq    %rax, WS__BLOCK_TRANSLATION(%r9)
        jne     ask
        cmpw    $0, WS__BLOCK_ASKS(%r9)       # and `compared`: C code compares
        jne     ask
        movzwl  WS__BLOCK_TOUCHES(%r9), %eax
        testl   %eax, WS__BUDGET_WATCHED(%r8)
        jne     ask
        movzwl  WS__BLOCK_INSTRUCTIONS(%r9), %eax
        movq    WS__BUDGET_LEFT(%r8), %r11
        subq    %rax, %r11
        js      ask
        movq    %r11, WS__BUDGET_LEFT(%r8)
        movl    %r10d, WS__BUDGET_PRESENT(%r8)
        movzwl  WS__BLOCK_LOADS(%r9), %eax
        orl     %eax, WS__BUDGET_WATCHED(%r8)
        ret
ask:    movq    %rbp, %r8
        jmp     ws__engine_block_called
#endif

        .section .note.GNU-stack, "", %progbits
