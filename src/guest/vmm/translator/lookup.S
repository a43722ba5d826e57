/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where indirect jumps and returns go.  It stands at the cache's beginning, and is jumped to with the VM's EIP in
 * WORDS_TARGET; the row that its lowest bits name has the place in the cache, or else the VMM is asked.
 *
 * Flags and registers are those of the VM again at the end.  `lahf` and `seto` save the six status flags in AX, and
 * adding 0x7f to OF makes it again: 1 + 0x7f is no signed byte.
 */
#include "guest/vmm/translator/words.h"

        .macro  RESTORE
        movl    %gs:WORDS_STATUS, %eax
        addb    $0x7f, %al
        sahf
        movl    %gs:WORDS_ECX, %ecx
        movl    %gs:WORDS_EAX, %eax
        .endm

        .text
        .globl  lookup_begin, lookup_miss, lookup_end
lookup_begin:
        movl    %eax, %gs:WORDS_EAX
        movl    %ecx, %gs:WORDS_ECX
        lahf
        seto    %al
        movl    %eax, %gs:WORDS_STATUS
        incl    %gs:WORDS_LOOKUPS
        movl    %gs:WORDS_TARGET, %ecx
        movl    %ecx, %eax
        andl    $(WORDS_ROW_COUNT - 1), %eax
        cmpl    %ecx, %gs:WORDS_ROWS(, %eax, 8)
        jne     1f
        movl    %gs:(WORDS_ROWS + 4)(, %eax, 8), %eax
        movl    %eax, %gs:WORDS_PLACE
        RESTORE
        jmp     *%gs:WORDS_PLACE
1:      RESTORE
lookup_miss:
        hlt
lookup_end:
