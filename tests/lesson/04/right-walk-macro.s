# macros, and all registers on the stack
        .globl  page_entry, page_map, page_protect, page_unmap, fault_explain
        .macro  index shift
        movl 12(%esp), %edx
        shrl $ \shift , %edx
        andl $0x3ff, %edx
        .endm
page_entry:
        pushl %esi
        movl 8(%esp), %esi
        index 22
        movl (%esi,%edx,4), %esi
        xorl %eax, %eax
        testl $1, %esi
        jz 1f
        index 12
        andl $0xfffff000, %esi
        leal (%esi,%edx,4), %eax
        addl $PHYS_TO_LINEAR, %eax
1:      popl %esi
        ret
page_map:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %edi
        pushl   12(%ebp)
        pushl   8(%ebp)
        call    page_entry
        addl    $8, %esp
        testl   %eax, %eax
        jnz     have_table
        call    frame_alloc
        testl   %eax, %eax
        jz      map_end
        movl    12(%ebp), %edx
        shrl    $22, %edx
        movl    8(%ebp), %ecx
        leal    PHYS_TO_LINEAR(%eax), %edi
        orl     $(PAGE_PRESENT | PAGE_WRITE | PAGE_USER), %eax
        movl    %eax, (%ecx,%edx,4)
        movl    $1024, %ecx
        xorl    %eax, %eax
        rep stosl
        pushl   12(%ebp)
        pushl   8(%ebp)
        call    page_entry
        addl    $8, %esp
have_table:
        movl    16(%ebp), %ecx
        orl     20(%ebp), %ecx
        orl     $PAGE_PRESENT, %ecx
        movl    %ecx, (%eax)
        movl    $1, %eax
map_end:
        popl    %edi
        popl    %ebp
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
        pushl %ebp
        movl %esp, %ebp
        pushl 12(%ebp)
        pushl 8(%ebp)
        call page_entry
        movl %eax, %ecx
        jecxz 1f
        movl (%ecx), %eax
        shrl $12, %eax
        shll $12, %eax
        testb $1, (%ecx)
        movl $0, %edx
        cmovzl %edx, %eax
        jz 1f
        movl $0, (%ecx)
        movl 12(%ebp), %edx
        invlpg (%edx)
1:      leave
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
