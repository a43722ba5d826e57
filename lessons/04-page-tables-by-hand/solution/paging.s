/*
 * Page tables of two levels: 32-bit paging with pages of 4 KiB.
 *
 * All routines are called in ring 0 as C functions, interrupts off. EBX, ESI,
 * EDI, EBP and the stack are the caller's afterwards; EAX, ECX and EDX may be
 * lost. `directory` is the linear address of a page directory. It may be the
 * one in CR3, or another one.
 *
 *     PAGE_PRESENT, PAGE_WRITE, PAGE_USER
 *                     the bits P, R/W and U/S of an entry
 *     PHYS_TO_LINEAR  the kernel sees the frame at a physical address here:
 *                     physical address + PHYS_TO_LINEAR. All directories, page
 *                     tables and free frames are there.
 *     ERROR_WRITE, ERROR_USER
 *                     the bits W/R and U/S of a page fault's error code
 *     FAULT_...       what fault_explain() returns
 *
 *     uint32_t frame_alloc(void);
 *
 * gives the physical address of a free frame, or 0 if there is none. What is in
 * the frame is old: it is not zeroed.
 */
        .globl  page_entry, page_map, page_protect, page_unmap, fault_explain

/*
 * Where is the page table entry for a linear address?
 *
 *     uint32_t *page_entry(uint32_t *directory, uint32_t linear);
 *
 * Returns the linear address of the entry, present or not; 0 if there is no
 * page table.
 */
page_entry:
        movl    4(%esp), %eax                   # directory
        movl    8(%esp), %ecx                   # linear
/* region: entry { Bits 22 to 31 of linear: which entry of the directory. If it
   is present, its bits 12 to 31 are the physical address of the page table, and
   bits 12 to 21 of linear say which entry of that. Each entry has 4 bytes. */
        movl    %ecx, %edx
        shrl    $22, %edx
        movl    (%eax,%edx,4), %eax
        testl   $PAGE_PRESENT, %eax
        jz      1f
        andl    $0xfffff000, %eax
        shrl    $12, %ecx
        andl    $1023, %ecx
        leal    PHYS_TO_LINEAR(%eax,%ecx,4), %eax
        ret
1:      xorl    %eax, %eax
/* } */
        ret

/*
 * Map the page at a linear address, where nothing is mapped, to a frame.
 *
 *     uint32_t page_map(uint32_t *directory, uint32_t linear, uint32_t phys,
 *                       uint32_t flags);
 *
 * flags: any of PAGE_WRITE and PAGE_USER. Returns 1; or 0 if a page table is
 * needed and there is no frame for it: then nothing changes. A new page table
 * maps nothing else. Its entry in the directory gives all rights, PAGE_PRESENT,
 * PAGE_WRITE and PAGE_USER, so that the rights of a page are those in its own
 * entry.
 */
page_map:
        pushl   %ebp
        movl    %esp, %ebp
        # 8(%ebp) is directory, 12(%ebp) linear, 16(%ebp) phys, 20(%ebp) flags
        pushl   %edi
        pushl   12(%ebp)
        pushl   8(%ebp)
        call    page_entry                      # to EAX: the entry, or 0
        addl    $8, %esp
        testl   %eax, %eax
        jnz     have_table
/* region: table { There is no page table. Get a frame; if there is none, go to
   map_end with 0 in EAX. Fill the frame with zeros, put it into the directory
   with all rights, and find the entry again, to EAX. */
        call    frame_alloc
        testl   %eax, %eax
        jz      map_end
        movl    12(%ebp), %edx
        shrl    $22, %edx
        movl    8(%ebp), %ecx
        leal    PHYS_TO_LINEAR(%eax), %edi
        orl     $(PAGE_PRESENT | PAGE_WRITE | PAGE_USER), %eax
        movl    %eax, (%ecx,%edx,4)
        movl    $1024, %ecx
        xorl    %eax, %eax
        rep stosl
        pushl   12(%ebp)
        pushl   8(%ebp)
        call    page_entry
        addl    $8, %esp
