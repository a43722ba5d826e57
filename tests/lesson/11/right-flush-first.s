# Arguments in EAX and EDX between its own routines; the directory's entry is looked at through its page table's number; it
# flushes with invlpg, page by page, only what is there.
        .globl  shadow_fault, shadow_trace, shadow_flush
shadow_flush:
        pushl   %ebx
        movl    $SLOT_FIRST << 22, %edx
        movl    $SHADOW_FIRST, %ebx
        movl    $SHADOW_ENTRIES, %ecx
1:      xorl    %eax, %eax
        xchgl   %eax, (%ebx)
        testl   %eax, %eax
        jz      2f
        invlpg  (%edx)
2:      addl    $4, %ebx
        addl    $4096, %edx
        decl    %ecx
        jnz     1b
        popl    %ebx
        ret

frame_linear:                                   # EAX: a frame's number, or an entry; EAX: where it is seen
        pushl   %ecx
        movl    frame_map(, %eax, 4), %ecx
        leal    PHYS_TO_LINEAR(%ecx), %eax
        popl    %ecx
        ret

directory:                                      # EAX: where the directory is seen
        movl    vcpu + VCPU_CR3, %eax
        shrl    $12, %eax
        jmp     frame_linear

page_table:                                     # EDX: a linear address; EAX: its page table, or 0; ECX: the directory's entry
        call    directory
        movl    %edx, %ecx
        shrl    $22, %ecx
        leal    (%eax, %ecx, 4), %ecx
        movl    (%ecx), %eax
        testb   $1, %al
        jz      1f
        shrl    $12, %eax
        jmp     frame_linear
1:      xorl    %eax, %eax
        ret

in_use:                                         # EDX: a frame's number; CF: it holds tables
        pushl   %esi
        pushl   %ecx
        call    directory
        leal    SLOT_FIRST * 4(%eax), %esi
        movl    vcpu + VCPU_CR3, %eax
        shrl    $12, %eax
        cmpl    %eax, %edx
        je      3f
        movl    $SLOTS, %ecx
        cld
1:      lodsl
        testb   $1, %al
        jz      2f
        shrl    $12, %eax
        cmpl    %edx, %eax
        je      3f
2:      loop    1b
        clc
        jmp     4f
3:      stc
4:      popl    %ecx
        popl    %esi
        ret

shadow_fault:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    16(%esp), %edx
        movl    20(%esp), %ebx
        andl    $6, %ebx
        call    page_table
        movl    %ecx, %esi
        xorl    %ecx, %ecx
        testl   %eax, %eax
        jz      1f
        movl    %edx, %edi
        shrl    $12, %edi
        andl    $1023, %edi
        leal    (%eax, %edi, 4), %edi
        movl    (%edi), %ecx
        andl    (%esi), %ecx
        movl    %ecx, %eax
        notl    %eax                            # what is not allowed
        testb   $1, %al
        jnz     1f
        testl   %ebx, %eax
        jz      2f
1:      andl    $1, %ecx
        orl     %ebx, %ecx
        movl    %edx, vcpu + VCPU_CR2
        movl    %ecx, vcpu + VCPU_ERROR
        movl    $FAULT_TRUE, %eax
        jmp     9f
2:      orb     $PAGE_ACCESSED, (%esi)
        movl    %ebx, %eax
        shll    $5, %eax
        andb    $PAGE_DIRTY, %al
        orb     $PAGE_ACCESSED, %al
        orb     %al, (%edi)
        andl    $7, %ecx
        pushl   %edx
        movl    (%edi), %edx
        testb   $PAGE_DIRTY, %dl
        jnz     3f
        andb    $~PAGE_WRITE, %cl
3:      shrl    $12, %edx
        movl    $FAULT_HIDDEN, %edi
        call    in_use
        jnc     4f
        andb    $~PAGE_WRITE, %cl
        testb   $ERROR_WRITE, %bl
        jz      4f
        movl    $FAULT_TRACED, %edi
4:      orl     frame_map(, %edx, 4), %ecx
        popl    %edx
        shrl    $12, %edx
        movl    %ecx, shadow(, %edx, 4)
        invlpg  (%esp)
        movl    %edi, %eax
9:      popl    %edi
        popl    %esi
        popl    %ebx
        ret

shadow_trace:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    16(%esp), %edx
        call    page_table
        shrl    $12, %edx
        andl    $1023, %edx
        movl    (%eax, %edx, 4), %ebx
        shrl    $12, %ebx                       # the frame
        movl    %ebx, %eax
        call    frame_linear
        movl    16(%esp), %edi
        andl    $0xffc, %edi
        movl    20(%esp), %edx
        pushl   (%eax, %edi)                    # the old one
        movl    %edx, (%eax, %edi)
        call    directory
        movl    %eax, %esi
        movl    vcpu + VCPU_CR3, %eax
        shrl    $12, %eax
        cmpl    %ebx, %eax
        jne     1f
        call    shadow_flush
        jmp     9f
1:      shll    $10, %edi
        movl    $SLOT_FIRST, %ecx
2:      movl    (%esi, %ecx, 4), %eax
        testb   $1, %al
        jz      3f
        shrl    $12, %eax
        cmpl    %ebx, %eax
        jne     3f
        movl    %ecx, %edx
        shll    $22, %edx
        addl    %edi, %edx
        movl    %edx, %eax
        shrl    $12, %eax
        andl    $0, shadow(, %eax, 4)
        invlpg  (%edx)
3:      incl    %ecx
        cmpl    $SLOT_FIRST + SLOTS, %ecx
        jne     2b
9:      addl    $4, %esp
        popl    %edi
        popl    %esi
        popl    %ebx
        ret
