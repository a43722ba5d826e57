# What gcc -O2 -m32 made of a version in C.
        .set    request, MAILBOX_REQUEST
        .set    argument, MAILBOX_ARGUMENT
        .globl  answer_popf
        .set    answer_popf, 3
        .text
give:
        movl    vcpu, %ecx
        movl    56(%eax), %edx
        pushl   %ebx
        testl   %ecx, %ecx
        je      .L3
        movl    vcpu+32, %ecx
        movl    60(%eax), %edx
        movl    %edx, -4(%ecx)
        movl    56(%eax), %ebx
        leal    -8(%ecx), %edx
        movl    %ebx, -8(%ecx)
.L3:
        movl    vcpu+4, %ebx
        movl    52(%eax), %ecx
        subl    $16, %edx
        sall    $9, %ebx
        andb    $-3, %ch
        orl     %ebx, %ecx
        movl    %ecx, 12(%edx)
        movl    48(%eax), %ecx
        andl    $-4, %ecx
        orl     vcpu, %ecx
        movl    %ecx, 8(%edx)
        movl    44(%eax), %ecx
        movl    %ecx, 4(%edx)
        movl    40(%eax), %ecx
        movl    %ecx, (%edx)
        movl    vcpu+28, %ecx
        movl    %edx, 56(%eax)
        popl    %ebx
        movzwl  110(%ecx), %edx
        movzwl  104(%ecx), %ecx
        movl    $0, vcpu
        movl    $0, vcpu+4
        sall    $16, %edx
        orl     %ecx, %edx
        movl    %edx, 44(%eax)
        ret
        .globl  emulate
emulate:
        pushl   %ebp
        pushl   %edi
        pushl   %esi
        pushl   %ebx
        subl    $4, %esp
        movl    vcpu, %eax
        movl    24(%esp), %ecx
        movl    44(%ecx), %edx
        testl   %eax, %eax
        jne     .L13
        movzbl  (%edx), %eax
        cmpb    $-12, %al
        je      .L8
        ja      .L9
        cmpb    $-20, %al
        je      .L10
        cmpb    $-18, %al
        jne     .L33
        movl    $CONSOLE_PORT, %eax
        cmpw    %ax, 28(%ecx)
        je      .L34
.L18:
        addl    $1, %edx
        movl    %edx, 44(%ecx)
.L6:
        addl    $4, %esp
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
.L9:
        cmpb    $-6, %al
        je      .L14
        cmpb    $-5, %al
        jne     .L13
        movl    $1, vcpu+4
        addl    $1, %edx
        movl    %edx, 44(%ecx)
        addl    $4, %esp
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
.L33:
        cmpb    $15, %al
        jne     .L13
        movzbl  2(%edx), %eax
        movb    %al, (%esp)
        movzbl  1(%edx), %eax
        movl    %eax, %esi
        orl     $2, %esi
        movl    %esi, %ebx
        cmpb    $34, %bl
        je      .L35
.L19:
        cmpb    $1, %al
        jne     .L13
        cmpb    $29, (%esp)
        je      .L36
.L13:
        addl    $4, %esp
        movl    %ecx, %eax
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        jmp     give
.L14:
        movl    $0, vcpu+4
        addl    $1, %edx
        movl    %edx, 44(%ecx)
        addl    $4, %esp
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
.L8:
        movl    $REQUEST_HALT, request
        addl    $1, %edx
        movl    %edx, 44(%ecx)
        addl    $4, %esp
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
.L10:
        movl    $-1, %eax
        movl    $CONSOLE_PORT, %ebx
        cmpw    %bx, 28(%ecx)
        jne     .L17
        movzbl  vcpu+36, %eax
.L17:
        addl    $1, %edx
        movb    %al, 36(%ecx)
        movl    %edx, 44(%ecx)
        addl    $4, %esp
        popl    %ebx
        popl    %esi
        popl    %edi
        popl    %ebp
        ret
.L35:
        movzbl  (%esp), %ebx
        movl    $13, %ebp
        shrb    $3, %bl
        movl    %ebx, %edi
        movl    %ebx, %esi
        andl    $7, %edi
        andl    $7, %esi
        btl     %edi, %ebp
        jnc     .L19
        movl    (%esp), %ebx
        leal    36(%ecx), %edi
        andl    $7, %ebx
        sall    $2, %ebx
        subl    %ebx, %edi
        cmpb    $32, %al
        je      .L37
        movl    (%edi), %eax
        movl    %eax, vcpu+8(,%esi,4)
.L21:
        addl    $3, %edx
        movl    %edx, 44(%ecx)
        jmp     .L6
.L34:
        movl    $REQUEST_OUTPUT, request
        movzbl  36(%ecx), %eax
        movl    %eax, argument
        jmp     .L18
.L36:
        movl    3(%edx), %eax
        addl    $7, %edx
        movzwl  (%eax), %ebx
        movl    %ebx, vcpu+24
        movl    2(%eax), %eax
        movl    %edx, 44(%ecx)
        movl    %eax, vcpu+28
        jmp     .L6
.L37:
        movl    vcpu+8(,%esi,4), %eax
        movl    %eax, (%edi)
        movl    44(%ecx), %edx
        jmp     .L21
