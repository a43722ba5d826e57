/*
 * A small binary translator.
 *
 * The guest is code that was written for ring 0. The VMM never executes it. It
 * executes, in ring 3, the units that translate() makes of it:
 *
 *     VIRTUAL_IF      a word: 0x200 if the guest's interrupts are on, else 0.
 *                     The real IF is always 1 in ring 3, and IOPL is 0
 *     NEXT_EIP        a word: the EIP at which the guest goes on
 *     CALL_OUT        the vector by which a unit says that it is at its end
 *     SCRATCH         64 bytes that units may use as they like
 *     SILENT          -1
 *
 * VIRTUAL_IF, NEXT_EIP and SCRATCH are addresses. Ring 3 and ring 0 may read and
 * write there.
 *
 * All else belongs to the guest: registers, flags, its stack, also what is below
 * ESP. Behind a unit, they are as if the guest's own code had run in ring 0.
 */
        .globl  trap_vectors, translate

/*
 * If ring 3 executes one of these, which vector comes? SILENT: none does, and
 * the CPU goes on with the next instruction.
 */
trap_vectors:
/* region: question { Four rows, in this order: cli, sti, pushf, popf, such as
   .long 14   or   .long SILENT  */
        .long   13                      # cli
        .long   13                      # sti
        .long   SILENT                  # pushf
        .long   SILENT                  # popf
/* } */

/* ---- what units are made of: nobody executes it here ---- */

/* The end of a unit. Behind the first two bytes of `movl` is the address, and
   behind that, the number, four bytes: 6 from the end. */
leave_begin:
        movl    $0, NEXT_EIP
        int     $CALL_OUT
leave_end:
        .set    LEAVE_BYTES, 12
        .set    LEAVE_NUMBER, 6

/* The guest's interrupts go off, or on. No flag changes. */
cli_begin:
/* region: cli { One instruction that changes no flag. */
        movl    $0, VIRTUAL_IF
/* } */
cli_end:

sti_begin:
/* region: sti { The same, with 0x200. */
        movl    $0x200, VIRTUAL_IF
/* } */
sti_end:

/* The guest's flags go onto the guest's stack: all as they are, but IF is the
   guest's. No register and no flag changes. */
pushf_begin:
/* region: pushf { The real pushfl pushes all flags, but IF is the real one, 1.
   Mend it in the word on the stack. Registers that you need go to SCRATCH, and
   come back. `mov` and `lea` change no flags; `add`, `and` and `or` do. */
        pushfl
        movl    %eax, SCRATCH
        movl    %ecx, SCRATCH + 4
        movl    (%esp), %eax
        movl    VIRTUAL_IF, %ecx
        leal    -0x200(%eax, %ecx), %eax
        movl    %eax, (%esp)
        movl    SCRATCH + 4, %ecx
        movl    SCRATCH, %eax
/* } */
pushf_end:

/* The word on the guest's stack goes into the guest's flags: IF, and IF alone,
   into VIRTUAL_IF, all others into the real ones. */
popf_begin:
/* region: popf { First VIRTUAL_IF, of the word at (%esp). Then, as the last
   instruction, the real popfl: it brings the other flags, and drops the word.
*/
        movl    %eax, SCRATCH
        movl    (%esp), %eax
        andl    $0x200, %eax
        movl    %eax, VIRTUAL_IF
        movl    SCRATCH, %eax
        popfl
/* } */
popf_end:

/* `ret`: where the guest goes on is on its stack. */
ret_begin:
/* region: ret { Pop the guest's return address into NEXT_EIP, and call out. */
        popl    NEXT_EIP
        int     $CALL_OUT
/* } */
ret_end:

/* ---- the translator ---- */

/*
 * Make a unit of the guest's code.
 *
 *     uint32_t translate(uint32_t guest_eip, uint8_t *unit);
 *
 * guest_eip    where the code is; the unit ends with the first instruction that
 *              goes elsewhere: jmp, jcc, call or ret
 * unit         where the unit goes: there is room for 512 bytes
 *
 * Returns the address behind the unit's last byte. Called as a C function, in
 * ring 0: EBX, ESI, EDI and EBP are the caller's. ESI is the guest's
 * instruction, EDI where the next byte of the unit goes, EBX the length of the
 * guest's instruction.
 */
