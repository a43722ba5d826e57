/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMX driver: the device /dev/vmx, through which a process makes a virtual machine and lets it run.
 *
 *   device.c      ioctl: what the process says is checked, CREATE and RUN are carried out
 *   window.c      whose cross page the host sees
 *   vmm_world.c   building a VMM's world, and taking it down
 *   journey.c     one trip to the VMM and back: what the world switch itself does not save
 *   switch.S      the far call to the cross page, and raising a vector
 */
#ifndef WS_GUEST_DRIVER_DRIVER_H
#define WS_GUEST_DRIVER_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/host/host.h"
#include "guest/hosted.h"

/* -- device.c ---------------------------------------------------------------------------------- */

/* VMX_CREATE and VMX_RUN; returns what hosted.h says, or a CALL_... of host/calls.h. */
int32_t vmx_ioctl(uint32_t request, uint32_t argument);
/* If the current process has a virtual machine, it ends. */
void vmx_close(void);

/* -- window.c ---------------------------------------------------------------------------------- */

enum { WINDOW_OWN = 0 /* the host's, which was never in another world: nothing but the code */ };
/* From now on the host sees that cross page at WS_CROSS_LINEAR: a VM's, or WINDOW_OWN. */
void window_show(uint32_t cross);

/* -- vmm_world.c ------------------------------------------------------------------------------- */

enum { IMAGE_PAGES_MOST = (HOSTED_VMM_IMAGE_END - HOSTED_VMM_IMAGE) / PAGE_BYTES };
enum { WORLD_FRAMES_MOST = 9 + HOSTED_POOL_PAGES + IMAGE_PAGES_MOST };

/* A virtual machine's VMM, as the host remembers it once its frames are out of reach. */
struct vmm_world {
    uint32_t cr3;         /* 0: there is none */
    uint32_t number;      /* the VM's, and no other one's */
    uint32_t lender;      /* CR3 of the process whose memory the VM has */
    uint32_t memory;      /* where that is, in its address space */
    uint32_t entry;       /* the VMM's first instruction */
    uint32_t cross;       /* physical: its cross page */
    struct fpu_state fpu; /* the VM's */
    uint32_t frames;
    uint32_t frame[WORLD_FRAMES_MOST]; /* the VMM's own, the directory first; physical */
};

/* Build it from what VMX_CREATE was told, all of it in the current process's memory and checked.  Returns
 * 0, CALL_BAD (the image), or CALL_NO_ROOM; then nothing is left of it. */
int32_t vmm_world_build(struct vmm_world *world, const struct vmx_create *create);
/* The lender, in whose address space this happens, has its memory again, and the host its frames. */
void vmm_world_remove(struct vmm_world *world);

/* -- journey.c, switch.S ----------------------------------------------------------------------- */

/* To the VMM and back; its mailbox says why it came.  If it was an interrupt, the host's handler has run
 * when this returns. */
void journey_make(struct vmm_world *world);

/* As if the vector had come by itself: `int` with that number. */
void vector_raise(uint32_t vector);

#endif
