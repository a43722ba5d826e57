/*
 * The trap-and-emulate handler of a VMM.
 *
 * The virtual machine runs in ring 3 of the real CPU, its kernel too.  Each
 * instruction that ring 3 may not execute raises #GP.  The VMM's entry of #GP
 * keeps all registers in a frame on the VMM's stack, and calls emulate().
 *
 * The frame, which emulate() may change: at the end, the entry loads all of it.
 *
 *     60  FRAME_SS
 *     56  FRAME_ESP
 *     52  FRAME_EFLAGS        the real flags.  Their IF is the real one
 *     48  FRAME_CS            a selector of ring 3, always
 *     44  FRAME_EIP           of the instruction that raised #GP
 *     40  FRAME_ERROR         #GP's error code
 *     36  FRAME_EAX           register number 0
 *     32  FRAME_ECX           1
 *     28  FRAME_EDX           2
 *     24  FRAME_EBX           3
 *     20  (not used: ESP is at 56)
 *     16  FRAME_EBP           5
 *     12  FRAME_ESI           6
 *      8  FRAME_EDI           7
 *      4  DS, 0 ES
 *
 * The virtual CPU, at vcpu:
 *
 *      0  VCPU_RING           0: its kernel runs; 3: one of its programs
 *      4  VCPU_IF             0 or 1: its interrupts are off or on
 *      8  VCPU_CR0            its CR0.  CRn is at VCPU_CR0 + 4 * n
 *     16  VCPU_CR2
 *     20  VCPU_CR3
 *     24  VCPU_IDT_LIMIT      what its lidt has loaded
 *     28  VCPU_IDT_BASE
 *     32  VCPU_ESP0           the ESP that its TSS has for ring 0
 *     36  VCPU_INPUT          the byte that waits at its CONSOLE_PORT
 *
 * The mailbox tells the host what to do for the virtual machine:
 *
 *     MAILBOX_REQUEST         REQUEST_NONE when emulate() is called; may become
 *                             REQUEST_HALT or REQUEST_OUTPUT
 *     MAILBOX_ARGUMENT        of REQUEST_OUTPUT: the character
 *
 * vcpu, MAILBOX_REQUEST and MAILBOX_ARGUMENT are linear addresses, CONSOLE_PORT
 * is a port's number of 16 bits.  The memory of the virtual machine is mapped
 * while the VMM runs, at the same linear addresses.
 */

/*
 * Do to the virtual CPU what the instruction at FRAME_EIP would do to a real
 * one, and go on behind it; or give the #GP to the virtual machine.
 *
 *     void emulate(struct frame *frame);
 *
 * Called as a C function: EBX, ESI, EDI and EBP are the caller's.  Interrupts
 * are off, and stay off.
 */
        .globl  emulate
emulate:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    16(%esp), %esi                  # the frame
        movl    FRAME_EIP(%esi), %ebx           # the instruction

/* region: find { A program of the virtual machine may do nothing privileged: if
   VCPU_RING is not 0, go to reflect.  Else look at the bytes at (%ebx), and
   jump to the routine for them:

       fa                  cli         fb               sti
       f4                  hlt
       ec                  in %dx, %al
       ee                  out %al, %dx
       0f 20 ..            mov from a control register
       0f 22 ..            mov to a control register
       0f 01 1d ........   lidt, with an address

   All else falls through, to reflect. */
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
/* } */
        jmp     reflect

/* These have one byte: to go on behind the instruction, add 1 to FRAME_EIP. */

emulate_cli:
/* region: cli { Clear VCPU_IF.  The real IF, in FRAME_EFLAGS, is not the virtual
   machine's. */
        movl    $0, vcpu + VCPU_IF
        incl    FRAME_EIP(%esi)
/* } */
        jmp     done

emulate_sti:
/* region: sti { VCPU_IF becomes 1. */
        movl    $1, vcpu + VCPU_IF
        incl    FRAME_EIP(%esi)
/* } */
        jmp     done

emulate_hlt:
/* region: hlt { Put REQUEST_HALT into the mailbox. */
        movl    $REQUEST_HALT, MAILBOX_REQUEST
        incl    FRAME_EIP(%esi)
/* } */
        jmp     done

emulate_in:
/* region: in { The byte VCPU_INPUT goes to AL if DX is CONSOLE_PORT; else 0xff,
   as where no chip is.  The rest of EAX stays. */
        movb    $0xff, %al
        cmpw    $CONSOLE_PORT, FRAME_EDX(%esi)
        jne     1f
        movb    vcpu + VCPU_INPUT, %al
