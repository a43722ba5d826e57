/*
 * The shadow paging module of a VMM.
 *
 * The virtual machine has page tables of its own. They lead from its linear
 * addresses to what it believes to be physical addresses: here they are called
 * guest-physical. The CPU cannot use these tables. It uses shadow tables, in
 * which the VMM keeps what comes out:
 *
 *     the virtual machine's tables    linear ------> guest-physical
 *     frame_map                                      guest-physical ----> physical
 *     the shadow tables               linear ---------------------------> physical
 *
 * What is given:
 *
 *     vcpu + VCPU_CR3         the virtual machine's CR3: the guest-physical
 *                             address of its page directory
 *     vcpu + VCPU_CR2         what it finds in its CR2
 *     vcpu + VCPU_ERROR       the error code that its handler finds
 *     frame_map               a word for each frame of guest-physical memory: its
 *                             physical address. Frame n has the guest-physical
 *                             addresses n * 4096 to n * 4096 + 4095
 *     PHYS_TO_LINEAR          the VMM sees physical memory at the physical
 *                             address plus this
 *     shadow                  the entry of a linear address in the shadow tables
 *                             is the word at shadow + (linear >> 12) * 4
 *     SLOT_FIRST, SLOTS       the virtual machine uses SLOTS entries of its page
 *                             directories, from number SLOT_FIRST on; all other
 *                             entries are 0
 *     SHADOW_FIRST            where the shadow entry of SLOT_FIRST's first page is;
 *     SHADOW_ENTRIES          so many entries follow, 1024 for each slot
 *     PAGE_PRESENT, PAGE_WRITE, PAGE_USER, PAGE_ACCESSED, PAGE_DIRTY
 *                             bits of an entry
 *     ERROR_PRESENT, ERROR_WRITE, ERROR_USER
 *                             bits of an error code: 1, 2, 4, as bits 0 to 2 of an
 *                             entry
 *     FAULT_HIDDEN, FAULT_TRUE, FAULT_TRACED
 *                             what shadow_fault() may return
 *
 * frame_map, vcpu, shadow, SHADOW_FIRST are linear addresses. The directory of
 * the shadow tables is there already, and allows everything.
 */

/*
 * Where does the VMM see a guest-physical address?
 *
 * Entry    EAX: a guest-physical address
 * Exit     EAX: a linear address
 * Clobbers nothing else but flags
 */
guest_word:
/* region: word { Its frame is in frame_map; what is below bit 12 stays; add
   PHYS_TO_LINEAR. */
        pushl   %ecx
        movl    %eax, %ecx
        shrl    $12, %ecx
        andl    $0xfff, %eax
        addl    frame_map(, %ecx, 4), %eax
        addl    $PHYS_TO_LINEAR, %eax
        popl    %ecx
/* } */
        ret

/*
 * Find the two entries of the virtual machine's tables for a linear address.
 *
 * Entry    EAX: the linear address
 * Exit     ESI: where the directory's entry is, seen by the VMM
 *          EDI: where the page table's entry is; 0 if there is no page table
 *          EDX: both entries, ANDed; 0 if there is no page table
 * Clobbers EAX, ECX, flags
 */
walk:
/* region: walk { Lab 4 did this. Each step leads to a guest-physical address:
   ask guest_word. */
        movl    %eax, %ecx
        shrl    $22, %eax
        shll    $2, %eax
        addl    vcpu + VCPU_CR3, %eax
        call    guest_word
        movl    %eax, %esi
        xorl    %edi, %edi
        movl    (%esi), %edx
        testl   $PAGE_PRESENT, %edx
        jz      1f
        movl    %edx, %eax
        andl    $0xfffff000, %eax
        shrl    $10, %ecx
        andl    $0xffc, %ecx
        addl    %ecx, %eax
        call    guest_word
        movl    %eax, %edi
        andl    (%edi), %edx
        ret
1:      xorl    %edx, %edx
/* } */
        ret

