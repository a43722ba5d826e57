# expect: translate.. returns with another EBX: it is the caller.s
        .globl  trap_vectors, translate
trap_vectors:
        .long   13, 13, SILENT, SILENT

t_cli:  movl    $0, VIRTUAL_IF
t_sti:  movl    $0x200, VIRTUAL_IF
t_pushf:
        pushfl
        movl    %eax, SCRATCH
        movl    (%esp), %eax
        leal    -0x200(%eax), %eax
        xchgl   %ecx, VIRTUAL_IF
        leal    (%eax, %ecx), %eax
        xchgl   %ecx, VIRTUAL_IF
        movl    %eax, (%esp)
        movl    SCRATCH, %eax
t_popf: xchgl   %eax, (%esp)
        movl    %eax, SCRATCH
        movl    %eax, VIRTUAL_IF
        andl    $0x200, VIRTUAL_IF
        xchgl   %eax, (%esp)
        popfl
t_ret:  popl    NEXT_EIP
        int     $CALL_OUT
t_leave:
        movl    $0, NEXT_EIP
        int     $CALL_OUT
t_end:

        .macro  PUT from, to
        pushl   %esi
        movl    $\from, %esi
        movl    $\to - \from, %ecx
        rep movsb
        popl    %esi
        .endm
        .macro  IS byte, label
        cmpb    $\byte, (%esi)
        je      \label
        .endm
        .macro  LEAVE                   # for EAX
        PUT     t_leave, t_end
        movl    %eax, -6(%edi)
        .endm

translate:
        pushal
        incl    16(%esp)
        movl    36(%esp), %esi
        movl    40(%esp), %edi
next:   pushl   %esi
        call    insn_length
        popl    %esi
        movl    %eax, %ebx
        leal    (%esi, %ebx), %ebp      # the next instruction
        IS      0xfa, cli
        IS      0xfb, sti
        IS      0x9c, pushf
        IS      0x9d, popf
        IS      0xc3, ret
        IS      0xe8, call
        IS      0xe9, jmp
        IS      0xeb, jmp
        movb    (%esi), %al
        shrb    $4, %al
        cmpb    $7, %al
        je      jcc
        movl    %ebx, %ecx
        rep movsb
        jmp     next

cli:    PUT     t_cli, t_sti
        jmp     over
sti:    PUT     t_sti, t_pushf
        jmp     over
pushf:  PUT     t_pushf, t_popf
        jmp     over
popf:   PUT     t_popf, t_ret
over:   movl    %ebp, %esi
        jmp     next

ret:    PUT     t_ret, t_leave
        jmp     end
jcc:    movsb
        movb    $12, %al
        stosb
        decl    %esi
        movl    %ebp, %eax
        LEAVE
        jmp     jmp
call:   movb    $0x68, %al
        stosb
        movl    %ebp, %eax
        stosl
jmp:    call    target
        LEAVE
end:    movl    %edi, 28(%esp)
        popal
        ret

target:                                 # to EAX
        movsbl  1(%esi), %eax
        cmpl    $2, %ebx
        je      1f
        movl    1(%esi), %eax
1:      addl    %ebp, %eax
        ret
