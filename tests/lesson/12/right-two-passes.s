# First, where does the block end? Then all of it, from a list of lengths.
        .globl  trap_vectors, translate
trap_vectors:
        .long   0x0d, 0x0d, 0xffffffff, 0xffffffff

translate:
        enter   $0, $0
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    8(%ebp), %esi
        movl    $lengths, %edi
1:      pushl   %esi
        call    insn_length
        popl    %ecx
        movb    %al, (%edi)
        incl    %edi
        movb    (%esi), %cl
        addl    %eax, %esi
        cmpb    $0xc3, %cl
        je      2f
        leal    -0xe8(%ecx), %edx
        cmpb    $3, %dl
        jbe     2f
        andb    $0xf0, %cl
        cmpb    $0x70, %cl
        jne     1b
2:      movb    $0, (%edi)

        movl    8(%ebp), %esi
        movl    12(%ebp), %edi
        movl    $lengths, %ebx
3:      movzbl  (%ebx), %ecx
        jecxz   9f
        incl    %ebx
        movl    $special, %eax
4:      movb    (%eax), %dl             # the byte, how many there are, and a text
        testb   %dl, %dl
        jz      5f
        cmpb    (%esi), %dl
        je      6f
        movzbl  1(%eax), %edx
        leal    2(%eax, %edx), %eax
        jmp     4b
5:      cmpb    $0, (%ebx)              # the last one is a jump
        je      7f
        rep movsb
        jmp     3b
6:      pushl   %esi
        movzbl  1(%eax), %ecx
        leal    2(%eax), %esi
        rep movsb
        popl    %esi
        incl    %esi
        jmp     3b

7:      addl    %esi, %ecx              # the jump: ECX behind it
        cmpb    $0xe8, (%esi)
        jne     1f
        movb    $0x68, (%edi)
        movl    %ecx, 1(%edi)
        addl    $5, %edi
1:      movzbl  (%esi), %eax
        movsbl  1(%esi), %edx
        cmpb    $0x80, %al
        jb      2f
        cmpb    $0xeb, %al
        je      1f
        movl    1(%esi), %edx
1:      addl    %ecx, %edx
        call    leave
        jmp     9f
2:      addl    %ecx, %edx
        movb    $12, %ah
        stosw
        xchgl   %ecx, %edx
        call    leave
        movl    %ecx, %edx
        call    leave
9:      movl    %edi, %eax
        popl    %edi
        popl    %esi
        popl    %ebx
        leave
        ret

leave:  movw    $0x05c7, (%edi)
        movl    $NEXT_EIP, 2(%edi)
        movl    %edx, 6(%edi)
        movb    $0xcd, 10(%edi)
        movb    $CALL_OUT, 11(%edi)
        addl    $12, %edi
        ret

special:
        .byte   0xfa, 2f - 1f
1:      movl    $0, VIRTUAL_IF
2:      .byte   0xfb, 2f - 1f
1:      movl    $0x200, VIRTUAL_IF
2:      .byte   0x9c, 2f - 1f
1:      pushfl
        movl    %edi, SCRATCH + 60
        popl    %edi
        pushl   %edi
        andl    $0xfffffdff, %edi
        orl     VIRTUAL_IF, %edi
        xchgl   %edi, (%esp)            # the flags as they were
        movl    %edi, SCRATCH
        movl    $SCRATCH, %edi
        xchgl   %edi, %esp
        popfl
        movl    %edi, %esp
        movl    SCRATCH + 60, %edi
2:      .byte   0x9d, 2f - 1f
1:      popl    VIRTUAL_IF
        leal    -4(%esp), %esp
        andl    $0x200, VIRTUAL_IF
        popfl
2:      .byte   0xc3, 2f - 1f
1:      popl    NEXT_EIP
        int     $CALL_OUT
2:      .byte   0

        .bss
lengths:
        .fill   64
