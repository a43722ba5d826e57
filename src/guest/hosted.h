/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the hosted system agree on: host, VMX driver, VMX and VMM.  Numbers for C and for
 * the assembler; the virtual machine itself (vm/) needs none of this, it believes that it has a PC.
 *
 * The VMM's linear address space.  Only the cross page is in the host's, too.  Each virtual machine has a VMM in a
 * world of its own, which looks like this; no frame is in two of these worlds, that of the cross page included.
 *
 *   0x00000000  ┌──────────────────────────┐
 *               │ the virtual machine's    │   shadow page tables, at first empty
 *   0xffc00000  ├──────────────────────────┤
 *               │ the cross page           │
 *   0xffc01000  │ GDT                      │   slots 1 .. 31 are the VM's shadow descriptors
 *   0xffc02000  │ IDT, LDT, TSS            │
 *   0xffc03000  │ the page directory       │   so that the VMM can fill its lower 1023 entries
 *   0xffc04000  │ the page table of these  │   so that the VMM can move the window below
 *               │ 4 MiB; then nothing      │
 *   0xffc10000  │ the VMM's image, bss     │
 *               │ nothing                  │
 *   0xffcfa000  │ frames of the VM's memory│   the list of them
 *               │ nothing                  │
 *   0xffcfd000  │ struct vmm_boot          │
 *               │ nothing                  │
 *   0xffcff000  │ the VMM's stack          │
 *   0xffd00000  │ frames for shadow tables │
 *               │ nothing                  │
 *   0xffe00000  │ a window of 2 MiB        │   whatever pages of the VM's memory the VMM needs: vmm/walk.c
 *   0xffffffff  └──────────────────────────┘
 *
 * How a VMM begins.  The driver leaves a struct ws_cross_frame at the top of the VMM's stack, so that
 * the first world switch to the VMM goes like any later one and its lret arrives at the VMM image's
 * entry point: CPL 0, general registers 0, EFLAGS 2 (interrupts off, and in ring 0 of the VMM they stay
 * off), CS HOSTED_VMM_CODE, DS and SS HOSTED_VMM_DATA, ES HOSTED_VMM_MORE, FS and GS from the LDT, ESP
 * the two arguments below the stack's top, which the VMM does not need. The VMM never returns; it comes back to
 * the host by a far call to the cross page.  The TSS's ring-0 stack is the same stack page, from its top.
 */
#ifndef WS_GUEST_HOSTED_H
#define WS_GUEST_HOSTED_H

#include "worlds/layout.h"

/* -- the cross page: whose context is which ---------------------------------------------------- */

#define HOSTED_CONTEXT_HOST (WS_CROSS_LINEAR + WS_CROSS_CONTEXTS_OFFSET)
#define HOSTED_CONTEXT_VMM  (HOSTED_CONTEXT_HOST + WS_CROSS_CONTEXT_BYTES)
#define HOSTED_MAILBOX      (WS_CROSS_LINEAR + WS_CROSS_MAILBOX_OFFSET)

/* -- the VMM's world --------------------------------------------------------------------------- */

#define HOSTED_VMM_GDT       0xffc01000
#define HOSTED_VMM_IDT       0xffc02000
#define HOSTED_VMM_LDT       0xffc02800
#define HOSTED_VMM_TSS       0xffc02a00
#define HOSTED_VMM_DIRECTORY 0xffc03000
#define HOSTED_VMM_TABLE     0xffc04000
#define HOSTED_VMM_IMAGE     0xffc10000
#define HOSTED_VMM_FRAMES    0xffcfa000 /* uint32_t[HOSTED_VM_PAGES]: physical addresses divided by 4096 */
#define HOSTED_VMM_BOOT      0xffcfd000 /* struct vmm_boot */
#define HOSTED_VMM_STACK     0xffcff000
#define HOSTED_VMM_STACK_TOP 0xffd00000
#define HOSTED_VMM_POOL      0xffd00000
#define HOSTED_VMM_WINDOW    0xffe00000

#define HOSTED_VMM_IMAGE_END 0xffcf9000 /* image and bss end below it */
#define HOSTED_POOL_PAGES    96
#define HOSTED_WINDOW_PAGES  512
#define HOSTED_VM_BYTES      0x800000 /* the memory of a virtual machine: 8 MiB */
#define HOSTED_VM_PAGES      2048

/* Its GDT.  Slots 1 .. 31 (selectors 0x08 .. 0xf8) are left to the VM. */
#define HOSTED_GDT_VM_SLOTS 32 /* the null entry counted */
#define HOSTED_VMM_CODE     0x100
#define HOSTED_VMM_DATA     0x108
#define HOSTED_VMM_MORE     0x110 /* flat data too: ES */
#define HOSTED_VMM_TASK     0x118
#define HOSTED_VMM_LOCAL    0x120 /* the LDT's descriptor */
#define HOSTED_VMM_CACHE    0x129 /* translated code, for ring 1; the VMM makes both of these descriptors */
#define HOSTED_VMM_WORDS    0x131 /* what translated code reaches of the virtual CPU: GS */
#define HOSTED_VMM_FOREIGN  0x138 /* the LDT while the VM runs; the VMM makes it, too */
#define HOSTED_GDT_BYTES    0x140
#define HOSTED_VMM_FS       (0x00 | WS_SELECTOR_IN_LDT) /* both flat data */
#define HOSTED_VMM_GS       (0x08 | WS_SELECTOR_IN_LDT)
#define HOSTED_IDT_BYTES    0x800 /* 256 gates; the driver leaves them empty, the VMM fills them */

