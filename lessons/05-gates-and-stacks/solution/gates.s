/*
 * How a trap comes into a kernel, and how the kernel goes back.
 *
 *     KERNEL_CODE, KERNEL_DATA    selectors
 *     USER_CODE, USER_DATA        selectors of ring 3, with RPL 3
 *     tss, TSS_ESP0, TSS_SS0      the TSS, and offsets of ESP0 and SS0 in it
 *     CALL_VECTOR                 the vector by which ring 3 calls the kernel
 */
        .globl  gate_set, ring0_stack_set, gate_table, user_enter
        .globl  entry_divide, entry_protection, entry_page, entry_call

/*
 * Fill a gate of an IDT: an interrupt gate for code of 32 bits, present.
 *
 *     void gate_set(void *idt, uint32_t vector, void (*handler)(void),
 *                   uint32_t dpl);
 *
 * Called as a C function: EBX, ESI, EDI, EBP are the caller's; EAX, ECX and EDX
 * may be lost. It changes these 8 bytes only:
 *
 *     bytes 0, 1      the handler's offset, bits 0 to 15
 *     bytes 2, 3      the selector of the handler's code segment: KERNEL_CODE
 *     byte 4          0
 *     byte 5          bit 7: present; bits 5 and 6: DPL; bits 0 to 4: 0x0e, an
 *                     interrupt gate of 32 bits
 *     bytes 6, 7      the handler's offset, bits 16 to 31
 */
gate_set:
        movl    4(%esp), %eax                   # idt
        movl    8(%esp), %edx                   # vector
        movl    12(%esp), %ecx                  # handler
/* region: gate { Find the gate: 8 bytes for each vector. Fill its 8 bytes. dpl
   is at 16(%esp). */
        leal    (%eax,%edx,8), %eax
        movw    %cx, (%eax)
        movw    $KERNEL_CODE, 2(%eax)
        movb    $0, 4(%eax)
        movl    16(%esp), %edx
        shll    $5, %edx
        orl     $0x8e, %edx
        movb    %dl, 5(%eax)
        shrl    $16, %ecx
        movw    %cx, 6(%eax)
/* } */
        ret

/*
 * Say where the stack of ring 0 begins. The CPU takes it from the TSS when a
 * trap comes in ring 3.
 *
 *     void ring0_stack_set(uint32_t top);
 *
 * ESP0 becomes top, SS0 becomes KERNEL_DATA. All else in the TSS stays.
 */
ring0_stack_set:
/* region: stack { Two words of the TSS. */
        movl    4(%esp), %eax
        movl    %eax, tss + TSS_ESP0
        movl    $KERNEL_DATA, tss + TSS_SS0
/* } */
        ret

/*
 * The gates of this kernel. The check calls gate_set() for each row: vector,
 * handler, DPL. A row of -1 ends the table.
 *
 *     vector 0             entry_divide            #DE, divide error
 *     vector 13            entry_protection        #GP, general protection
 *     vector 14            entry_page              #PF, page fault
 *     CALL_VECTOR          entry_call              `int`, in any ring
 *
 * A program in ring 3 may use `int` with CALL_VECTOR only. DPL says which ring
 * may use `int`; exceptions do not ask it.
 */
gate_table:
/* region: table { Four rows, such as   .long 0, entry_divide, ...   and the
   DPL. */
        .long   0, entry_divide, 0
        .long   13, entry_protection, 0
        .long   14, entry_page, 0
        .long   CALL_VECTOR, entry_call, 3
/* } */
        .long   -1

/*
 * Where these vectors come in. The CPU has pushed SS and ESP if the trap came
 * from ring 3; then EFLAGS, CS and EIP; then an error code, for some vectors.
 * Add what is missing, so that the stack looks the same for all:
 *
 *     64  SS                                      from ring 3 only
 *     60  ESP                                     from ring 3 only
 *     56  EFLAGS
 *     52  CS
 *     48  EIP
 *     44  error code, 0 if the CPU pushed none
 *     40  vector
 *     36  EAX
 *     32  ECX
 *     28  EDX
 *     24  EBX
 *     20  any value                               where pushal puts ESP
 *     16  EBP
 *     12  ESI
 *      8  EDI
 *      4  DS
 *      0  ES                                      the frame begins here
 *
 * Then call, with the frame's address,
 *
 *     void handle(struct frame *frame);
 *
 * as a C function: with KERNEL_DATA in DS and ES, DF clear, and interrupts off.
 * It may change the frame. It loses EAX, ECX and EDX. Afterwards go back to
 * where the trap came from, with all registers as they are in the frame.
 */
entry_divide:
/* region: divide { #DE pushes no error code. Push what is missing, and the
   vector. Then go to entry_common. */
        pushl   $0
        pushl   $0
        jmp     entry_common
/* } */

entry_protection:
/* region: protection { #GP pushes an error code. */
        pushl   $13
        jmp     entry_common
/* } */

entry_page:
/* region: page { #PF */
        pushl   $14
        jmp     entry_common
/* } */

entry_call:
/* region: call { int $CALL_VECTOR */
        pushl   $0
        pushl   $CALL_VECTOR
        jmp     entry_common
/* } */

entry_common:
/* region: save { Put the registers into the frame. */
        pushal
        pushl   %ds
        pushl   %es
/* } */
/* region: handle { Load DS and ES, clear DF, and call handle() with the address
   of the frame. */
        movl    %esp, %ecx
        movl    $KERNEL_DATA, %eax
        movw    %ax, %ds
        movw    %ax, %es
        cld
        pushl   %ecx
        call    handle
        addl    $4, %esp
/* } */
/* region: restore { Take the registers from the frame. `iret` knows nothing of
   vector and error code. */
        popl    %es
        popl    %ds
        popal
        addl    $8, %esp
        iret
/* } */

/*
 * Begin a program in ring 3.
 *
 *     void user_enter(uint32_t eip, uint32_t esp);
 *
 * It does not return. Ring 3 begins at eip, with that ESP, with USER_CODE in
 * CS, USER_DATA in SS, DS and ES, and with EFLAGS 0x202: interrupts are on. The
 * other registers may have any value.
 */
user_enter:
        movl    4(%esp), %ecx                   # eip
        movl    8(%esp), %edx                   # esp
/* region: enter { The CPU enters ring 3 only by going back to it. Make the
   stack look as if a trap had come from there. */
        movl    $USER_DATA, %eax
        movw    %ax, %ds
        movw    %ax, %es
        pushl   %eax
        pushl   %edx
        pushl   $0x202
        pushl   $USER_CODE
        pushl   %ecx
        iret
/* } */
