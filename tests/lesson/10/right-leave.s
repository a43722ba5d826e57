# With a frame pointer, one routine a group of instructions, each of which returns its length in EAX, or 0.
        .globl  emulate
        .globl  answer_popf
        .set    answer_popf, 3
emulate:
        enter   $0, $0
        pushl   %esi
        pushl   %ebx
        movl    8(%ebp), %esi
        cmpl    $0, vcpu + VCPU_RING
        jne     2f
        .irp    routine, flags, port, control, table
        call    try_\routine
        testl   %eax, %eax
        jnz     1f
        .endr
2:      call    give
        jmp     3f
1:      addl    %eax, FRAME_EIP(%esi)
3:      popl    %ebx
        popl    %esi
        leave
        ret

try_flags:
        movl    FRAME_EIP(%esi), %ecx
        movb    (%ecx), %cl
        movl    $1, %eax
        cmpb    $0xf4, %cl
        je      1f
        andb    $0xfe, %cl
        cmpb    $0xfa, %cl
        jne     2f
        movl    FRAME_EIP(%esi), %ecx
        movl    (%ecx), %ecx
        andl    $1, %ecx
        movl    %ecx, vcpu + VCPU_IF
        ret
1:      movl    %eax, MAILBOX_REQUEST   # REQUEST_HALT is 1
        .if     REQUEST_HALT - 1
        .error  "another number"
        .endif
        ret
2:      xorl    %eax, %eax
        ret

try_port:
        movl    FRAME_EIP(%esi), %ecx
        cmpb    $0xec, (%ecx)
        je      1f
        cmpb    $0xee, (%ecx)
        jne     9f
        call    is_console
        jne     8f
        movl    $0, MAILBOX_ARGUMENT
        movb    FRAME_EAX(%esi), %al
        movb    %al, MAILBOX_ARGUMENT
        movl    $REQUEST_OUTPUT, MAILBOX_REQUEST
        jmp     8f
1:      movl    vcpu + VCPU_INPUT, %ebx
        call    is_console
        je      2f
        movl    $0xff, %ebx
2:      andl    $0xffffff00, FRAME_EAX(%esi)
        orl     %ebx, FRAME_EAX(%esi)
8:      movl    $1, %eax
        ret
9:      xorl    %eax, %eax
        ret
is_console:
        movl    FRAME_EDX(%esi), %edx
        cmpw    $CONSOLE_PORT, %dx
        ret

try_control:
        movl    FRAME_EIP(%esi), %ecx
        movl    (%ecx), %ecx
        movl    %ecx, %eax
        andl    $0xfdff, %eax
        cmpl    $0x200f, %eax
        jne     9f
        movl    %ecx, %edx
        shrl    $19, %edx
        andl    $7, %edx
        cmpl    $4, %edx
        jae     9f
        cmpl    $1, %edx
        je      9f
        movl    %ecx, %eax
        shrl    $16, %eax
        andl    $7, %eax
        negl    %eax
        leal    FRAME_EAX(%esi, %eax, 4), %eax
        testl   $0x200, %ecx
        jnz     1f
        pushl   vcpu + VCPU_CR0(, %edx, 4)
        popl    (%eax)
        jmp     2f
1:      pushl   (%eax)
        popl    vcpu + VCPU_CR0(, %edx, 4)
2:      movl    $3, %eax
        ret
9:      xorl    %eax, %eax
        ret

try_table:
        movl    FRAME_EIP(%esi), %ecx
        xorl    %eax, %eax
        cmpw    $0x010f, (%ecx)
        jne     9f
        cmpb    $0x1d, 2(%ecx)
        jne     9f
        movl    3(%ecx), %ecx
        pushl   2(%ecx)
        popl    vcpu + VCPU_IDT_BASE
        movw    (%ecx), %ax
        movl    %eax, vcpu + VCPU_IDT_LIMIT
        movl    $7, %eax
9:      ret

give:
        movl    FRAME_ESP(%esi), %ecx
        cmpl    $0, vcpu + VCPU_RING
        je      1f
        movl    vcpu + VCPU_ESP0, %ecx
        pushl   FRAME_SS(%esi)
        popl    -4(%ecx)
        pushl   FRAME_ESP(%esi)
        popl    -8(%ecx)
        addl    $-8, %ecx
1:      movl    FRAME_EFLAGS(%esi), %eax
        andb    $0xfd, %ah
        movl    vcpu + VCPU_IF, %edx
        addl    %edx, %edx
        orb     %dl, %ah
        movl    %eax, -4(%ecx)
        movl    FRAME_CS(%esi), %eax
        andb    $0xfc, %al
        addl    vcpu + VCPU_RING, %eax
        movl    %eax, -8(%ecx)
        pushl   FRAME_EIP(%esi)
        popl    -12(%ecx)
        pushl   FRAME_ERROR(%esi)
        popl    -16(%ecx)
        leal    -16(%ecx), %ecx
        movl    %ecx, FRAME_ESP(%esi)
        movl    vcpu + VCPU_IDT_BASE, %eax
        addl    $0x68, %eax
        movw    (%eax), %cx
        movw    %cx, FRAME_EIP(%esi)
        movw    6(%eax), %cx
        movw    %cx, FRAME_EIP + 2(%esi)
        andl    $0, vcpu + VCPU_RING
        andl    $0, vcpu + VCPU_IF
        ret
