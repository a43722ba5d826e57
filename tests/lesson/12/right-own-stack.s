# Each sequence has a stack in SCRATCH, so that it may push what it likes; a table of handlers, one for each first byte.
        .globl  trap_vectors, translate
trap_vectors:
        .long   13, 13, SILENT, SILENT

        .macro  OWN
        movl    %esp, SCRATCH
        movl    $SCRATCH + 64, %esp
        pushfl
        pushl   %eax
        pushl   %ebx
        movl    SCRATCH, %eax           # the guest's stack
        .endm
        .macro  GUEST
        movl    %eax, SCRATCH
        popl    %ebx
        popl    %eax
        popfl
        movl    SCRATCH, %esp
        .endm

        .macro  TEXT name, body:vararg
        .long   end_\name - \name
\name:  \body
end_\name:
        .endm

        .macro  DO_CLI
        OWN
        andl    $~0x200, VIRTUAL_IF
        GUEST
        .endm
        .macro  DO_STI
        OWN
        orl     $0x200, VIRTUAL_IF
        GUEST
        .endm
        .macro  DO_PUSHF
        OWN
        movl    8(%esp), %ebx
        btrl    $9, %ebx
        cmpl    $0, VIRTUAL_IF
        je      1f
        btsl    $9, %ebx
1:      subl    $4, %eax
        movl    %ebx, (%eax)
        GUEST
        .endm
        .macro  DO_POPF
        OWN
        movl    (%eax), %ebx
        addl    $4, %eax
        movl    %ebx, 8(%esp)
        btl     $9, %ebx
        sbbl    %ebx, %ebx
        andl    $0x200, %ebx
        movl    %ebx, VIRTUAL_IF
        GUEST
        .endm
        .macro  DO_RET
        movl    %eax, SCRATCH
        movl    (%esp), %eax
        movl    %eax, NEXT_EIP
        movl    SCRATCH, %eax
        leal    4(%esp), %esp
        int     $CALL_OUT
        .endm
        .macro  DO_LEAVE
        movl    $0x11223344, NEXT_EIP
        int     $CALL_OUT
        .endm

        TEXT    text_cli, DO_CLI
        TEXT    text_sti, DO_STI
        TEXT    text_pushf, DO_PUSHF
        TEXT    text_popf, DO_POPF
        TEXT    text_leave, DO_LEAVE

        .balign 4
handlers:
        .rept   0x70
        .long   do_copy
        .endr
        .rept   0x10
        .long   do_jcc
        .endr
        .rept   0x1c
        .long   do_copy
        .endr
        .long   do_pushf, do_popf
        .rept   0xc3 - 0x9e
        .long   do_copy
        .endr
        .long   do_ret
        .rept   0xe8 - 0xc4
        .long   do_copy
        .endr
        .long   do_call, do_jmp, do_copy, do_jmp
        .rept   0xfa - 0xec
        .long   do_copy
        .endr
        .long   do_cli, do_sti
        .rept   4
        .long   do_copy
        .endr

/* EBX: the guest's instruction. EBP: the place in the unit. */
translate:
        pushl   %ebp
        pushl   %ebx
        movl    12(%esp), %ebx
        movl    16(%esp), %ebp
step:   movzbl  (%ebx), %eax
        jmp     *handlers(, %eax, 4)

do_copy:
        pushl   %ebx
        call    insn_length
        addl    $4, %esp
        addl    %eax, %ebx
        negl    %eax
1:      movb    (%ebx, %eax), %cl
        movb    %cl, (%ebp)
        incl    %ebp
        incl    %eax
        jnz     1b
        jmp     step
do_cli: movl    $text_cli, %eax
        jmp     1f
do_sti: movl    $text_sti, %eax
        jmp     1f
do_pushf:
        movl    $text_pushf, %eax
        jmp     1f
do_popf:
        movl    $text_popf, %eax
1:      call    text
        incl    %ebx
        jmp     step
do_ret: movl    $text_ret, %eax
        call    text
        jmp     done
do_jcc: movb    (%ebx), %al
        movb    %al, (%ebp)
        movb    $12, 1(%ebp)
        addl    $2, %ebp
        leal    2(%ebx), %edx
        call    leave
do_jmp: call    target
1:      call    leave
done:   movl    %ebp, %eax
        popl    %ebx
        popl    %ebp
        ret
do_call:
        leal    5(%ebx), %edx
        movb    $0x68, (%ebp)
        movl    %edx, 1(%ebp)
        addl    $5, %ebp
        jmp     do_jmp

target: pushl   %ebx
        call    insn_length
        addl    $4, %esp
        leal    (%ebx, %eax), %edx
        cmpl    $5, %eax
        je      1f
        movsbl  1(%ebx), %eax
        addl    %eax, %edx
        ret
1:      addl    1(%ebx), %edx
        ret

text:   movl    -4(%eax), %ecx
1:      movb    (%eax), %dl
        movb    %dl, (%ebp)
        incl    %eax
        incl    %ebp
        loop    1b
        ret
leave:  movl    $text_leave, %eax       # for EDX
        pushl   %edx
        call    text
        popl    -6(%ebp)
        ret

        TEXT    text_ret, DO_RET