/* -- requests: from the VMM, through driver and ioctl, to the VMX ------------------------------ */

#define HOSTED_NONE      0
#define HOSTED_INTERRUPT 1 /* argument: the vector that came; for the driver, never for the VMX */
#define HOSTED_CONSOLE   2 /* argument: the byte that the VM transmits */
/* Argument: the sector; its bytes are in `sector`. Result 0, or 1: no such sector. */
#define HOSTED_DISK_READ  3
#define HOSTED_DISK_WRITE 4
#define HOSTED_IDLE       5 /* the VM halted with nothing pending: run others, then enter it again */
#define HOSTED_SHUTDOWN   6 /* argument: the VM's exit status; it is never entered again */
#define HOSTED_STOPPED    7 /* the VMM gave the VM up; `text` says why; it is never entered again */
#define HOSTED_DISK_SIZE  8 /* result: how many sectors the disk has */
#define HOSTED_INPUT      9 /* result: the next byte that was typed for the VM, 0 if there is none */

/* How many virtual machines there can be, each with a VMX, a VMM and a cross page of its own.  They have numbers from
 * 1 on; number 0 is that of one that is alone, and its VMM's world is "vmm" instead of "vmm1". */
#define HOSTED_VMS_MOST 4

#define HOSTED_TEXT_BYTES   128 /* with the 0 at its end */
#define HOSTED_SECTOR_BYTES 512

/* -- ioctls of /dev/vmx ------------------------------------------------------------------------ */

#define VMX_CREATE      1 /* argument: struct vmx_create. Returns 0, or a negative number */
#define VMX_RUN         2 /* argument: struct hosted_mailbox. Returns one of the next two, or as above */
#define VMX_REQUEST     0 /* the structure holds a request; serve it, and RUN again */
#define VMX_INTERRUPTED 1 /* an interrupt was the host's; RUN again */

#ifndef __ASSEMBLER__

/* What the VMM has done for the VM so far.  The first three do not depend on when interrupts come; an interrupt's
 * handler returns to where no unit began, so the others do. */
struct hosted_counters {
    uint32_t hidden;   /* page faults that only the shadow tables caused */
    uint32_t true_;    /* page faults that the VM's own tables caused */
    uint32_t traced;   /* writes to what was derived from the VM's memory, stepped over */
    uint32_t units;    /* made by the translator; and of what: */
    uint32_t copies;   /*   instructions as they are */
    uint32_t replaced; /*   those for which something else stands */
    uint32_t callouts; /*   those that ask the VMM each time */
    uint32_t chained;  /* jumps that go from unit to unit by themselves now */
    uint32_t lookups;  /* of where a return or an indirect jump goes; and of these: */
    uint32_t missed;   /*   those that asked the VMM */
    uint32_t dropped;  /* units whose code was changed, or moved */
};

/* The mailbox in the cross page, and what VMX_RUN exchanges: in, the answer to the last request; out, the next
 * one.  It begins like struct ws_cross_mailbox. */
struct hosted_mailbox {
    uint32_t request;  /* HOSTED_...; written by the VMM before it leaves */
    uint32_t argument; /* what it means depends on the request */
    uint32_t result;   /* the host's answer, valid when the VMM is entered again */
    uint32_t trips;    /* how many requests were answered so far; the driver counts */
    uint32_t ticks;    /* TICKS_HZ since boot; written by the driver before each entry */
    uint32_t typed;    /* so many bytes wait for the VM to take them; from the VMX, at each entry */
    char text[HOSTED_TEXT_BYTES];
    uint8_t sector[HOSTED_SECTOR_BYTES];
    struct hosted_counters counters; /* written by the VMM with its last request */
};

/* What VMX_CREATE is told.  Addresses are linear, in the VMX. */
struct vmx_create {
    uint32_t image; /* the file vmm.elf */
    uint32_t image_bytes;
    uint32_t memory; /* HOSTED_VM_BYTES from a page's beginning, lent until the VM ends */
    uint32_t memory_bytes;
    uint32_t eip, eax, ebx; /* how the VM starts: as a multiboot loader leaves a PC */
    uint32_t number;        /* of the VM: 0 .. HOSTED_VMS_MOST */
};

/* What the driver tells the VMM of its world, at HOSTED_VMM_BOOT.  Frames are physical addresses
 * divided by 4096. */
struct vmm_boot {
    uint32_t vm_eip, vm_eax, vm_ebx;         /* from struct vmx_create */
    uint32_t pool_frames[HOSTED_POOL_PAGES]; /* at HOSTED_VMM_POOL */
};

/* Of whoever is on either side, the driver or the VMM: leave this world for that of `to`.  Returns when the other world
 * switches back. */
void world_call(struct ws_cross_context *from, struct ws_cross_context *to);

static inline struct hosted_mailbox *mailbox(void)
{
    return (struct hosted_mailbox *)HOSTED_MAILBOX;
}

_Static_assert(sizeof(struct hosted_mailbox) <= WS_CROSS_BYTES - WS_CROSS_MAILBOX_OFFSET, "mailbox");
_Static_assert(sizeof(struct vmm_boot) <= 4096, "vmm_boot");
_Static_assert(HOSTED_VMM_FRAMES + 4 * HOSTED_VM_PAGES <= HOSTED_VMM_BOOT, "HOSTED_VMM_FRAMES");
_Static_assert(sizeof(struct ws_cross_context) == WS_CROSS_CONTEXT_BYTES, "ws_cross_context");

#endif
#endif
