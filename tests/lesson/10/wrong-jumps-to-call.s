# expect: emulate.. never returned: the guest triple-faulted
        .globl  emulate
emulate:
        jmp     call_site
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    16(%esp), %esi
        movl    FRAME_EIP(%esi), %ebx
        cmpl    $0, vcpu + VCPU_RING
        jne     reflect
        movb    (%ebx), %al
        cmpb    $0xfa, %al
        je      emulate_cli
        cmpb    $0xfb, %al
        je      emulate_sti
        cmpb    $0xf4, %al
        je      emulate_hlt
        cmpb    $0xec, %al
        je      emulate_in
        cmpb    $0xee, %al
        je      emulate_out
        cmpw    $0x200f, (%ebx)
        je      emulate_from
        cmpw    $0x220f, (%ebx)
        je      emulate_to
        cmpw    $0x010f, (%ebx)
        jne     1f
        cmpb    $0x1d, 2(%ebx)
        je      emulate_lidt
1:
        jmp     reflect
emulate_cli:
        movl    $0, vcpu + VCPU_IF
        incl    FRAME_EIP(%esi)
        jmp     done
emulate_sti:
        movl    $1, vcpu + VCPU_IF
        incl    FRAME_EIP(%esi)
        jmp     done
emulate_hlt:
        movl    $REQUEST_HALT, MAILBOX_REQUEST
        incl    FRAME_EIP(%esi)
        jmp     done
emulate_in:
        movb    $0xff, %al
        cmpw    $CONSOLE_PORT, FRAME_EDX(%esi)
        jne     1f
        movb    vcpu + VCPU_INPUT, %al
1:      movb    %al, FRAME_EAX(%esi)
        incl    FRAME_EIP(%esi)
        jmp     done
emulate_out:
        incl    FRAME_EIP(%esi)
        cmpw    $CONSOLE_PORT, FRAME_EDX(%esi)
        jne     done
        movzbl  FRAME_EAX(%esi), %eax
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_OUTPUT, MAILBOX_REQUEST
        jmp     done
operands:
        movzbl  2(%ebx), %eax
        movl    %eax, %ecx
        shrl    $3, %ecx
        andl    $7, %ecx
        andl    $7, %eax
        shll    $2, %eax
        leal    FRAME_EAX(%esi), %edx
        subl    %eax, %edx
        ret
emulate_from:
        call    operands
        cmpl    $3, %ecx
        ja      reflect
        movl    vcpu + VCPU_CR0(, %ecx, 4), %eax
        movl    %eax, (%edx)
        addl    $3, FRAME_EIP(%esi)
        jmp     done
emulate_to:
        call    operands
        cmpl    $3, %ecx
        ja      reflect
        movl    (%edx), %eax
        movl    %eax, vcpu + VCPU_CR0(, %ecx, 4)
        addl    $3, FRAME_EIP(%esi)
        jmp     done
emulate_lidt:
        movl    3(%ebx), %ecx
        movzwl  (%ecx), %eax
        movl    %eax, vcpu + VCPU_IDT_LIMIT
        movl    2(%ecx), %eax
        movl    %eax, vcpu + VCPU_IDT_BASE
        addl    $7, FRAME_EIP(%esi)
        jmp     done
reflect:
        movl    vcpu + VCPU_RING, %edx
        movl    FRAME_ESP(%esi), %edi
        testl   %edx, %edx
        jz      1f
        movl    vcpu + VCPU_ESP0, %edi
        subl    $8, %edi
        movl    FRAME_ESP(%esi), %eax
        movl    %eax, (%edi)
        movl    FRAME_SS(%esi), %eax
        movl    %eax, 4(%edi)
1:      subl    $16, %edi
        movl    vcpu + VCPU_IF, %eax
        shll    $9, %eax
        movl    FRAME_EFLAGS(%esi), %ecx
        andl    $~0x200, %ecx
        orl     %ecx, %eax
        movl    %eax, 12(%edi)
        movl    FRAME_CS(%esi), %eax
        andl    $~3, %eax
        orl     %edx, %eax
        movl    %eax, 8(%edi)
        movl    %ebx, 4(%edi)
        movl    FRAME_ERROR(%esi), %eax
        movl    %eax, (%edi)
        movl    %edi, FRAME_ESP(%esi)
        movl    vcpu + VCPU_IDT_BASE, %ecx
        movl    13 * 8 + 4(%ecx), %eax
        movw    13 * 8(%ecx), %ax
        movl    %eax, FRAME_EIP(%esi)
        movl    $0, vcpu + VCPU_RING
        movl    $0, vcpu + VCPU_IF
done:
        popl    %edi
        popl    %esi
        popl    %ebx
        ret
        .globl  answer_popf
        .set    answer_popf, 3
