# It asks whether the page is traced before all else, sets A and D last, and has the CPU forget after each fill.
        .globl  shadow_fault, shadow_trace, shadow_flush
guest_word:
        pushl   %ecx
        movl    %eax, %ecx
        shrl    $12, %ecx
        andl    $0xfff, %eax
        addl    frame_map(, %ecx, 4), %eax
        addl    $PHYS_TO_LINEAR, %eax
        popl    %ecx
        ret
walk:
        movl    %eax, %ecx
        shrl    $22, %eax
        shll    $2, %eax
        addl    vcpu + VCPU_CR3, %eax
        call    guest_word
        movl    %eax, %esi
        xorl    %edi, %edi
        movl    (%esi), %edx
        testl   $PAGE_PRESENT, %edx
        jz      1f
        movl    %edx, %eax
        andl    $0xfffff000, %eax
        shrl    $10, %ecx
        andl    $0xffc, %ecx
        addl    %ecx, %eax
        call    guest_word
        movl    %eax, %edi
        andl    (%edi), %edx
        ret
1:      xorl    %edx, %edx
        ret
is_traced:
        cmpl    vcpu + VCPU_CR3, %eax
        je      3f
        pushl   %esi
        pushl   %eax
        movl    vcpu + VCPU_CR3, %eax
        addl    $SLOT_FIRST * 4, %eax
        call    guest_word
        movl    %eax, %esi
        popl    %eax
        movl    $SLOTS, %ecx
1:      movl    -4(%esi, %ecx, 4), %edx
        andl    $0xfffff000 | PAGE_PRESENT, %edx
        subl    $PAGE_PRESENT, %edx
        cmpl    %edx, %eax
        je      2f
        decl    %ecx
        jnz     1b
        testl   %esp, %esp
2:      popl    %esi
3:
        ret
shadow_fault:
        pushl   %ebp
        movl    %esp, %ebp
        subl    $4, %esp                        # what is returned
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    $FAULT_HIDDEN, -4(%ebp)
        movl    8(%ebp), %eax
        call    walk
        movl    %edx, %ebx
        testl   %edi, %edi
        jz      not_allowed
        movl    (%edi), %eax
        andl    $~4095, %eax
        call    is_traced
        jnz     1f
        movl    $FAULT_TRACED, -4(%ebp)
1:      movl    12(%ebp), %ecx
        shrl    $1, %ecx
        andl    $3, %ecx                        # 0: read; 1: write; 2: read in ring 3; 3: write in ring 3
        movzbl  needs(%ecx), %eax
        movl    %eax, %edx
        andl    %ebx, %edx
        cmpl    %eax, %edx
        jne     not_allowed
        movl    (%edi), %edx
        testl   $1, %ecx
        jz      2f
        btsl    $6, %edx
2:      andl    $PAGE_PRESENT | PAGE_WRITE | PAGE_USER, %ebx
        cmpl    $FAULT_TRACED, -4(%ebp)
        je      3f
        testl   $PAGE_DIRTY, %edx
        jnz     4f
3:      btrl    $1, %ebx
4:      movl    %edx, %eax
        shrl    $12, %eax
        orl     frame_map(, %eax, 4), %ebx
        movl    8(%ebp), %eax
        invlpg  (%eax)
        shrl    $12, %eax
        movl    %ebx, shadow(, %eax, 4)
        orl     $PAGE_ACCESSED, %edx
        movl    %edx, (%edi)
        orl     $PAGE_ACCESSED, (%esi)
        movl    -4(%ebp), %eax
        testl   $1, %ecx
        jnz     5f
        movl    $FAULT_HIDDEN, %eax
5:      popl    %edi
        popl    %esi
        popl    %ebx
        leave
        ret
not_allowed:
        movl    8(%ebp), %eax
        movl    %eax, vcpu + VCPU_CR2
        movl    12(%ebp), %eax
        btrl    $0, %eax
        andl    $PAGE_PRESENT, %ebx
        orl     %ebx, %eax
        movl    %eax, vcpu + VCPU_ERROR
        movl    $FAULT_TRUE, %eax
        jmp     5b
needs:  .byte   1, 3, 5, 7
shadow_trace:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    16(%esp), %ebx
        movl    %ebx, %eax
        call    walk
        andl    $0xffc, %ebx
        movl    (%edi), %edi
        andl    $0xfffff000, %edi
        leal    (%edi, %ebx), %eax
        call    guest_word
        movl    20(%esp), %ecx
        movl    %ecx, (%eax)
        cmpl    vcpu + VCPU_CR3, %edi
        je      3f
        movl    vcpu + VCPU_CR3, %eax
        call    guest_word
        movl    %eax, %esi
        movl    $SLOT_FIRST, %ecx
        orl     $PAGE_PRESENT, %edi
        shll    $10, %ebx
1:      movl    (%esi, %ecx, 4), %eax
        andl    $0xfffff000 | PAGE_PRESENT, %eax
        cmpl    %edi, %eax
        jne     2f
        movl    %ecx, %edx
        shll    $22, %edx
        orl     %ebx, %edx
        movl    %edx, %eax
        shrl    $12, %eax
        movl    $0, shadow(, %eax, 4)
        invlpg  (%edx)
2:      incl    %ecx
        cmpl    $SLOT_FIRST + SLOTS, %ecx
        jb      1b
        jmp     4f
3:      call    shadow_flush
4:
        popl    %edi
        popl    %esi
        popl    %ebx
        ret
shadow_flush:
        pushl   %edi
        movl    $SHADOW_FIRST, %edi
        movl    $SHADOW_ENTRIES, %ecx
        xorl    %eax, %eax
        rep     stosl
        popl    %edi
        movl    %cr3, %eax
        movl    %eax, %cr3
        ret