/*
 * Does a page hold page tables in use: the directory of VCPU_CR3, or a page
 * table that a present entry of it names? Such pages are traced: no shadow entry
 * may allow that they are written.
 *
 * Entry    EAX: the guest-physical address of the page
 * Exit     ZF is set if it does
 * Clobbers ECX, EDX, flags
 */
is_traced:
/* region: traced { Compare it with VCPU_CR3, then with each of the SLOTS entries
   of the directory that is present. */
        cmpl    vcpu + VCPU_CR3, %eax
        je      3f
        pushl   %esi
        pushl   %eax
        movl    vcpu + VCPU_CR3, %eax
        addl    $SLOT_FIRST * 4, %eax
        call    guest_word
        movl    %eax, %esi
        popl    %eax
        movl    $SLOTS, %ecx
1:      movl    -4(%esi, %ecx, 4), %edx
        andl    $0xfffff000 | PAGE_PRESENT, %edx
        subl    $PAGE_PRESENT, %edx
        cmpl    %edx, %eax
        je      2f
        decl    %ecx
        jnz     1b
        testl   %esp, %esp                      # clears ZF
2:      popl    %esi
3:
/* } */
        ret

/*
 * The CPU has raised #PF while the virtual machine ran.
 *
 *     uint32_t shadow_fault(uint32_t linear, uint32_t error_code);
 *
 * Called as a C function: EBX, ESI, EDI and EBP are the caller's. Interrupts are
 * off. error_code is the CPU's, which looked at the shadow tables. So ERROR_WRITE
 * and ERROR_USER tell of the access, and ERROR_PRESENT of nothing.
 *
 * FAULT_TRUE     The virtual machine's own tables do not allow the access. Its own
 *                handler will get #PF: VCPU_CR2 becomes linear. VCPU_ERROR becomes
 *                what a CPU would tell that uses its tables: ERROR_WRITE and
 *                ERROR_USER as given; ERROR_PRESENT if both entries are present.
 * FAULT_TRACED   They allow it, but it is a write to a traced page. The caller
 *                calls shadow_trace() then.
 * FAULT_HIDDEN   They allow it. The shadow entry is filled in, so that it goes well
 *                the next time. The virtual machine never knows of the fault:
 *                VCPU_CR2 and VCPU_ERROR stay.
 *
 * If they allow it, A becomes set in both entries of the virtual machine's tables,
 * and D in the page table's if it is a write.
 *
 * The virtual machine has CR0.WP set: its kernel may not write where R/W is clear,
 * either.
 */
        .globl  shadow_fault
shadow_fault:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        movl    20(%esp), %ebx                  # linear
        movl    24(%esp), %ebp                  # error_code

/* region: true { Walk. Is P set in both entries, U/S if ERROR_USER is, and R/W if
   ERROR_WRITE is? If not, do what FAULT_TRUE says, put it into EAX, and jump to
   fault_done. */
        movl    %ebx, %eax
        call    walk
        movl    %ebp, %eax
        andl    $ERROR_WRITE | ERROR_USER, %eax
        movl    %eax, %ecx
        orl     $PAGE_PRESENT, %ecx
        andl    %edx, %ecx                      # what is allowed, of what is asked for
        movl    %eax, %ebp
        orl     $PAGE_PRESENT, %eax
        cmpl    %eax, %ecx
        je      1f
        andl    $ERROR_PRESENT, %edx
        orl     %ebp, %edx
        movl    %edx, vcpu + VCPU_ERROR
        movl    %ebx, vcpu + VCPU_CR2
        movl    $FAULT_TRUE, %eax
        jmp     fault_done
1:
/* } */

/* region: bits { Set A in both entries; set D in the page table's entry if it is a
   write. */
        orl     $PAGE_ACCESSED, (%esi)
        orl     $PAGE_ACCESSED, (%edi)
        testl   $ERROR_WRITE, %ebp
        jz      1f
        orl     $PAGE_DIRTY, (%edi)
1:
/* } */

