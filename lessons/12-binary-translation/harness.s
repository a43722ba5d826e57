/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rest of a VMM, around the translator.  The guest believes that it runs in ring 0; what runs
 * are the units that translate() has made, in ring 3.
 *
 *     dispatch        NEXT_EIP says where the guest goes on. Is there a unit for it? If not,
 *                     translate() makes one; then ring 3 executes it
 *     called_out      the unit has come to its end: `int $CALL_OUT`
 *     faulted         any exception
 *
 * The check reads and judges from outside, at translate_site, translated, called_out and faulted;
 * nothing here decides anything. It has written, at `plan`, with which registers a guest begins,
 * where, where it ends, and its interrupt flag. A row whose EIP is 0 ends the plan.
 */
        .set    GUEST_WORDS, 9          # EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, EFLAGS
        .globl  start, translate_site, translated, called_out, faulted, insn_length
        .weak   translate, trap_vectors         # the check says so if one is not there

start:
        cli
        movl    $RING0_TOP, tss + 4
guest_next:
        cld
        movl    step, %esi
        movl    $guest, %edi
        movl    $GUEST_WORDS, %ecx
        rep movsl
        movl    $NEXT_EIP, %edi
        movsl
        movl    $guest_end, %edi
        movsl
        movl    $VIRTUAL_IF, %edi
        movsl
        movl    %esi, step
        cmpl    $0, NEXT_EIP
        je      done

dispatch:
        movl    NEXT_EIP, %eax
        cmpl    guest_end, %eax
        je      guest_next
        movl    $units, %ebx
1:      cmpl    %eax, (%ebx)
        je      run
        cmpl    $0, (%ebx)
        je      2f
        addl    $8, %ebx
        jmp     1b
2:      movl    %ebx, unit
        pushl   place
        pushl   %eax
        movl    $KEPT_EBX, %ebx
        movl    $KEPT_ESI, %esi
        movl    $KEPT_EDI, %edi
        movl    $KEPT_EBP, %ebp
translate_site:
        call    translate
translated:
        addl    $8, %esp
        movl    unit, %ebx
        movl    NEXT_EIP, %ecx
        movl    %ecx, (%ebx)
        movl    place, %ecx
        movl    %ecx, 4(%ebx)
        addl    $15, %eax               # the next unit, behind this one
        andl    $~15, %eax
        movl    %eax, place

run:                                    # EBX: which unit
        pushl   $USER_DATA
        pushl   guest + 16
        pushl   guest + 32
        orl     $0x200, (%esp)          # the real IF is always 1 in ring 3
        pushl   $USER_CODE
        pushl   4(%ebx)
        movl    $USER_DATA, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movl    guest, %eax
        movl    guest + 4, %ecx
        movl    guest + 8, %edx
        movl    guest + 12, %ebx
        movl    guest + 20, %ebp
        movl    guest + 24, %esi
        movl    guest + 28, %edi
        iret

called_out:                             # by an interrupt gate: EIP, CS, EFLAGS, ESP, SS
        movl    %eax, %ss:guest
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movl    %ecx, guest + 4
        movl    %edx, guest + 8
        movl    %ebx, guest + 12
        movl    %ebp, guest + 20
        movl    %esi, guest + 24
        movl    %edi, guest + 28
        cld
        addl    $8, %esp
        popl    guest + 32
        popl    guest + 16
        addl    $4, %esp
        jmp     dispatch

faulted:
        hlt
        jmp     faulted
done:
        hlt
        jmp     done

/*
 * How many bytes has the guest's instruction at an address? 0: it is none of those that this guest
 * uses.
 *
 *     uint32_t insn_length(uint32_t guest_eip);
 *
 * As any C function, it loses ECX and EDX.
 */
insn_length:
        movl    4(%esp), %edx
        movzbl  (%edx), %eax
        movzbl  lengths(%eax), %eax
        btrl    $7, %eax                # a ModRM byte: an operand in memory may add to the length
        jnc     3f
        movzbl  1(%edx), %ecx
        movl    %ecx, %edx
        shrl    $6, %ecx                # mod: 3 is a register. SDM 2A, table 2-2
        andl    $7, %edx                # r/m
        cmpl    $3, %ecx
        je      3f
        cmpl    $4, %edx
        jne     1f
        incl    %eax                    # a SIB byte
1:      cmpl    $1, %ecx
        je      2f                      # one byte of displacement
        ja      1f                      # four
        cmpl    $5, %edx
        jne     3f
1:      addl    $3, %eax
2:      incl    %eax
3:      movl    $SPOILED_ECX, %ecx
        movl    $SPOILED_EDX, %edx
        ret

/* By the first byte; 0x80: a ModRM byte follows, and is counted. */
        .macro  MODRM op
        .byte   0, 0x82, 0, 0, 0, 5, 0, 0       # OP r32, r/m32; OP $imm32, %eax
        .endm
lengths:
        MODRM   add
        .byte   0, 0x82, 0, 0, 0, 5, 0, 2       # or; 0f: bswap
        MODRM   adc
        MODRM   sbb
        MODRM   and
        MODRM   sub
        MODRM   xor
        MODRM   cmp
        .fill   32, 1, 1                        # inc, dec, push, pop
        .byte   0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0 # push $imm32
        .fill   16, 1, 2                        # jcc
        .byte   0, 0x86, 0, 0, 0, 0x82, 0, 0x82 # OP $imm32, r/m32; test; xchg
        .byte   0, 0x82, 0, 0x82, 0, 0, 0, 0    # mov
        .byte   1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1 # nop; pushf, popf, sahf, lahf
        .byte   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 # stosl
        .fill   8, 1, 0
        .fill   8, 1, 5                         # mov $imm32
        .byte   0, 0x83, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 # shifts; ret
        .fill   16, 1, 0
        .byte   0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 0, 2, 0, 0, 0, 0 # call, jmp
        .byte   0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0x82 # cmc, clc, stc, cli, sti, cld, std; dec

        .balign 4
step:   .long   plan
guest:  .fill   GUEST_WORDS, 4, 0
guest_end:
        .long   0
unit:   .long   0
place:  .long   CACHE
units:  .fill   1024, 4, 0                      # where a unit's code was, and where the unit is
