# keep all with pushal
        .globl  page_entry, page_map, page_protect, page_unmap, fault_explain
page_entry:
        movl    4(%esp), %eax
        movl    8(%esp), %ecx
        movl    %ecx, %edx
        shrl    $22, %edx
        movl    (%eax,%edx,4), %eax
        testl   $PAGE_PRESENT, %eax
        jz      1f
        andl    $0xfffff000, %eax
        shrl    $12, %ecx
        andl    $1023, %ecx
        leal    PHYS_TO_LINEAR(%eax,%ecx,4), %eax
        ret
1:      xorl    %eax, %eax
        ret
page_map:
        pushal
        pushl 40(%esp)
        pushl 40(%esp)
        call page_entry
        addl $8, %esp
        testl %eax, %eax
        jnz found
        call frame_alloc
        movl %eax, 28(%esp)
        testl %eax, %eax
        jz out
        movl 36(%esp), %ebx
        movl 40(%esp), %esi
        shrl $22, %esi
        leal 7(%eax), %ebp
        leal PHYS_TO_LINEAR(%eax), %edi
        xorl %eax, %eax
        movl $4096, %ecx
        rep stosb
        movl %ebp, (%ebx,%esi,4)
        pushl 40(%esp)
        pushl 40(%esp)
        call page_entry
        addl $8, %esp
found:  movl 44(%esp), %ecx
        orl 48(%esp), %ecx
        orl $PAGE_PRESENT, %ecx
        movl %ecx, (%eax)
        movl $1, 28(%esp)
out:    popal
        ret
page_protect:
        pushl   8(%esp)
        pushl   8(%esp)
        call    page_entry
        addl    $8, %esp
        testl   %eax, %eax
        jz      1f
        testl   $PAGE_PRESENT, (%eax)
        jz      1f
        andl    $~PAGE_WRITE, (%eax)
        movl    8(%esp), %ecx
        invlpg  (%ecx)
1:
        ret
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
        pushal
        movl $FAULT_NO_TABLE, 28(%esp)
        pushl 40(%esp)
        pushl 40(%esp)
        call page_entry
        popl %ebx
        popl %esi
        testl %eax, %eax
        jz out2
        movl (%eax), %edi
        movl $FAULT_NO_PAGE, 28(%esp)
        shrl $22, %esi
        movl (%ebx,%esi,4), %esi
        btl $0, %edi
        jnc out2
        movl 44(%esp), %ebp
        andl %esi, %edi
        notl %edi
        andl %ebp, %edi
        movl $FAULT_NOT_USER, 28(%esp)
        testl $4, %edi
        jnz out2
        movl $FAULT_READ_ONLY, 28(%esp)
        testl $2, %edi
        jnz out2
        movl $FAULT_NONE, 28(%esp)
out2:   popal
        ret
