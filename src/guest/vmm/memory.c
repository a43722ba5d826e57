/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VM's memory as its own instructions see it: through a segment to a linear address, through its
 * page tables to its physical memory, which the VMM sees in a window.
 */
#include "vmm.h"

static unsigned page_rest(uint32_t linear, unsigned bytes)
{
    unsigned rest = WS_PAGE_BYTES - linear % WS_PAGE_BYTES;

    return bytes < rest ? bytes : rest;
}

static uint8_t *place(const struct walk *found, uint32_t linear)
{
    return (uint8_t *)frame_window(found->frame) + linear % WS_PAGE_BYTES;
}

/* To the VM's memory if `write`, else from it, a page at a time; NULL: nothing, but as if.  false: a page fault is set.
 */
static bool copy(uint32_t linear, uint8_t *own, unsigned bytes, bool write, bool user)
{
    for (unsigned done = 0, part; done < bytes; done += part) {
        uint32_t at = (linear + done) % WS_PAGE_BYTES;
        struct walk found;

        part = page_rest(linear + done, bytes - done);
        if (!walk_access(linear + done, write, user, &found))
            return false;
        if (own && !write)
            memcpy(own + done, place(&found, at), part);
        if (!own || !write)
            continue;
        memcpy(place(&found, at), own + done, part);
        trace_written(found.frame, at, at + part);
    }
    return true;
}

/* Nothing is written if not all can be. */
static bool write(uint32_t linear, const void *from, unsigned bytes, bool user)
{
    return copy(linear, NULL, bytes, true, user) && copy(linear, (void *)from, bytes, true, user);
}

bool linear_read(uint32_t linear, void *to, unsigned bytes)
{
    return copy(linear, to, bytes, false, false);
}

bool linear_write(uint32_t linear, const void *from, unsigned bytes)
{
    return write(linear, from, bytes, false);
}

unsigned linear_peek(uint32_t linear, void *to, unsigned bytes)
{
    for (unsigned done = 0, part; done < bytes; done += part) {
        struct walk found;

        walk(linear + done, &found);
        part = page_rest(linear + done, bytes - done);
        if (!found.present)
            return done;
        memcpy((uint8_t *)to + done, place(&found, linear + done), part);
    }
    return bytes;
}

/* What the VM's instructions may is what SS says: while a frame is pushed, the inner ring's stack is there already.
 * SDM 3A §5.5 "Privilege Levels" */
static bool is_user(void)
{
    return (vcpu.frame->user_ss & WS_SELECTOR_RPL) == 3;
}

bool segment_read(enum segment segment, uint32_t offset, void *to, unsigned bytes)
{
    uint32_t linear;

    return segment_linear(segment, offset, bytes, false, &linear) && copy(linear, to, bytes, false, is_user());
}

bool segment_write(enum segment segment, uint32_t offset, const void *from, unsigned bytes)
{
    uint32_t linear;

    return segment_linear(segment, offset, bytes, true, &linear) && write(linear, from, bytes, is_user());
}
