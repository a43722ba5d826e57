# The words are really pushed: ESP is the virtual machine's meanwhile, which nobody disturbs, for interrupts are off.
        .globl  emulate, answer_popf
        .set    answer_popf, 3
emulate:
        pushl   %ebx
        pushl   %edi
        movl    12(%esp), %edi
        movl    FRAME_EIP(%edi), %ebx
        movl    vcpu + VCPU_RING, %eax
        testb   %al, %al
        jnz     give
        movzwl  (%ebx), %eax
        movzbl  2(%ebx), %ecx
        cmpb    $0xfa, %al
        jne     1f
        btrl    $0, vcpu + VCPU_IF
        jmp     done_1
1:      cmpb    $0xfb, %al
        jne     1f
        btsl    $0, vcpu + VCPU_IF
        jmp     done_1
1:      cmpb    $0xf4, %al
        jne     1f
        movl    $REQUEST_HALT, MAILBOX_REQUEST
        jmp     done_1
1:      cmpb    $0xec, %al
        jne     1f
        movb    $0xff, FRAME_EAX(%edi)
        cmpw    $CONSOLE_PORT, FRAME_EDX(%edi)
        jne     done_1
        movb    vcpu + VCPU_INPUT, %cl
        movb    %cl, FRAME_EAX(%edi)
        jmp     done_1
1:      cmpb    $0xee, %al
        jne     1f
        movl    $CONSOLE_PORT, %eax
        xorw    FRAME_EDX(%edi), %ax
        jnz     done_1
        movb    FRAME_EAX(%edi), %al
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_OUTPUT, MAILBOX_REQUEST
done_1: addl    $1, FRAME_EIP(%edi)
        jmp     done
1:      cmpw    $0x010f, %ax
        jne     1f
        cmpb    $0x1d, %cl
        jne     give
        movl    3(%ebx), %ecx
        movl    (%ecx), %eax
        movl    2(%ecx), %edx
        andl    $0xffff, %eax
        movl    %eax, vcpu + VCPU_IDT_LIMIT
        movl    %edx, vcpu + VCPU_IDT_BASE
        addl    $7, FRAME_EIP(%edi)
        jmp     done
1:      movl    %ecx, %edx
        andl    $0x38, %edx
        andl    $7, %ecx
        xorl    $7, %ecx                # counted from EDI now
        cmpw    $0x200f, %ax
        je      1f
        cmpw    $0x220f, %ax
        jne     give
        movl    FRAME_EDI(%edi, %ecx, 4), %ecx
        .irp    n, 0, 2, 3
        cmpb    $\n << 3, %dl
        jne     2f
        movl    %ecx, vcpu + VCPU_CR0 + 4 * \n
        jmp     3f
2:
        .endr
        jmp     give
1:      .irp    n, 0, 2, 3
        movl    vcpu + VCPU_CR0 + 4 * \n, %eax
        cmpb    $\n << 3, %dl
        je      2f
        .endr
        jmp     give
2:      movl    %eax, FRAME_EDI(%edi, %ecx, 4)
3:      addl    $3, FRAME_EIP(%edi)
        jmp     done

give:
        movl    %esp, %ecx
        movl    FRAME_ESP(%edi), %esp
        movl    vcpu + VCPU_RING, %edx
        testl   %edx, %edx
        jz      1f
        movl    vcpu + VCPU_ESP0, %esp
        pushl   FRAME_SS(%edi)
        pushl   FRAME_ESP(%edi)
1:      movl    vcpu + VCPU_IF, %eax
        shll    $9, %eax
        pushl   FRAME_EFLAGS(%edi)
        andl    $~0x200, (%esp)
        orl     %eax, (%esp)
        pushl   FRAME_CS(%edi)
        andl    $~3, (%esp)
        orl     %edx, (%esp)
        pushl   %ebx
        pushl   FRAME_ERROR(%edi)
        movl    %esp, FRAME_ESP(%edi)
        movl    %ecx, %esp
        movl    vcpu + VCPU_IDT_BASE, %eax
        pushl   13 * 8 + 4(%eax)
        pushw   13 * 8(%eax)
        popw    FRAME_EIP(%edi)
        popl    %ecx
        shrl    $16, %ecx
        movw    %cx, FRAME_EIP + 2(%edi)
        xorl    %eax, %eax
        movl    %eax, vcpu + VCPU_IF
        movl    %eax, vcpu + VCPU_RING
done:
        popl    %edi
        popl    %ebx
        ret
