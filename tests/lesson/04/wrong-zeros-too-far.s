# expect: It stands behind the new page table: the zeros go too far
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
        movl    $4096, %ecx
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