translate:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    8(%ebp), %esi
        movl    12(%ebp), %edi
        cld
next:
        pushl   %esi
        call    insn_length                     # loses ECX and EDX
        addl    $4, %esp
        movl    %eax, %ebx
        movb    (%esi), %al
        cmpb    $0xe8, %al
        je      is_call
        cmpb    $0xe9, %al                      # a displacement of four bytes
        je      is_jmp
        cmpb    $0xeb, %al                      # a displacement of one byte
        je      is_jmp
        cmpb    $0xc3, %al
        je      is_ret
        cmpb    $0xfa, %al
        je      is_cli
        cmpb    $0xfb, %al
        je      is_sti
        cmpb    $0x9c, %al
        je      is_pushf
        cmpb    $0x9d, %al
        je      is_popf
        andb    $0xf0, %al
        cmpb    $0x70, %al                      # 0x70 to 0x7f: one byte, too
        je      is_jcc
/* region: copy { Any other instruction is copied as it is: EBX bytes from ESI to
   EDI. Both go on behind them; then the next instruction. */
        movl    %ebx, %ecx
        rep movsb
        jmp     next
/* } */
        jmp     finish

is_cli: movl    $cli_begin, %eax
        movl    $cli_end, %edx
        jmp     put_and_next
is_sti: movl    $sti_begin, %eax
        movl    $sti_end, %edx
        jmp     put_and_next
is_pushf:
        movl    $pushf_begin, %eax
        movl    $pushf_end, %edx
        jmp     put_and_next
is_popf:
        movl    $popf_begin, %eax
        movl    $popf_end, %edx
put_and_next:
        call    put
        addl    %ebx, %esi
        jmp     next

is_jmp:
/* region: jmp { The unit ends: put_leave, with the target. */
        call    target
        call    put_leave
/* } */
        jmp     finish

is_jcc:
/* region: jcc { Two ways out: one if the jump is not taken, one if it is. Put the
   guest's own opcode, with a displacement that leads over the first way out:
   LEAVE_BYTES. Then put_leave with the EIP behind the guest's instruction, then
   put_leave with the target. */
        movb    (%esi), %al
        stosb
        movb    $LEAVE_BYTES, %al
        stosb
        leal    (%esi, %ebx), %eax
        call    put_leave
        call    target
        call    put_leave
/* } */
        jmp     finish

is_call:
/* region: call { The guest's return address goes onto its stack: not that of the
   unit. `pushl $number` is the byte 0x68, and the number. Then put_leave. */
        movb    $0x68, %al
        stosb
        leal    (%esi, %ebx), %eax
        stosl
        call    target
        call    put_leave
/* } */
        jmp     finish

is_ret: movl    $ret_begin, %eax
        movl    $ret_end, %edx
        call    put

finish:
        movl    %edi, %eax
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret

/* Put the bytes from EAX up to EDX into the unit. Loses ECX. */
put:
        pushl   %esi
        movl    %eax, %esi
        movl    %edx, %ecx
        subl    %eax, %ecx
        rep movsb
        popl    %esi
        ret

/* Put an end that says: the guest goes on at EAX. Loses EAX, ECX, EDX. */
put_leave:
        pushl   %eax
        movl    $leave_begin, %eax
        movl    $leave_end, %edx
        call    put
        popl    -LEAVE_NUMBER(%edi)
        ret

/* To EAX: where the jump, or the call, at ESI goes. The displacement is signed,
   is the last part of the instruction, and counts from the instruction behind. */
target:
/* region: target { An instruction of 2 bytes has a displacement of one byte, at
   1(%esi). One of 5 bytes has one of four. */
        cmpl    $2, %ebx
        je      1f
        movl    1(%esi), %eax
        jmp     2f
1:      movsbl  1(%esi), %eax
2:      leal    (%esi, %ebx), %ecx
        addl    %ecx, %eax
/* } */
        ret