/* } */
have_table:
/* region: map { EAX points to the page table entry. Write it: the frame, the
   flags, and that it is present. Return 1. */
        movl    16(%ebp), %ecx
        orl     20(%ebp), %ecx
        orl     $PAGE_PRESENT, %ecx
        movl    %ecx, (%eax)
        movl    $1, %eax
/* } */
map_end:
        popl    %edi
        popl    %ebp
        ret

/*
 * Let the page at a linear address be read only.
 *
 *     void page_protect(uint32_t *directory, uint32_t linear);
 *
 * All else in its entry stays. If nothing is mapped there, nothing changes. The
 * CPU must know at once.
 */
page_protect:
/* region: protect { Find the entry with page_entry(). If there is one, and it
   is present, take the right to write from it. The CPU may have a copy of the
   old entry: drop that. */
        pushl   8(%esp)
        pushl   8(%esp)
        call    page_entry
        addl    $8, %esp
        testl   %eax, %eax
        jz      1f
        testl   $PAGE_PRESENT, (%eax)
        jz      1f
        andl    $~PAGE_WRITE, (%eax)
        movl    8(%esp), %ecx
        invlpg  (%ecx)
1:
/* } */
        ret

/*
 * Take away the page at a linear address.
 *
 *     uint32_t page_unmap(uint32_t *directory, uint32_t linear);
 *
 * Returns the physical address of the frame that was mapped there; 0 if nothing
 * was: then nothing changes. Afterwards the entry is 0. The page table stays,
 * even if it is empty now. The CPU must know at once.
 */
page_unmap:
/* region: unmap { As in page_protect(). Return the frame alone, without the
   flags. */
        pushl   8(%esp)
        pushl   8(%esp)
        call    page_entry
        addl    $8, %esp
        testl   %eax, %eax
        jz      1f
        movl    (%eax), %edx
        testl   $PAGE_PRESENT, %edx
        jz      2f
        movl    $0, (%eax)
        movl    8(%esp), %ecx
        invlpg  (%ecx)
        movl    %edx, %eax
        andl    $0xfffff000, %eax
        ret
2:      xorl    %eax, %eax
1:
/* } */
        ret

/*
 * Why does a page fault come?
 *
 *     uint32_t fault_explain(uint32_t *directory, uint32_t linear,
 *                            uint32_t error_code);
 *
 * linear is from CR2. Returns the first of these that is true:
 *
 *     FAULT_NO_TABLE      the directory has no page table for that address
 *     FAULT_NO_PAGE       the page table has no page for it
 *     FAULT_NOT_USER      the access came from ring 3, and one of the two
 *                         entries does not allow that
 *     FAULT_READ_ONLY     the access was a write, and one of the two entries
 *                         does not allow that
 *     FAULT_NONE          the access is allowed now
 */
fault_explain:
/* region: explain { Look at the directory's entry first, then at the page
   table's. A right is there only if both entries give it: both & both. CR0.WP
   is set, so ring 0 may not write to read-only pages either. */
        pushl   8(%esp)
        pushl   8(%esp)
        call    page_entry
        addl    $8, %esp
        movl    %eax, %edx
        movl    $FAULT_NO_TABLE, %eax
        testl   %edx, %edx
        jz      1f
        movl    $FAULT_NO_PAGE, %eax
        movl    (%edx), %edx
        testl   $PAGE_PRESENT, %edx
        jz      1f
        movl    8(%esp), %ecx
        shrl    $22, %ecx
        shll    $2, %ecx
        addl    4(%esp), %ecx
        andl    (%ecx), %edx                    # what both allow
        movl    12(%esp), %ecx
        testl   $ERROR_USER, %ecx
        jz      2f
        movl    $FAULT_NOT_USER, %eax
        testl   $PAGE_USER, %edx
        jz      1f
2:      testl   $ERROR_WRITE, %ecx
        jz      3f
        movl    $FAULT_READ_ONLY, %eax
        testl   $PAGE_WRITE, %edx
        jz      1f
3:      movl    $FAULT_NONE, %eax
1:
/* } */
        ret
