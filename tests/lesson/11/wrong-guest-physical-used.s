# expect: shadow_fault.. ends in #PF at shadow.s:.* It accesses .* That is a physical address
guest_word:
        pushl   %ecx
        movl    %eax, %ecx
        shrl    $12, %ecx
        andl    $0xfff, %eax
        addl    frame_map(, %ecx, 4), %eax
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
        .globl  shadow_fault
shadow_fault:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        movl    20(%esp), %ebx
        movl    24(%esp), %ebp
        movl    %ebx, %eax
        call    walk
        movl    %ebp, %eax
        andl    $ERROR_WRITE | ERROR_USER, %eax
        movl    %eax, %ecx
        orl     $PAGE_PRESENT, %ecx
        andl    %edx, %ecx
        movl    %eax, %ebp
        orl     $PAGE_PRESENT, %eax
        cmpl    %eax, %ecx
        je      1f
        andl    $ERROR_PRESENT, %edx
        orl     %ebp, %edx
        movl    %edx, vcpu + VCPU_ERROR
        movl    %ebx, vcpu + VCPU_CR2
        movl    $FAULT_TRUE, %eax
        jmp     fault_done
1:
        orl     $PAGE_ACCESSED, (%esi)
        orl     $PAGE_ACCESSED, (%edi)
        testl   $ERROR_WRITE, %ebp
        jz      1f
        orl     $PAGE_DIRTY, (%edi)
1:
        movl    %edx, %esi
        movl    (%edi), %eax
        testl   $PAGE_DIRTY, %eax
        jnz     1f
        andl    $~PAGE_WRITE, %esi
1:      andl    $0xfffff000, %eax
        movl    $FAULT_HIDDEN, %edi
        call    is_traced
        jne     2f
        andl    $~PAGE_WRITE, %esi
        testl   $ERROR_WRITE, %ebp
        jz      2f
        movl    $FAULT_TRACED, %edi
2:      shrl    $12, %eax
        movl    frame_map(, %eax, 4), %eax
        andl    $PAGE_PRESENT | PAGE_WRITE | PAGE_USER, %esi
        orl     %esi, %eax
        shrl    $12, %ebx
        movl    %eax, shadow(, %ebx, 4)
        movl    %edi, %eax
fault_done:
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        ret
        .globl  shadow_trace
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
        .globl  shadow_flush
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
