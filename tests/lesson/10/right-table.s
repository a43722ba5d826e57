/* Found by a table of opcodes; the frame stays on the stack; the words are pushed downwards with std and stosl. */
        .globl  emulate, answer_popf
        answer_popf = 3
        .data
opcodes:
        .byte   0xfa, 0xfb, 0xf4, 0xec, 0xee, 0x0f
opcodes_end:
        .balign 4
routines:
        .long   do_cli, do_sti, do_hlt, do_in, do_out, do_two
from_to:.long   vcpu + VCPU_CR0, 0, vcpu + VCPU_CR2, vcpu + VCPU_CR3, 0, 0, 0, 0

        .text
emulate:
        pushal
        movl    36(%esp), %ebp
        movl    FRAME_EIP(%ebp), %esi
        cmpb    $3, vcpu + VCPU_RING
        je      give
        movb    (%esi), %al
        movl    $opcodes, %edi
        movl    $opcodes_end - opcodes, %ecx
        repne   scasb
        jne     give
        subl    $opcodes + 1, %edi
        jmp     *routines(, %edi, 4)

do_cli: movb    $0, vcpu + VCPU_IF
        jmp     one
do_sti: movb    $1, vcpu + VCPU_IF
        jmp     one
do_hlt: movb    $REQUEST_HALT, MAILBOX_REQUEST
        jmp     one
do_in:  movzwl  FRAME_EDX(%ebp), %edx
        orl     $0xff, FRAME_EAX(%ebp)
        cmpl    $CONSOLE_PORT, %edx
        jne     one
        movb    vcpu + VCPU_INPUT, %dl
        movb    %dl, FRAME_EAX(%ebp)
        jmp     one
do_out: movzwl  FRAME_EDX(%ebp), %edx
        cmpl    $CONSOLE_PORT, %edx
        jne     one
        movl    FRAME_EAX(%ebp), %eax
        andl    $0xff, %eax
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_OUTPUT, MAILBOX_REQUEST
one:    movl    $1, %eax
further:
        addl    %eax, FRAME_EIP(%ebp)
        popal
        ret

do_two:
        movzbl  1(%esi), %eax
        cmpl    $1, %eax
        je      maybe_lidt
        movzbl  2(%esi), %ecx
        movl    %ecx, %edx
        notl    %edx
        andl    $7, %edx                # 7 - the register
        leal    FRAME_EDI(%ebp, %edx, 4), %edx
        shrl    $3, %ecx
        andl    $7, %ecx
        movl    from_to(, %ecx, 4), %ecx
        jecxz   give
        cmpl    $0x20, %eax
        jne     1f
        xchgl   %ecx, %edx
        jmp     2f
1:      cmpl    $0x22, %eax
        jne     give
2:      movl    (%edx), %eax            # from EDX to ECX
        movl    %eax, (%ecx)
        movl    $3, %eax
        jmp     further
maybe_lidt:
        cmpb    $0x1d, 2(%esi)
        jne     give
        movl    3(%esi), %esi
        xorl    %eax, %eax
        lodsw
        movl    %eax, vcpu + VCPU_IDT_LIMIT
        lodsl
        movl    %eax, vcpu + VCPU_IDT_BASE
        movl    $7, %eax
        jmp     further

give:
        movl    FRAME_ESP(%ebp), %edi
        movl    vcpu + VCPU_RING, %ebx
        std
        testl   %ebx, %ebx
        jz      1f
        movl    vcpu + VCPU_ESP0, %edi
        subl    $4, %edi
        movl    FRAME_SS(%ebp), %eax
        stosl
        movl    FRAME_ESP(%ebp), %eax
        stosl
        addl    $4, %edi
1:      subl    $4, %edi
        movl    FRAME_EFLAGS(%ebp), %eax
        btrl    $9, %eax
        btl     $0, vcpu + VCPU_IF
        jnc     1f
        btsl    $9, %eax
1:      stosl
        movl    FRAME_CS(%ebp), %eax
        xorl    $3, %eax
        xorl    %ebx, %eax
        stosl
        movl    %esi, %eax
        stosl
        movl    FRAME_ERROR(%ebp), %eax
        stosl
        cld
        addl    $4, %edi
        movl    %edi, FRAME_ESP(%ebp)
        movl    vcpu + VCPU_IDT_BASE, %esi
        movl    13 * 8(%esi), %eax
        movl    13 * 8 + 4(%esi), %edx
        shldl   $16, %eax, %ecx
        shrl    $16, %edx
        shll    $16, %edx
        andl    $0xffff, %eax
        orl     %edx, %eax
        movl    %eax, FRAME_EIP(%ebp)
        xorl    %eax, %eax
        movl    %eax, vcpu + VCPU_RING
        movl    %eax, vcpu + VCPU_IF
        popal
        ret
