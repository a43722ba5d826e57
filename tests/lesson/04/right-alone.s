# no routine calls another
        .globl  page_entry, page_map, page_protect, page_unmap, fault_explain
page_entry:
        pushl %ebx
        movl 12(%esp), %ecx
        movl %ecx, %ebx
        shrl $20, %ebx
        andl $0xffc, %ebx
        addl 8(%esp), %ebx
        movl (%ebx), %eax
        shrl $1, %eax
        jnc none
        shrl $11, %eax
        shll $12, %eax
        shrl $10, %ecx
        andl $0xffc, %ecx
        addl %ecx, %eax
        addl $PHYS_TO_LINEAR, %eax
        popl %ebx
        ret
none:   movl $0, %eax
        popl %ebx
        ret
page_map:
        pushl %ebx
        pushl %esi
        pushl %edi
        movl 16(%esp), %ebx
        movl 20(%esp), %esi
        shrl $22, %esi
        movl (%ebx,%esi,4), %edi
        testl $PAGE_PRESENT, %edi
        jnz 1f
        call frame_alloc
        movl %eax, %edi
        orl %eax, %eax
        jz 9f
        orl $7, %edi
        movl $1024, %ecx
2:      movl $0, PHYS_TO_LINEAR-4(%eax,%ecx,4)
        loop 2b
        movl %edi, (%ebx,%esi,4)
1:      andl $~0xfff, %edi
        addl $PHYS_TO_LINEAR, %edi
        movl 20(%esp), %ecx
        shrl $12, %ecx
        andl $0x3ff, %ecx
        movl 24(%esp), %eax
        addl 28(%esp), %eax
        incl %eax
        movl %eax, (%edi,%ecx,4)
        movl $1, %eax
9:      popl %edi
        popl %esi
        popl %ebx
        ret
page_protect:
        movl 4(%esp), %eax
        movl 8(%esp), %ecx
        shrl $22, %ecx
        movl (%eax,%ecx,4), %eax
        testb $PAGE_PRESENT, %al
        jz 9f
        andl $0xfffff000, %eax
        movl 8(%esp), %ecx
        shrl $12, %ecx
        andl $0x3ff, %ecx
        leal PHYS_TO_LINEAR(%eax,%ecx,4), %edx
        movl (%edx), %eax
        testb $PAGE_PRESENT, %al
        jz 9f
        andb $~PAGE_WRITE, %al
        movl %eax, (%edx)
        movl 8(%esp), %eax
        invlpg (%eax)
9:      ret
page_unmap:
        pushl   8(%esp)
        pushl   8(%esp)
        call    page_entry
        addl    $8, %esp
        testl   %eax, %eax
        jz      1f
        movl    (%eax), %edx
        testl   $PAGE_PRESENT, %edx
        jz      2f
        movl    $0, (%eax)
        movl    8(%esp), %ecx
        invlpg  (%ecx)
        movl    %edx, %eax
        andl    $0xfffff000, %eax
        ret
2:      xorl    %eax, %eax
1:
        ret
fault_explain:
        pushl   8(%esp)
        pushl   8(%esp)
        call    page_entry
        addl    $8, %esp
        movl    %eax, %edx
        movl    $FAULT_NO_TABLE, %eax
        testl   %edx, %edx
        jz      1f
        movl    $FAULT_NO_PAGE, %eax
        movl    (%edx), %edx
        testl   $PAGE_PRESENT, %edx
        jz      1f
        movl    8(%esp), %ecx
        shrl    $22, %ecx
        shll    $2, %ecx
        addl    4(%esp), %ecx
        andl    (%ecx), %edx
        movl    12(%esp), %ecx
        testl   $ERROR_USER, %ecx
        jz      2f
        movl    $FAULT_NOT_USER, %eax
        testl   $PAGE_USER, %edx
        jz      1f
2:      testl   $ERROR_WRITE, %ecx
        jz      3f
        movl    $FAULT_READ_ONLY, %eax
        testl   $PAGE_WRITE, %edx
        jz      1f
3:      movl    $FAULT_NONE, %eax
1:
        ret
