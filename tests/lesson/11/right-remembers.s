# What gcc -O1 -m32 made of a version in C: it keeps which frames are tables, and loads CR3 instead of invlpg.
        .set    cr3v, vcpu+VCPU_CR3
        .set    cr2v, vcpu+VCPU_CR2
        .set    errorv, vcpu+VCPU_ERROR
        .text
at:
        movl    %eax, %edx
        shrl    $12, %edx
        andl    $4092, %eax
        addl    frame_map(,%edx,4), %eax
        movl    PHYS_TO_LINEAR(%eax), %eax
        ret
set:
        movl    %eax, %ecx
        shrl    $12, %ecx
        andl    $4092, %eax
        addl    frame_map(,%ecx,4), %eax
        movl    %edx, PHYS_TO_LINEAR(%eax)
        ret
learn:
        pushl   %esi
        pushl   %ebx
        movl    $0, %eax
.L4:
        movb    $0, is_table(%eax)
        addl    $1, %eax
        cmpl    $64, %eax
        jne     .L4
        movl    $SLOT_FIRST, %ebx
        cmpl    $SLOT_FIRST+4, %ebx
        jnb     .L5
        sall    $2, %ebx
        movl    $SLOT_FIRST+4, %esi
        sall    $2, %esi
        jmp     .L7
.L6:
        addl    $4, %ebx
        cmpl    %esi, %ebx
        je      .L5
.L7:
        movl    cr3v, %eax
        addl    %ebx, %eax
        call    at
        testb   $1, %al
        je      .L6
        shrl    $12, %eax
        movb    $1, is_table(%eax)
        jmp     .L6
.L5:
        movl    cr3v, %eax
        shrl    $12, %eax
        movb    $2, is_table(%eax)
        movl    cr3v, %eax
        addl    $1, %eax
        movl    %eax, known
        popl    %ebx
        popl    %esi
        ret
        .globl  shadow_fault
shadow_fault:
        pushl   %ebp
        pushl   %edi
        pushl   %esi
        pushl   %ebx
        subl    $8, %esp
        movl    28(%esp), %ebp
        movl    cr3v, %eax
        movl    %ebp, %edx
        shrl    $22, %edx
        leal    (%eax,%edx,4), %esi
        movl    %esi, %eax
        call    at
        movl    %eax, %ebx
        movl    cr3v, %eax
        addl    $1, %eax
        cmpl    known, %eax
        jne     .L23
.L12:
        movl    %ebx, %eax
        andl    $1, %eax
        je      .L13
        movl    %ebp, %eax
        shrl    $12, %eax
        movl    %eax, 4(%esp)
        movl    %eax, %edx
        andl    $1023, %edx
        movl    %ebx, %eax
        andl    $-4096, %eax
        leal    (%eax,%edx,4), %eax
        movl    %eax, (%esp)
        call    at
        movl    32(%esp), %edx
        andl    $6, %edx
        movl    %edx, %ecx
        orl     $1, %ecx
        andl    %ebx, %eax
        movl    %eax, %edi
        andl    %ecx, %edi
        cmpl    %ecx, %edi
        jne     .L19
        movl    %ebx, %edx
        orl     $32, %edx
        movl    %esi, %eax
        call    set
        movl    (%esp), %edi
        movl    %edi, %eax
        call    at
        movl    32(%esp), %esi
        sall    $5, %esi
        andl    $64, %esi
        orl     %eax, %esi
        movl    %esi, %ebp
        orl     $32, %ebp
        movl    %ebp, %edx
        movl    %edi, %eax
        call    set
        andl    %ebp, %ebx
        movl    %esi, %eax
        andl    $64, %eax
        je      .L16
        movl    %ebp, %eax
        shrl    $12, %eax
        cmpb    $0, is_table(%eax)
        jne     .L17
        andl    $7, %ebx
        addl    frame_map(,%eax,4), %ebx
        movl    4(%esp), %eax
        movl    %ebx, shadow(,%eax,4)
        movl    $0, %eax
        jmp     .L11
.L23:
        call    learn
        jmp     .L12
.L16:
        shrl    $12, %ebp
        andl    $5, %ebx
        addl    frame_map(,%ebp,4), %ebx
        movl    4(%esp), %ecx
        movl    %ebx, shadow(,%ecx,4)
        cmpb    $0, is_table(%ebp)
        je      .L11
        jmp     .L20
.L13:
        movl    32(%esp), %edx
        andl    $6, %edx
.L19:
        movl    %ebp, cr2v
        andl    $1, %eax
        orl     %edx, %eax
        movl    %eax, errorv
        movl    $1, %eax
.L11:
        addl    $8, %esp
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
.L17:
        shrl    $12, %ebp
        andl    $5, %ebx
        addl    frame_map(,%ebp,4), %ebx
        movl    4(%esp), %eax
        movl    %ebx, shadow(,%eax,4)
.L20:
        movl    32(%esp), %eax
        andl    $2, %eax
        jmp     .L11
        .globl  shadow_flush
shadow_flush:
        movl    $SHADOW_FIRST+16384, %eax
.L25:
        subl    $4, %eax
        movl    $0, (%eax)
        cmpl    $SHADOW_FIRST, %eax
        jne     .L25
        call    learn
        movl %cr3, %ecx; movl %ecx, %cr3
        ret
        .globl  shadow_trace
shadow_trace:
        pushl   %ebp
        pushl   %edi
        pushl   %esi
        pushl   %ebx
        movl    20(%esp), %esi
        movl    cr3v, %eax
        movl    %esi, %edx
        shrl    $22, %edx
        leal    (%eax,%edx,4), %eax
        call    at
        movl    %esi, %edx
        shrl    $10, %edx
        andl    $4092, %edx
        andl    $-4096, %eax
        addl    %edx, %eax
        call    at
        andl    $-4096, %eax
        movl    %eax, %edi
        movl    %esi, %eax
        andl    $4095, %eax
        orl     %edi, %eax
        movl    24(%esp), %edx
        call    set
        movl    %edi, %eax
        shrl    $12, %eax
        cmpb    $2, is_table(%eax)
        je      .L34
        movl    $SLOT_FIRST, %ebx
        sall    $2, %ebx
        andl    $4092, %esi
        addl    $SHADOW_FIRST, %esi
        movl    $SLOT_FIRST+4, %ebp
        sall    $2, %ebp
        addl    $1, %edi
        jmp     .L31
.L34:
        call    shadow_flush
        jmp     .L27
.L36:
        movl    $0, (%esi)
.L30:
        addl    $4, %ebx
        addl    $4096, %esi
        cmpl    %ebp, %ebx
        je      .L35
.L31:
        movl    cr3v, %eax
        addl    %ebx, %eax
        call    at
        andl    $-4095, %eax
        cmpl    %edi, %eax
        jne     .L30
        jmp     .L36
.L35:
        movl %cr3, %ecx; movl %ecx, %cr3
.L27:
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
        .local  known
        .comm   known,4,4
        .local  is_table
        .comm   is_table,64,32
