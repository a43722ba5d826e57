# Everything is looked at in a copy of the instruction; the words are made on the VMM.s stack, and copied.
        .globl  emulate, answer_popf
        .equ    answer_popf, 1 + 2
        .text
emulate:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    8(%ebp), %ebx
        movl    FRAME_EIP(%ebx), %esi
        movl    $bytes, %edi
        movl    $7, %ecx
        rep     movsb
        movl    vcpu + VCPU_RING, %eax
        testl   %eax, %eax
        jnz     guest_fault
        movzbl  bytes, %eax
        cmpl    $0x0f, %eax
        je      two_bytes
        subl    $0xec, %eax
        jz      input
        subl    $2, %eax
        jz      output
        subl    $6, %eax                # f4
        jz      halt
        subl    $6, %eax                # fa: 0, fb: 1
        cmpl    $1, %eax
        ja      guest_fault
        movl    %eax, vcpu + VCPU_IF
length_1:
        incl    FRAME_EIP(%ebx)
leave:
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret
halt:
        movl    $MAILBOX_REQUEST, %edx
        movl    $REQUEST_HALT, (%edx)
        jmp     length_1
input:
        movl    FRAME_EAX(%ebx), %eax
        movb    $-1, %al
        movl    FRAME_EDX(%ebx), %edx
        xorl    $CONSOLE_PORT, %edx
        shll    $16, %edx
        jnz     1f
        movb    vcpu + VCPU_INPUT, %al
1:      movl    %eax, FRAME_EAX(%ebx)
        jmp     length_1
output:
        movl    FRAME_EDX(%ebx), %edx
        xorl    $CONSOLE_PORT, %edx
        shll    $16, %edx
        jnz     length_1
        movzbl  FRAME_EAX(%ebx), %eax
        movl    $REQUEST_OUTPUT, MAILBOX_REQUEST
        movl    %eax, MAILBOX_ARGUMENT
        jmp     length_1
two_bytes:
        cmpw    $0x1d01, bytes + 1
        je      table
        movb    bytes + 2, %al
        andb    $0x38, %al
        movl    $vcpu + VCPU_CR0, %edx
        jz      1f
        movl    $vcpu + VCPU_CR2, %edx
        cmpb    $0x10, %al
        je      1f
        movl    $vcpu + VCPU_CR3, %edx
        cmpb    $0x18, %al
        jne     guest_fault
1:      movb    bytes + 2, %cl
        andl    $7, %ecx
        leal    FRAME_EAX(%ebx), %esi
2:      jecxz   3f
        subl    $4, %esi
        decl    %ecx
        jmp     2b
3:      cmpb    $0x20, bytes + 1
        jne     4f
        movl    (%edx), %eax
        movl    %eax, (%esi)
        jmp     5f
4:      cmpb    $0x22, bytes + 1
        jne     guest_fault
        movl    (%esi), %eax
        movl    %eax, (%edx)
5:      addl    $3, FRAME_EIP(%ebx)
        jmp     leave
table:
        movl    bytes + 3, %esi
        movw    (%esi), %ax
        cwtl
        andl    $0xffff, %eax
        movl    2(%esi), %edx
        movl    %eax, vcpu + VCPU_IDT_LIMIT
        movl    %edx, vcpu + VCPU_IDT_BASE
        addl    $7, FRAME_EIP(%ebx)
        jmp     leave

guest_fault:
        movl    FRAME_ESP(%ebx), %edi
        movl    $4, %ecx
        cmpl    $3, vcpu + VCPU_RING
        jne     1f
        pushl   FRAME_SS(%ebx)
        pushl   FRAME_ESP(%ebx)
        movl    vcpu + VCPU_ESP0, %edi
        movl    $6, %ecx
1:      pushl   FRAME_EFLAGS(%ebx)
        andl    $~0x200, (%esp)
        cmpl    $0, vcpu + VCPU_IF
        je      2f
        orl     $0x200, (%esp)
2:      pushl   FRAME_CS(%ebx)
        andl    $~3, (%esp)
        movl    vcpu + VCPU_RING, %eax
        orl     %eax, (%esp)
        pushl   FRAME_EIP(%ebx)
        pushl   FRAME_ERROR(%ebx)
        leal    (, %ecx, 4), %eax
        subl    %eax, %edi
        movl    %edi, FRAME_ESP(%ebx)
        movl    %esp, %esi
        rep     movsl
        addl    %eax, %esp
        movl    vcpu + VCPU_IDT_BASE, %esi
        leal    13 * 8(%esi), %esi
        pushw   6(%esi)
        pushw   (%esi)
        popl    FRAME_EIP(%ebx)
        movl    $0, vcpu + VCPU_IF
        movl    $0, vcpu + VCPU_RING
        jmp     leave

        .balign 4
bytes:  .space  8
