# No texts to copy: each byte of a unit is written by hand.
        .globl  trap_vectors, translate
        .data
trap_vectors:
        .long   13
        .long   13
        .long   -1
        .long   -1

        .text
        .macro  BYTES values:vararg
        .irp    value, \values
        movb    $\value, %al
        stosb
        .endr
        .endm
        .macro  WORD value
        movl    $\value, %eax
        stosl
        .endm
        .macro  WHEN value
        cmpb    $\value, (%esi)
        jne     1f
        .endm

translate:
        pushl   %edi
        pushl   %esi
        movl    12(%esp), %esi
        movl    16(%esp), %edi
again:
        WHEN    0xfa
        BYTES   0xc6, 0x05              # movb $0, VIRTUAL_IF + 1
        WORD    VIRTUAL_IF+1
        BYTES   0
        jmp     one
1:      WHEN    0xfb
        BYTES   0xc6, 0x05              # movb $2, VIRTUAL_IF + 1
        WORD    VIRTUAL_IF+1
        BYTES   2
        jmp     one
1:      WHEN    0x9c
        BYTES   0x9c, 0x89, 0x15        # pushfl; movl %edx, SCRATCH
        WORD    SCRATCH
        BYTES   0x8b, 0x14, 0x24        # movl (%esp), %edx
        BYTES   0x81, 0xe2              # andl $~0x200, %edx
        WORD    0xfffffdff
        BYTES   0x0b, 0x15              # orl VIRTUAL_IF, %edx
        WORD    VIRTUAL_IF
        BYTES   0x9d, 0x89, 0x54, 0x24, 0xfc # popfl, which brings the flags again; movl %edx, -4(%esp)
        BYTES   0x8d, 0x64, 0x24, 0xfc  # leal -4(%esp), %esp
        BYTES   0x8b, 0x15              # movl SCRATCH, %edx
        WORD    SCRATCH
        jmp     one
1:      WHEN    0x9d
        BYTES   0xf6, 0x44, 0x24, 0x01, 0x02 # testb $2, 1(%esp)
        BYTES   0x0f, 0x95, 0x05        # setnz VIRTUAL_IF + 1
        WORD    VIRTUAL_IF+1
        BYTES   0xd0, 0x25              # shlb VIRTUAL_IF + 1
        WORD    VIRTUAL_IF+1
        BYTES   0x9d                    # popfl
one:    incl    %esi
        jmp     again

1:      pushl   %esi
        call    insn_length
        addl    $4, %esp
        leal    (%esi, %eax), %ecx      # the next instruction
        movb    (%esi), %dl
        cmpb    $0xc3, %dl
        je      ret
        cmpb    $0xe8, %dl
        je      call
        cmpb    $0xe9, %dl
        je      far
        cmpb    $0xeb, %dl
        je      near
        cmpb    $0x70, %dl
        jb      2f
        cmpb    $0x80, %dl
        jb      jcc
2:      movb    (%esi), %al             # a copy
        movb    %al, (%edi)
        incl    %esi
        incl    %edi
        cmpl    %ecx, %esi
        jb      2b
        jmp     again

jcc:    movl    %ecx, %edx
        movb    (%esi), %al
        xorb    $1, %al                 # not taken: over the target's way out
        stosb
        movb    $12, %al
        stosb
        movsbl  1(%esi), %ecx
        addl    %edx, %ecx
        call    leave
        movl    %edx, %ecx
        jmp     last
call:   movb    $0x68, %al
        stosb
        movl    %ecx, (%edi)
        addl    $4, %edi
far:    addl    1(%esi), %ecx
        jmp     last
near:   movsbl  1(%esi), %eax
        addl    %eax, %ecx
last:   call    leave
        jmp     done
ret:    BYTES   0x8f, 0x05              # popl NEXT_EIP
        WORD    NEXT_EIP
        BYTES   0xcd, CALL_OUT
done:   movl    %edi, %eax
        popl    %esi
        popl    %edi
        ret

leave:  BYTES   0xc7, 0x05              # movl ECX, NEXT_EIP; int $CALL_OUT
        WORD    NEXT_EIP
        movl    %ecx, %eax
        stosl
        BYTES   0xcd, CALL_OUT
        ret