1:      movb    %al, FRAME_EAX(%esi)
        incl    FRAME_EIP(%esi)
/* } */
        jmp     done

emulate_out:
/* region: out { If DX is CONSOLE_PORT, REQUEST_OUTPUT goes to the mailbox, and
   AL to MAILBOX_ARGUMENT, whose other 24 bits are 0.  Else nothing happens. */
        incl    FRAME_EIP(%esi)
        cmpw    $CONSOLE_PORT, FRAME_EDX(%esi)
        jne     done
        movzbl  FRAME_EAX(%esi), %eax
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_OUTPUT, MAILBOX_REQUEST
/* } */
        jmp     done

/*
 * The operands of a mov from or to a control register.  They are in its third
 * byte: bits 3 to 5 are the number of the control register, bits 0 to 2 that of
 * the other one (it is never ESP).  ECX becomes the number of the control
 * register, EDX the address at which the other one is in the frame.
 */
operands:
/* region: operands { Mind the order of the registers in the frame: number 0 is at
   FRAME_EAX, and number 1 four bytes below it. */
        movzbl  2(%ebx), %eax
        movl    %eax, %ecx
        shrl    $3, %ecx
        andl    $7, %ecx
        andl    $7, %eax
        shll    $2, %eax
        leal    FRAME_EAX(%esi), %edx
        subl    %eax, %edx
/* } */
        ret

emulate_from:
        call    operands
/* region: from { If it is CR0, CR2 or CR3: from the virtual CPU to the frame, and
   three bytes further.  Any other: to reflect. */
        cmpl    $3, %ecx
        ja      reflect
        movl    vcpu + VCPU_CR0(, %ecx, 4), %eax
        movl    %eax, (%edx)
        addl    $3, FRAME_EIP(%esi)
/* } */
        jmp     done

emulate_to:
        call    operands
/* region: to { The same, the other way. */
        cmpl    $3, %ecx
        ja      reflect
        movl    (%edx), %eax
        movl    %eax, vcpu + VCPU_CR0(, %ecx, 4)
        addl    $3, FRAME_EIP(%esi)
/* } */
        jmp     done

emulate_lidt:
/* region: lidt { The instruction has seven bytes, and the last four are an
   address.  There, in the virtual machine's memory, are two bytes of limit, then
   four of base. */
        movl    3(%ebx), %ecx
        movzwl  (%ecx), %eax
        movl    %eax, vcpu + VCPU_IDT_LIMIT
        movl    2(%ecx), %eax
        movl    %eax, vcpu + VCPU_IDT_BASE
        addl    $7, FRAME_EIP(%esi)
/* } */
        jmp     done

/*
 * The virtual machine gets this #GP itself, through gate 13 of its own IDT.
 * What it finds on its stack must be as if a real CPU had pushed it:
 *
 *     SS, ESP         only if it came from ring 3 (that is VCPU_RING); then this
 *                     stack is that of VCPU_ESP0, else it is the one in use
 *     EFLAGS          with its own IF, VCPU_IF, in bit 9
 *     CS              with its own ring, VCPU_RING, in bits 0 and 1
 *     EIP             of the instruction: it was not executed
 *     error code      FRAME_ERROR; ESP points here
 *
 * Then its handler begins, in ring 0, with interrupts off.  The gate is an
 * interrupt gate; lab 5 says how its eight bytes are made.
 */
reflect:
/* region: reflect { Find the stack.  Push five words, or seven: with movl,
   since it is not your own stack.  Then change FRAME_ESP, FRAME_EIP, VCPU_RING,
   VCPU_IF. */
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
/* } */

done:
        popl    %edi
        popl    %esi
        popl    %ebx
        ret

/*
 * A question, and the check asks the machine, too.  The kernel of the virtual
 * machine has interrupts on, and executes popf to turn them off: in the word on
 * its stack, IF is 0.  What happens?
 *
 *     1   #GP: emulate() is called, and could clear VCPU_IF
 *     2   the real IF becomes 0: the virtual machine keeps the CPU for ever
 *     3   the real IF stays 1, VCPU_IF stays 1, and nobody is told
 */
        .globl  answer_popf
/* region: answer { Write the number in place of 0:   .set answer_popf, 0 */
        .set    answer_popf, 3
/* } */
