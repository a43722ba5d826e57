# Reflecting is what it does unless a routine says otherwise: the frame is reached through EDI, EBX counts the bytes.
        .globl  emulate, answer_popf
        .set    answer_popf, 3
        .macro  is_byte offset, value, where
        cmpb    $\value, \offset (%esi)
        je      \where
        .endm
emulate:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        movl    20(%esp), %edi
        movl    FRAME_EIP(%edi), %esi
        movl    $vcpu, %ebp
        movl    VCPU_RING(%ebp), %ecx
        movl    $1, %ebx
        jecxz   kernel
reflect:
        movl    FRAME_ESP(%edi), %edx
        movl    VCPU_RING(%ebp), %ecx
        jecxz   1f
        movl    VCPU_ESP0(%ebp), %edx
        movl    FRAME_ESP(%edi), %eax
        movl    %eax, -8(%edx)
        movl    FRAME_SS(%edi), %eax
        movl    %eax, -4(%edx)
        leal    -8(%edx), %edx
1:      movl    FRAME_ERROR(%edi), %eax
        movl    %eax, -16(%edx)
        movl    %esi, -12(%edx)
        movl    FRAME_CS(%edi), %eax
        shrl    $2, %eax
        leal    (%ecx, %eax, 4), %eax
        movl    %eax, -8(%edx)
        movl    FRAME_EFLAGS(%edi), %eax
        andl    $0xfffffdff, %eax
        imull   $0x200, VCPU_IF(%ebp), %ecx
        addl    %ecx, %eax
        movl    %eax, -4(%edx)
        subl    $16, %edx
        movl    %edx, FRAME_ESP(%edi)
        movl    VCPU_IDT_BASE(%ebp), %edx
        movzwl  110(%edx), %eax
        shll    $16, %eax
        movw    104(%edx), %ax
        movl    %eax, FRAME_EIP(%edi)
        movl    $0, VCPU_RING(%ebp)
        movl    $0, VCPU_IF(%ebp)
        andl    $~0x14000, FRAME_EFLAGS(%edi)   # NT and RF, as a gate does
return:
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        ret
kernel:
        is_byte 0, 0xfa, flag
        is_byte 0, 0xfb, flag
        is_byte 0, 0xf4, halt
        is_byte 0, 0xec, input
        is_byte 0, 0xee, output
        cmpb    $0x0f, (%esi)
        jne     reflect
        movl    $3, %ebx
        is_byte 1, 0x20, control
        is_byte 1, 0x22, control
        movl    $7, %ebx
        cmpb    $0x01, 1(%esi)
        jne     reflect
        cmpb    $0x1d, 2(%esi)
        jne     reflect
        movl    3(%esi), %edx
        movzbl  1(%edx), %eax
        shll    $8, %eax
        movb    (%edx), %al
        movl    %eax, VCPU_IDT_LIMIT(%ebp)
        movl    2(%edx), %eax
        movl    %eax, VCPU_IDT_BASE(%ebp)
further:
        addl    %ebx, FRAME_EIP(%edi)
        jmp     return
flag:
        movzbl  (%esi), %eax
        subl    $0xfa, %eax
        movl    %eax, VCPU_IF(%ebp)
        jmp     further
halt:
        movl    $REQUEST_HALT, MAILBOX_REQUEST
        jmp     further
input:
        movl    $0xff, %eax
        cmpw    $CONSOLE_PORT, FRAME_EDX(%edi)
        cmovel  VCPU_INPUT(%ebp), %eax
        movb    %al, FRAME_EAX(%edi)
        jmp     further
output:
        movzwl  FRAME_EDX(%edi), %eax
        subl    $CONSOLE_PORT, %eax
        jne     further
        movb    FRAME_EAX(%edi), %al
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_OUTPUT, MAILBOX_REQUEST
        jmp     further
control:
        movzbl  2(%esi), %ecx
        movl    %ecx, %edx
        andl    $7, %edx
        negl    %edx
        leal    FRAME_EAX(%edi, %edx, 4), %edx
        shrl    $3, %ecx
        andl    $7, %ecx
        bt      %ecx, control_known
        jnc     reflect
        leal    VCPU_CR0(%ebp, %ecx, 4), %ecx
        testb   $2, 1(%esi)
        jz      1f
        xchgl   %ecx, %edx
1:      movl    (%ecx), %eax
        movl    %eax, (%edx)
        jmp     further
        .balign 4
control_known:
        .long   0x0d
