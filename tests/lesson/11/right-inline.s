# No routines but the three; a clean page stays read-only until it is written, whatever D says; a traced write fills nothing.
        .globl  shadow_fault, shadow_trace, shadow_flush
        .macro  see register, scratch           # guest-physical to linear
        movl    %\register, %\scratch
        shrl    $12, %\scratch
        andl    $0xfff, %\register
        addl    frame_map(, %\scratch, 4), %\register
        addl    $PHYS_TO_LINEAR, %\register
        .endm

shadow_fault:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %edi
        pushl   %esi
        pushl   %ebx
        movl    8(%ebp), %esi
        shrl    $22, %esi
        leal    (, %esi, 4), %esi
        addl    vcpu + VCPU_CR3, %esi
        see     esi, eax
        xorl    %ebx, %ebx
        btl     $0, (%esi)
        jnc     true
        movl    (%esi), %edi
        andl    $-4096, %edi
        movl    8(%ebp), %eax
        shrl    $12, %eax
        andl    $1023, %eax
        leal    (%edi, %eax, 4), %edi
        see     edi, eax
        movl    (%edi), %ebx
        andl    (%esi), %ebx
        testb   $PAGE_PRESENT, %bl
        jz      true
        testb   $ERROR_USER, 12(%ebp)
        jz      1f
        testb   $PAGE_USER, %bl
        jz      true
1:      testb   $ERROR_WRITE, 12(%ebp)
        jz      2f
        testb   $PAGE_WRITE, %bl
        jz      true
        btsl    $6, (%edi)
2:      btsl    $5, (%esi)
        btsl    $5, (%edi)

        movl    (%edi), %eax
        shrl    $12, %eax                       # the frame
        movl    frame_map(, %eax, 4), %edx
        andl    $PAGE_USER, %ebx
        leal    PAGE_PRESENT(%edx, %ebx), %edx
        testb   $ERROR_WRITE, 12(%ebp)
        jz      fill
        movl    vcpu + VCPU_CR3, %edi
        movl    %edi, %ecx
        shrl    $12, %ecx
        cmpl    %eax, %ecx
        je      traced
        see     edi, ecx
        movl    $SLOT_FIRST + SLOTS - 1, %ecx
3:      movl    (%edi, %ecx, 4), %esi
        shrl    $1, %esi
        jnc     4f
        shrl    $11, %esi
        cmpl    %esi, %eax
        je      traced
4:      decl    %ecx
        cmpl    $SLOT_FIRST, %ecx
        jge     3b
        orl     $PAGE_WRITE, %edx
fill:
        movl    8(%ebp), %eax
        shrl    $12, %eax
        movl    %edx, shadow(, %eax, 4)
        movl    $FAULT_HIDDEN, %eax
        jmp     out
traced:
        movl    $FAULT_TRACED, %eax
        jmp     out
true:
        movl    8(%ebp), %eax
        movl    %eax, vcpu + VCPU_CR2
        movl    12(%ebp), %eax
        shrl    $1, %eax
        shrl    $1, %ebx                        # P to CF
        adcl    %eax, %eax
        movl    %eax, vcpu + VCPU_ERROR
        movl    $FAULT_TRUE, %eax
out:
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret

shadow_trace:
        pushal
        movl    36(%esp), %ebx                  # linear
        movl    vcpu + VCPU_CR3, %esi
        see     esi, eax                        # the directory
        movl    %ebx, %ecx
        shrl    $22, %ecx
        movl    (%esi, %ecx, 4), %edi
        andl    $-4096, %edi
        movl    %ebx, %ecx
        shrl    $10, %ecx
        andl    $0xffc, %ecx
        addl    %ecx, %edi
        see     edi, eax
        movl    (%edi), %ebp
        andl    $-4096, %ebp                    # the page that is written
        andl    $0xffc, %ebx
        leal    (%ebp, %ebx), %edi
        see     edi, eax
        movl    40(%esp), %eax
        movl    %eax, (%edi)
        movl    vcpu + VCPU_CR3, %eax
        andl    $-4096, %eax
        cmpl    %eax, %ebp
        jne     1f
        call    shadow_flush
        popal
        ret
1:      xorl    %edx, %edx
        leal    SHADOW_FIRST(%ebx), %edi
2:      movl    SLOT_FIRST * 4(%esi, %edx, 4), %eax
        testl   $PAGE_PRESENT, %eax
        jz      3f
        andl    $-4096, %eax
        cmpl    %eax, %ebp
        jne     3f
        movl    $0, (%edi)
3:      addl    $4096, %edi
        incl    %edx
        cmpl    $SLOTS, %edx
        jne     2b
        movl    %cr3, %eax
        movl    %eax, %cr3
        popal
        ret

shadow_flush:
        movl    $SHADOW_ENTRIES, %ecx
1:      movl    $0, SHADOW_FIRST - 4(, %ecx, 4)
        loop    1b
        movl    %cr3, %ecx
        movl    %ecx, %cr3
        ret
