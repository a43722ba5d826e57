/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both worlds, but for what the student writes.  All of this is in both of them, as is the
 * submission behind it; each world runs its own part of its own copy.
 *
 *   host    calls driver_run() over and over, as the VMX does, and has a handler for each vector
 *   VMM     computes, and is interrupted meanwhile; now and then it asks for a device: a request
 *
 * The check reads and judges from outside, at host_call, host_common, host_returned, vmm_next,
 * compute and the cross page; nothing here decides anything.  host_step and vmm_step: words that
 * say which row of the world's plan is next.
 */
        .set    HOST_ROW_BYTES, 32
        .set    VMM_ROW_BYTES, 72
        .set    ROW_KIND, 0
        .set    ROW_STACK, 4            # ESP in ring 0
        .set    ROW_FRAME, 8            # EFLAGS, CS, then for ring 3 ESP, SS
        .set    ROW_SEGMENTS, 24        # GS, FS, ES, DS
        .set    ROW_GENERAL, 40         # EDI, ESI, EBP, EBX, EDX, ECX, EAX
        .weak   driver_run, vmm_entries         # the check says so if one is not there
        .globl  host_start, host_call, host_returned, host_entries, host_moved
        .globl  host_common, host_handled
        .globl  vmm_start, vmm_next, compute, compute_end, request_made

/* -- the host -------------------------------------------------------------- */

host_start:
host_next:
        cmpl    $REQUEST_INTERRUPT, MAILBOX_REQUEST     # any other request is served here
        je      1f
        movl    $REQUEST_NONE, MAILBOX_REQUEST
1:      movl    host_step, %esi
        addl    $HOST_ROW_BYTES, host_step
        movl    (%esi), %esp
        movl    4(%esi), %eax
        movl    8(%esi), %ebx
        movl    12(%esi), %ecx
        movl    16(%esi), %edx
        movl    20(%esi), %edi
        movl    24(%esi), %ebp
        movl    28(%esi), %esi
host_call:
        call    driver_run
host_returned:
        jmp     host_next

/* The host's handlers: they use all registers, and give back what they found. */
host_common:                            # the stack: the vector, EIP, CS, EFLAGS
        pushal
        pushl   %ds
        pushl   %es
        .irp    register, eax, ebx, ecx, edx, esi, edi, ebp
        movl    $0x5eed5eed, %\register
        .endr
        cld
host_handled:
        popl    %es
        popl    %ds
        popal
        addl    $4, %esp
        iret

host_moved:                             # the new handler of a vector, set while the host ran
        pushl   $MOVED
        jmp     host_common

        .balign 16
        .long   vmm_entries             # the check looks for it
        .balign 16
host_entries:                           # of vectors from FIRST_VECTOR on
        .set    vector, FIRST_VECTOR
        .rept   255 - FIRST_VECTOR
        pushl   $vector
        jmp     host_common
        .balign 16
        .set    vector, vector + 1
        .endr

/* -- the VMM --------------------------------------------------------------- */

vmm_start:
vmm_next:                               # also by the gate of VECTOR_NEXT
        movl    vmm_step, %ebp
        addl    $VMM_ROW_BYTES, vmm_step
        movl    ROW_STACK(%ebp), %esp
        cmpl    $KIND_DEVICE, ROW_KIND(%ebp)
        je      request
        cmpl    $KIND_RING0, ROW_KIND(%ebp)
        je      1f
        pushl   ROW_FRAME + 12(%ebp)
        pushl   ROW_FRAME + 8(%ebp)
1:      pushl   ROW_FRAME(%ebp)
        pushl   ROW_FRAME + 4(%ebp)
        pushl   $compute
        movw    ROW_SEGMENTS(%ebp), %gs
        movw    ROW_SEGMENTS + 4(%ebp), %fs
        movw    ROW_SEGMENTS + 8(%ebp), %es
        movw    ROW_SEGMENTS + 12(%ebp), %ds
        movl    ROW_GENERAL(%ebp), %edi
        movl    ROW_GENERAL + 4(%ebp), %esi
        movl    ROW_GENERAL + 12(%ebp), %ebx
        movl    ROW_GENERAL + 16(%ebp), %edx
        movl    ROW_GENERAL + 20(%ebp), %ecx
        movl    ROW_GENERAL + 24(%ebp), %eax
        movl    ROW_GENERAL + 8(%ebp), %ebp
        iret

/* What is interrupted: registers, flags and stack differ at each of its instructions. */
compute:
        addl    %ecx, %eax
        adcl    %edx, %ebx
        pushl   %eax
        rorl    $5, %esi
        leal    3(%edi, %ebp), %edi
        std
        xchgl   %ecx, (%esp)
        cmpl    %ebx, %esi
        pushl   %ebx
        sbbl    %edx, %edx
        popl    %ebp
        bswapl  %eax
        cld
        imull   $77, %edi, %ebx
        popl    %esi
        notl    %ecx
compute_end:
        int     $VECTOR_NEXT

/* The VMM cannot reach a device: it asks the host. */
request:
        movl    ROW_GENERAL + 24(%ebp), %eax
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_CONSOLE, MAILBOX_REQUEST
        pushl   $HOST_CONTEXT
        pushl   $VMM_CONTEXT
request_made:
        lcall   $VMM_CODE, $CROSS
        jmp     vmm_next
