/*
 * An interrupt that comes while the VMM's context runs belongs to the host.
 * This file brings it there.
 *
 * The check puts a copy of it into each world, at the same address, but on
 * pages of that world's own.  Only the cross page is the same in both.  What is
 * given:
 *
 *     CROSS                   where the cross page begins: called far, with two
 *                             arguments on the stack, from and to
 *     HOST_CONTEXT            the host's saved context: a number, the linear
 *                             address of what is in the cross page
 *     VMM_CONTEXT             the VMM's
 *     HOST_CODE, VMM_CODE     the selector that CS has in the host's kernel,
 *                             and in the VMM
 *     MAILBOX_REQUEST         a word in the cross page: REQUEST_NONE,
 *                             REQUEST_INTERRUPT, or what else the VMM wants
 *     MAILBOX_ARGUMENT        the word behind it: of REQUEST_INTERRUPT, the
 *                             vector
 *     FIRST_VECTOR            external interrupts have the vectors FIRST_VECTOR
 *                             to LAST_VECTOR, that is 0x20 to 0xef
 *
 * CROSS, the contexts and the words of the mailbox are linear addresses.
 */

/* ---- the VMM's part ---- */

/* The gates of the VMM's IDT lead here: the entry of vector FIRST_VECTOR + i is
   at vmm_entries + i * ENTRY_BYTES. */
        .globl  vmm_entries
        .balign ENTRY_BYTES
vmm_entries:
        .set    vector, FIRST_VECTOR
        .rept   LAST_VECTOR - FIRST_VECTOR + 1
        pushl   $vector
        jmp     vmm_interrupt
        .balign ENTRY_BYTES
        .set    vector, vector + 1
        .endr

/*
 * Entry    ring 0 of the VMM, interrupts off.  The stack, upwards from ESP: the
 *          vector, EIP, CS, EFLAGS; and if ring 3 was interrupted, its ESP and
 *          SS.
 * Exit     to what was interrupted, which notices nothing: all its registers
 *          are as before.
 */
vmm_interrupt:
/* region: keep { Keep the eight general registers on the stack: the interrupted
   code wants them back. */
        pushal
/* } */

/* region: tell { (i) Put the vector into MAILBOX_ARGUMENT, and
   REQUEST_INTERRUPT into MAILBOX_REQUEST. */
        movl    32(%esp), %eax
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
/* } */

/* region: leave { (ii) Call the cross page, far, from the VMM's context to the
   host's. Then drop the two arguments. */
        pushl   $HOST_CONTEXT
        pushl   $VMM_CONTEXT
        lcall   $VMM_CODE, $CROSS
        addl    $8, %esp
/* } */

/* region: resume { The host has entered the VMM again: restore the registers,
   drop the vector, and return. */
        popal
        addl    $4, %esp
        iret
/* } */
        ud2                             # the CPU never comes here

/* ---- the host's part: the driver ---- */

/*
 *     void driver_run(void);
 *
 * Entry    ring 0 of the host, in the VMX's ioctl, interrupts off.
 * Exit     the VMM has run, until an interrupt came or until it wanted
 *          something.  An interrupt has been handled by the host's handler, and
 *          its request is not in the mailbox any more.  Another request is
 *          still there: the VMX serves it.
 * Clobbers EAX, ECX, EDX, and flags; interrupts stay off.
 */
        .globl  driver_run
driver_run:
/* region: enter { Call the cross page, far, from the host's context to the
   VMM's. Then drop the two arguments. */
        pushl   $VMM_CONTEXT
        pushl   $HOST_CONTEXT
        lcall   $HOST_CODE, $CROSS
        addl    $8, %esp
/* } */

/* region: look { Is the request REQUEST_INTERRUPT? If not, return. If so, fetch
   the vector, and put REQUEST_NONE. */
        cmpl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        jne     driver_done
        movl    MAILBOX_ARGUMENT, %eax
        movl    $REQUEST_NONE, MAILBOX_REQUEST
/* } */

/* region: raise { (iii) Raise that vector: call the row of int_table that has
   it. */
        subl    $FIRST_VECTOR, %eax
        leal    int_table(, %eax, 4), %eax
        call    *%eax
/* } */

driver_done:
        ret                             # (v)

/* `int` has its vector in the instruction, not in a register. So there is one
   for each vector. */
        .balign 4
int_table:
/* region: table { A row for each vector: `int $vector`, `ret`, and .balign 4.
   Do it with .rept, as vmm_entries does. */
        .set    vector, FIRST_VECTOR
        .rept   LAST_VECTOR - FIRST_VECTOR + 1
        int     $vector
        ret
        .balign 4
        .set    vector, vector + 1
        .endr
/* } */