/* region: fill { Make the shadow entry: the physical address from frame_map, and
   P; U/S if both entries have it; R/W if both have it, D is set, and the page is
   not traced. EAX is FAULT_TRACED if it is a write and the page is traced, else
   FAULT_HIDDEN. */
        movl    %edx, %esi
        movl    (%edi), %eax
        testl   $PAGE_DIRTY, %eax
        jnz     1f
        andl    $~PAGE_WRITE, %esi
1:      andl    $0xfffff000, %eax
        movl    $FAULT_HIDDEN, %edi
        call    is_traced
        jne     2f
        andl    $~PAGE_WRITE, %esi
        testl   $ERROR_WRITE, %ebp
        jz      2f
        movl    $FAULT_TRACED, %edi
2:      shrl    $12, %eax
        movl    frame_map(, %eax, 4), %eax
        andl    $PAGE_PRESENT | PAGE_WRITE | PAGE_USER, %esi
        orl     %esi, %eax
        shrl    $12, %ebx
        movl    %eax, shadow(, %ebx, 4)
        movl    %edi, %eax
/* } */

fault_done:
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        ret

/*
 * shadow_fault() has returned FAULT_TRACED: the virtual machine writes value to
 * linear, a word of a traced page. Do this for it; its instruction will not be
 * executed again.
 *
 *     void shadow_trace(uint32_t linear, uint32_t value);
 *
 * The word is an entry of the virtual machine's tables. What was made of it in the
 * shadow tables is false now, and must go: the shadow entries become 0, and the CPU
 * forgets them.
 *
 *     an entry of a page table        one shadow entry for each entry of the
 *                                     directory that names this page table: more
 *                                     than one may. All others stay
 *     an entry of the directory       all shadow entries of its 1024 pages. And
 *                                     if another page is a page table from now
 *                                     on, no shadow entry may allow that it is
 *                                     written. Call shadow_flush: that is always
 *                                     enough
 */
        .globl  shadow_trace
shadow_trace:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    16(%esp), %ebx                  # linear

/* region: trace { Find the word: walk, and guest_word. Write value, which is at
   20(%esp), into it. Is the page that of VCPU_CR3? Then call shadow_flush. Else go
   through the SLOTS entries of the directory. */
        movl    %ebx, %eax
        call    walk
        andl    $0xffc, %ebx
        movl    (%edi), %edi
        andl    $0xfffff000, %edi               # the page
        leal    (%edi, %ebx), %eax
        call    guest_word
        movl    20(%esp), %ecx
        movl    %ecx, (%eax)
        cmpl    vcpu + VCPU_CR3, %edi
        je      3f
        movl    vcpu + VCPU_CR3, %eax
        call    guest_word
        movl    %eax, %esi
        movl    $SLOT_FIRST, %ecx
        orl     $PAGE_PRESENT, %edi
        shll    $10, %ebx                       # bits 12 to 21 of the address that the entry is for
1:      movl    (%esi, %ecx, 4), %eax
        andl    $0xfffff000 | PAGE_PRESENT, %eax
        cmpl    %edi, %eax
        jne     2f
        movl    %ecx, %edx
        shll    $22, %edx
        orl     %ebx, %edx
        movl    %edx, %eax
        shrl    $12, %eax
        movl    $0, shadow(, %eax, 4)
        invlpg  (%edx)
2:      incl    %ecx
        cmpl    $SLOT_FIRST + SLOTS, %ecx
        jb      1b
        jmp     4f
3:      call    shadow_flush
4:
/* } */
        popl    %edi
        popl    %esi
        popl    %ebx
        ret

/*
 * The virtual machine has loaded its CR3: nothing holds any more. All shadow
 * entries become 0, and the CPU forgets what it has read of them.
 *
 *     void shadow_flush(void);
 */
        .globl  shadow_flush
shadow_flush:
/* region: flush { SHADOW_ENTRIES words from SHADOW_FIRST on. Then load the real
   CR3 with what it has. EDI is the caller's. */
        pushl   %edi
        movl    $SHADOW_FIRST, %edi
        movl    $SHADOW_ENTRIES, %ecx
        xorl    %eax, %eax
        rep     stosl
        popl    %edi
        movl    %cr3, %eax
        movl    %eax, %cr3
/* } */
        ret
