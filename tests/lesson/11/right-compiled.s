# What gcc -Os -m32 made of a version in C: no flush when the directory changes, but what has to go.
        .set    cr3v, vcpu+VCPU_CR3
        .set    cr2v, vcpu+VCPU_CR2
        .set    errorv, vcpu+VCPU_ERROR
        .text
see:
        movl    %eax, %edx
        andl    $4092, %eax
        shrl    $12, %edx
        movl    frame_map(,%edx,4), %edx
        leal    PHYS_TO_LINEAR(%eax,%edx), %eax
        ret
        .globl  shadow_fault
shadow_fault:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %edi
        pushl   %esi
        pushl   %ebx
        subl    $12, %esp
        movl    cr3v, %eax
        call    see
        movl    8(%ebp), %edx
        shrl    $22, %edx
        leal    (%eax,%edx,4), %edi
        movl    (%edi), %ebx
        movl    %ebx, %edx
        andl    $1, %edx
        je      .L3
        movl    8(%ebp), %eax
        movl    %ebx, %edx
        andl    $-4096, %edx
        shrl    $10, %eax
        andl    $4092, %eax
        orl     %edx, %eax
        call    see
        movl    (%eax), %ecx
        andl    %ebx, %ecx
        movl    %ecx, %edx
        andl    $1, %edx
        je      .L3
        movl    12(%ebp), %esi
        andl    $2, %esi
        je      .L4
        testb   $2, %cl
        je      .L3
        testb   $4, 12(%ebp)
        jne     .L5
        jmp     .L39
.L4:
        testb   $4, 12(%ebp)
        je      .L40
        testb   $4, %cl
        je      .L3
.L40:
        orl     $32, %ebx
        movl    %ebx, (%edi)
        movl    $32, %ebx
        movl    (%eax), %edx
        jmp     .L6
.L5:
        testb   $4, %cl
        je      .L3
.L39:
        orl     $32, %ebx
        movl    %ebx, (%edi)
        movl    $96, %ebx
        movl    (%eax), %edx
        jmp     .L6
.L3:
        movl    8(%ebp), %eax
        movl    %eax, cr2v
        movl    12(%ebp), %eax
        andl    $6, %eax
        orl     %edx, %eax
        movl    %eax, errorv
        movl    $1, %eax
        jmp     .L2
.L6:
        orl     %edx, %ebx
        movl    %ebx, (%eax)
        movl    cr3v, %eax
        andl    $-4096, %ebx
        call    see
        movl    cr3v, %edx
        cmpl    %edx, %ebx
        je      .L9
        movl    $SLOT_FIRST, %edx
        leal    (%eax,%edx,4), %edi
        xorl    %eax, %eax
.L11:
        movl    (%edi,%eax,4), %edx
        testb   $1, %dl
        je      .L10
        andl    $-4096, %edx
        cmpl    %edx, %ebx
        je      .L9
.L10:
        incl    %eax
        cmpl    $4, %eax
        jne     .L11
        jmp     .L42
.L9:
        movl    $2, %eax
        testl   %esi, %esi
        jne     .L2
        shrl    $12, %ebx
        andl    $4, %ecx
        orl     frame_map(,%ebx,4), %ecx
.L13:
        movl    8(%ebp), %eax
        orl     %esi, %ecx
        orl     $33, %ecx
        shrl    $12, %eax
        movl    %ecx, shadow(,%eax,4)
        xorl    %eax, %eax
        jmp     .L2
.L42:
        shrl    $12, %ebx
        andl    $4, %ecx
        orl     frame_map(,%ebx,4), %ecx
        testl   %esi, %esi
        je      .L13
        movl    $66, %esi
        jmp     .L13
.L2:
        addl    $12, %esp
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
        .globl  shadow_trace
shadow_trace:
        pushl   %ebp
        movl    $SLOT_FIRST, %ecx
        movl    %esp, %ebp
        pushl   %edi
        pushl   %esi
        pushl   %ebx
        subl    $44, %esp
        movl    cr3v, %eax
        call    see
        movl    8(%ebp), %edx
        movl    %eax, %esi
        movl    8(%ebp), %eax
        shrl    $10, %edx
        leal    (%esi,%ecx,4), %edi
        shrl    $22, %eax
        andl    $4092, %edx
        movl    (%esi,%eax,4), %eax
        andl    $-4096, %eax
        orl     %edx, %eax
        call    see
        movl    (%eax), %ebx
        movl    8(%ebp), %eax
        shrl    $2, %eax
        andl    $-4096, %ebx
        andl    $1023, %eax
        movl    %eax, -44(%ebp)
        xorl    %eax, %eax
.L45:
        movl    (%edi,%eax,4), %edx
        xorl    %esi, %esi
        testb   $1, %dl
        je      .L44
        andl    $-4096, %edx
        cmpl    %ebx, %edx
        sete    %dl
        movzbl  %dl, %edx
        movl    %edx, %esi
.L44:
        movl    %esi, -40(%ebp,%eax,4)
        incl    %eax
        cmpl    $4, %eax
        jne     .L45
        movl    8(%ebp), %eax
        movl    %ecx, %esi
        sall    $10, %esi
        andl    $4092, %eax
        orl     %ebx, %eax
        call    see
        movl    12(%ebp), %edi
        movl    %edi, (%eax)
        xorl    %eax, %eax
.L47:
        cmpl    $0, -40(%ebp,%eax,4)
        je      .L46
        movl    -44(%ebp), %edx
        xorl    %edi, %edi
        orl     %esi, %edx
        movl    %edi, shadow(,%edx,4)
        sall    $12, %edx
        invlpg (%edx)
.L46:
        incl    %eax
        addl    $1024, %esi
        cmpl    $4, %eax
        jne     .L47
        movl    cr3v, %eax
        cmpl    %ebx, %eax
        jne     .L43
        movl    -44(%ebp), %eax
        subl    $SLOT_FIRST, %eax
        cmpl    $3, %eax
        ja      .L43
        movl    -44(%ebp), %eax
        xorl    %ebx, %ebx
        sall    $10, %eax
.L50:
        movl    %eax, %edx
        orl     %ebx, %edx
        cmpl    $0, shadow(,%edx,4)
        je      .L49
        xorl    %esi, %esi
        movl    %esi, shadow(,%edx,4)
        sall    $12, %edx
        invlpg (%edx)
.L49:
        incl    %ebx
        cmpl    $1024, %ebx
        jne     .L50
        testb   $1, 12(%ebp)
        je      .L43
        movl    12(%ebp), %eax
        sall    $10, %ecx
        shrl    $12, %eax
        movl    frame_map(,%eax,4), %ebx
        movl    $SLOT_FIRST+4, %eax
        sall    $10, %eax
.L51:
        cmpl    %eax, %ecx
        jnb     .L43
        movl    shadow(,%ecx,4), %edx
        movl    %edx, %esi
        andl    $-4096, %esi
        cmpl    %ebx, %esi
        jne     .L52
        andb    $2, %dl
        je      .L52
        xorl    %edx, %edx
        movl    %edx, shadow(,%ecx,4)
        movl    %ecx, %edx
        sall    $12, %edx
        invlpg (%edx)
.L52:
        incl    %ecx
        jmp     .L51
.L43:
        addl    $44, %esp
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
        .globl  shadow_flush
shadow_flush:
        xorl    %eax, %eax
.L68:
        xorl    %edx, %edx
        movl    %edx, SHADOW_FIRST(,%eax,4)
        incl    %eax
        cmpl    $4096, %eax
        jne     .L68
        movl %cr3, %eax; movl %eax, %cr3
        ret
