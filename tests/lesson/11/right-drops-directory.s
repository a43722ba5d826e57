# A bit mask says which frames hold tables, made anew each time. A directory's entry drops its slot, and all that can be written.
        .globl  shadow_fault, shadow_trace, shadow_flush

tables:                                         # EBP: bit n is set if frame n holds tables; ESI: the directory, seen
        pushl   %ecx
        movl    vcpu + VCPU_CR3, %esi
        shrl    $12, %esi
        movl    %esi, %ecx
        movl    $1, %ebp
        shll    %cl, %ebp
        movl    frame_map(, %esi, 4), %esi
        addl    $PHYS_TO_LINEAR, %esi
        movl    $SLOTS, %ecx
1:      movl    SLOT_FIRST * 4 - 4(%esi, %ecx, 4), %eax
        testl   $PAGE_PRESENT, %eax
        jz      2f
        shrl    $12, %eax
        btsl    %eax, %ebp
2:      loop    1b
        popl    %ecx
        ret

entries:                                        # EBX: linear; ECX, EDX: the addresses of its entries; EDX may be 0
        movl    %ebx, %eax
        shrl    $22, %eax
        leal    (%esi, %eax, 4), %ecx
        xorl    %edx, %edx
        testb   $PAGE_PRESENT, (%ecx)
        jz      1f
        movl    (%ecx), %edx
        shrl    $12, %edx
        movl    frame_map(, %edx, 4), %edx
        movl    %ebx, %eax
        shrl    $12, %eax
        andl    $1023, %eax
        leal    PHYS_TO_LINEAR(%edx, %eax, 4), %edx
1:      ret

shadow_fault:
        pushal
        movl    36(%esp), %ebx
        call    tables
        call    entries
        xorl    %edi, %edi
        testl   %edx, %edx
        jz      1f
        movl    (%ecx), %edi
        andl    (%edx), %edi
1:      movl    40(%esp), %eax
        orl     $1, %eax
        movl    %eax, %esi
        andl    $7, %esi
        andl    %edi, %esi
        andl    $7, %eax
        cmpl    %eax, %esi
        je      2f
        andl    $6, %eax
        andl    $1, %edi
        addl    %edi, %eax
        movl    %eax, vcpu + VCPU_ERROR
        movl    %ebx, vcpu + VCPU_CR2
        movl    $FAULT_TRUE, 28(%esp)
        popal
        ret
2:      movl    $FAULT_HIDDEN, 28(%esp)
        orl     $PAGE_ACCESSED, (%ecx)
        movl    $PAGE_ACCESSED, %eax
        testb   $ERROR_WRITE, 40(%esp)
        jz      3f
        movl    $PAGE_ACCESSED | PAGE_DIRTY, %eax
3:      orl     (%edx), %eax
        movl    %eax, (%edx)
        movl    %eax, %esi
        shrl    $12, %esi
        andl    $PAGE_PRESENT | PAGE_USER | PAGE_WRITE, %edi
        btl     %esi, %ebp
        jnc     4f
        testb   $ERROR_WRITE, 40(%esp)
        jz      5f
        movl    $FAULT_TRACED, 28(%esp)
        jmp     5f
4:      testl   $PAGE_DIRTY, %eax
        jnz     6f
5:      andl    $~PAGE_WRITE, %edi
6:      addl    frame_map(, %esi, 4), %edi
        orl     $PAGE_ACCESSED, %edi
        shrl    $12, %ebx
        movl    %edi, shadow(, %ebx, 4)
        popal
        ret

shadow_trace:
        pushal
        movl    36(%esp), %ebx
        call    tables
        call    entries
        movl    (%edx), %edx
        shrl    $12, %edx                       # the frame
        andl    $0xffc, %ebx
        movl    frame_map(, %edx, 4), %eax
        movl    40(%esp), %ecx
        movl    %ecx, PHYS_TO_LINEAR(%eax, %ebx)
        shrl    $2, %ebx
        movl    vcpu + VCPU_CR3, %eax
        shrl    $12, %eax
        cmpl    %eax, %edx
        je      4f
        movl    $SLOTS, %ecx
1:      movl    SLOT_FIRST * 4 - 4(%esi, %ecx, 4), %eax
        testl   $PAGE_PRESENT, %eax
        jz      2f
        shrl    $12, %eax
        cmpl    %eax, %edx
        jne     2f
        leal    -1(%ecx), %edi
        shll    $10, %edi
        orl     %ebx, %edi
        movl    $0, SHADOW_FIRST(, %edi, 4)
2:      loop    1b
        jmp     9f
4:      movl    $SHADOW_ENTRIES, %ecx           # whatever could be a page table now
5:      testl   $PAGE_WRITE, SHADOW_FIRST - 4(, %ecx, 4)
        jnz     6f
        leal    -1(%ecx), %eax
        shrl    $10, %eax
        addl    $SLOT_FIRST, %eax
        cmpl    %eax, %ebx
        jne     7f
6:      movl    $0, SHADOW_FIRST - 4(, %ecx, 4)
7:      loop    5b
        movl    vcpu + VCPU_CR3, %eax           # a directory that maps itself: its entry as a page table's
        shrl    $12, %eax
        movl    $SLOTS, %ecx
8:      movl    SLOT_FIRST * 4 - 4(%esi, %ecx, 4), %edx
        shrl    $12, %edx
        cmpl    %eax, %edx
        jne     1f
        leal    -1(%ecx), %edi
        shll    $10, %edi
        orl     %ebx, %edi
        movl    $0, SHADOW_FIRST(, %edi, 4)
1:      loop    8b
9:      movl    %cr3, %eax
        movl    %eax, %cr3
        popal
        ret

shadow_flush:
        pushl   %edi
        leal    SHADOW_FIRST + SHADOW_ENTRIES * 4 - 4, %edi
        movl    $SHADOW_ENTRIES, %ecx
        xorl    %eax, %eax
        std
        rep     stosl
        cld
        popl    %edi
        movl    %cr3, %eax
        movl    %eax, %cr3
        ret
