/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where indirect jumps and returns go.  It stands at the cache's beginning, and is jumped to with the VM's EIP in
 * WORDS_TARGET; the row that its lowest byte names has the place in the cache, or else the VMM is asked.
 *
 * The VM's flags stay as they are, for nothing here changes any: `lea` adds, and `jecxz` compares with 0.  That is why
 * rows have minus their EIP.
 */
#include "guest/vmm/translator/words.h"

        .text
        .globl  lookup_begin, lookup_miss, lookup_end
lookup_begin:
        movl    %eax, %gs:WORDS_EAX
        movl    %ecx, %gs:WORDS_ECX
        movl    %edx, %gs:WORDS_EDX
        movl    %gs:WORDS_LOOKUPS, %eax
        leal    1(%eax), %eax
        movl    %eax, %gs:WORDS_LOOKUPS
        movl    %gs:WORDS_TARGET, %ecx
        movzbl  %cl, %eax
        movl    %gs:WORDS_ROWS(, %eax, 8), %edx
        movl    %gs:(WORDS_ROWS + 4)(, %eax, 8), %eax
        movl    %eax, %gs:WORDS_PLACE
        leal    (%ecx, %edx), %ecx
        movl    %gs:WORDS_EDX, %edx
        movl    %gs:WORDS_EAX, %eax
        jecxz   1f
        movl    %gs:WORDS_ECX, %ecx
lookup_miss:
        hlt
1:      movl    %gs:WORDS_ECX, %ecx
        jmp     *%gs:WORDS_PLACE
lookup_end:
