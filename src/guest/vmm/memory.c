/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VM's memory as its own instructions see it: through a segment to a linear address, through its
 * page tables to its physical memory, which the VMM sees in a window.
 */
#include "guest/shared/memory.h"
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

/* The place in the window; NULL: a page fault is set. */
static uint8_t *translate(uint32_t linear, bool write, bool user, uint32_t *frame)
{
    struct walk found;

    if (!walk_access(linear, write, user, &found))
        return NULL;
    *frame = found.frame;
    return place(&found, linear);
}

static bool read(uint32_t linear, void *to, unsigned bytes, bool user)
{
    for (unsigned done = 0, part; done < bytes; done += part) {
        uint32_t frame;
        const uint8_t *from = translate(linear + done, false, user, &frame);

        part = page_rest(linear + done, bytes - done);
        if (!from)
            return false;
        memcpy((uint8_t *)to + done, from, part);
    }
    return true;
}

static bool is_writable(uint32_t linear, unsigned bytes, bool user)
{
    uint32_t frame;
    bool all = true;

    for (unsigned done = 0; all && done < bytes; done += page_rest(linear + done, bytes - done))
        all = translate(linear + done, true, user, &frame);
    return all;
}

static bool write(uint32_t linear, const void *from, unsigned bytes, bool user)
{
    if (!is_writable(linear, bytes, user)) /* nothing is written if not all can be */
        return false;
    for (unsigned done = 0, part; from && done < bytes; done += part) {
        uint32_t at = (linear + done) % WS_PAGE_BYTES, frame;
        uint8_t *to = translate(linear + done, true, user, &frame);

        part = page_rest(linear + done, bytes - done);
        if (!to)
            return false;
        memcpy(to, (const uint8_t *)from + done, part);
        trace_written(frame, at, at + part);
    }
    return true;
}

bool linear_read(uint32_t linear, void *to, unsigned bytes)
{
    return read(linear, to, bytes, false);
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

    return segment_linear(segment, offset, bytes, false, &linear) && read(linear, to, bytes, is_user());
}

bool segment_write(enum segment segment, uint32_t offset, const void *from, unsigned bytes)
{
    uint32_t linear;

    return segment_linear(segment, offset, bytes, true, &linear) && write(linear, from, bytes, is_user());
}
