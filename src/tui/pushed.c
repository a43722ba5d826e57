/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames of vectors. */
#include "tui/pushed.h"

#include <stdlib.h>
#include <string.h>

#include <worldswitch/machine.h>

#include "base/grow.h"
#include "view/internal.h"
#include "watch/watcher.h"
#include "x86/idt.h"

enum {
    KEPT = 1 << 16, /* frames at most: then the older half is forgotten */
    LOOKS = 4096    /* of the last vectors before a mark, so many are looked at */
};

/* -- while the machine runs ---------------------------------------------------------------------------- */

static bool place_find(const struct ws_machine *machine, uint32_t esp, uint32_t *linear, uint32_t *phys)
{
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_registers registers;
    struct ws_descriptor stack;
    struct ws_translation walk;
    ws_machine_registers(machine, &registers);
    ws_machine_segment(machine, WS_SS, &stack);
    *linear = stack.base + esp;
    bool mapped = ws_page_walk(&walk, &memory, &registers, *linear, WS_ACCESS_READ, false);
    *phys = walk.phys;
    return mapped;
}

/* How large a slot is: SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures".  0: a task gate pushes none. */
static uint8_t slot_bytes(const struct ws_machine *machine, unsigned vector)
{
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_registers registers;
    struct ws__idt_entry entry;
    ws_machine_registers(machine, &registers);
    ws__idt_read(&memory, &registers, (uint8_t)vector, &entry);
    return ws__gate_slot_bytes(&entry.gate);
}

static unsigned frame_bytes(const struct ws_view_frame *frame)
{
    return (ws__slot_end(frame->inward) - ws__slot_first(frame->event.has_error_code)) * frame->slot_bytes;
}

/* How many frames are older than a mark. */
static size_t frames_before(const struct ws__pushed *frames, uint64_t mark)
{
    size_t low = 0, high = frames->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (frames->frame[middle].view.event.mark < mark)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool frames_grow(struct ws__pushed *frames)
{
    if (frames->count == KEPT) {
        frames->count -= KEPT / 2;
        memmove(frames->frame, frames->frame + KEPT / 2, frames->count * sizeof *frames->frame);
    }
    struct ws__push *grown = ws__grow(frames->frame, frames->count, &frames->capacity, sizeof *grown);
    frames->failed |= !grown;
    if (grown)
        frames->frame = grown;
    return grown != NULL;
}

/* A vector that was seen before comes again when the machine goes on from an earlier mark. */
static void vector_take(struct ws__pushed *frames, const struct ws_machine *machine, const struct ws_event *event)
{
    const struct ws__push *last = frames->count ? &frames->frame[frames->count - 1] : NULL;
    struct ws__push frame = {.view = {.event = *event, .slot_bytes = slot_bytes(machine, event->which)},
                             .taken = UINT64_MAX};
    if (last && (event->mark < last->view.event.mark ||
                 (event->mark == last->view.event.mark && event->esp == last->view.event.esp)))
        return;
    frame.view.inward = event->cpl > ws_machine_cpl(machine);
    if (!frame.view.slot_bytes || !place_find(machine, event->esp, &frame.view.linear, &frame.phys))
        return;
    bool read = ws_machine_read(machine, frame.view.linear, frame.bytes, frame_bytes(&frame.view)) == WS_OK;
    if (read && frames_grow(frames))
        frames->frame[frames->count++] = frame;
}

static void return_take(struct ws__pushed *frames, const struct ws_machine *machine, const struct ws_event *event)
{
    size_t end = frames_before(frames, event->mark), looks = 0;
    for (size_t at = end; at-- > 0 && looks < LOOKS; looks++) {
        struct ws__push *frame = &frames->frame[at];
        uint32_t eip = frame->view.event.esp + (frame->view.event.has_error_code ? frame->view.slot_bytes : 0);
        struct ws_translation walk;
        struct ws_physical memory = ws_machine_memory(machine);
        struct ws_registers registers;
        if (frame->taken < event->mark || eip != event->esp_before)
            continue;
        ws_machine_registers(machine, &registers);
        if (!ws_page_walk(&walk, &memory, &registers, frame->view.linear, WS_ACCESS_READ, false) ||
            walk.phys != frame->phys)
            continue;
        frame->taken = event->mark;
        return;
    }
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__pushed *frames = context;
    if (ws__watcher_held(frames->watcher))
        return;
    if (event->kind == WS_EVENT_VECTOR)
        vector_take(frames, machine, event);
    else
        return_take(frames, machine, event);
}

/* -- looking ------------------------------------------------------------------------------------------- */

/* Is it where it was put, and not overwritten?  While it is open, its handler may change what `iret` will take, but for
 * EIP; when it is taken, it stands as long as all of it does, and the stack has not grown into it again. */
static bool frame_stands(const struct ws__push *frame, const struct ws_view_state *state, bool open)
{
    const struct ws_view_frame *view = &frame->view;
    uint32_t esp = state->segment[1].base + state->now.value[WS_ESP];
    unsigned bytes = frame_bytes(view), eip = view->event.has_error_code ? view->slot_bytes : 0;
    uint8_t now[sizeof frame->bytes];
    struct ws_translation walk;
    if (!ws_page_walk(&walk, &state->memory, &state->now, view->linear, WS_ACCESS_READ, false) ||
        walk.phys != frame->phys || ws__view_read(state, &state->now, view->linear, now, bytes) < bytes)
        return false;
    if (open)
        return memcmp(now + eip, frame->bytes + eip, view->slot_bytes) == 0;
    return memcmp(now, frame->bytes, bytes) == 0 && (esp <= view->linear || esp >= view->linear + bytes);
}

static uint32_t frame_end(const struct ws_view_frame *frame)
{
    return frame->linear + frame_bytes(frame);
}

static bool overlaps(const struct ws_view_state *state, const struct ws_view_frame *frame)
{
    for (unsigned at = 0; at < state->frames; at++)
        if (frame->linear < frame_end(&state->frame[at]) && state->frame[at].linear < frame_end(frame))
            return true;
    return false;
}

/* Put it among those that are found, the lowest first. */
static void frame_insert(struct ws_view_state *state, const struct ws_view_frame *frame)
{
    unsigned at = state->frames++;
    for (; at > 0 && state->frame[at - 1].linear > frame->linear; at--)
        state->frame[at] = state->frame[at - 1];
    state->frame[at] = *frame;
}

void ws__pushed_capture(const struct ws__pushed *frames, struct ws_view_state *state)
{
    size_t at = frames_before(frames, state->mark), looks = 0;
    state->frames = 0;
    for (; at-- > 0 && looks < LOOKS && state->frames < WS_VIEW_FRAMES; looks++) {
        struct ws_view_frame frame = frames->frame[at].view;
        frame.open = frames->frame[at].taken >= state->mark;
        if (!frame_stands(&frames->frame[at], state, frame.open) || overlaps(state, &frame))
            continue;
        frame_insert(state, &frame);
    }
}

/* -- life ---------------------------------------------------------------------------------------------- */

enum ws_status ws__pushed_init(struct ws__pushed *frames, struct ws_machine *machine, struct ws_watcher *watcher)
{
    *frames = (struct ws__pushed){.machine = machine, .watcher = watcher};
    return ws_machine_listen(machine, WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN), event_take, frames);
}

void ws__pushed_release(struct ws__pushed *frames)
{
    if (frames->machine)
        ws_machine_unlisten(frames->machine, event_take, frames);
    free(frames->frame);
    *frames = (struct ws__pushed){0};
}

void ws__pushed_copy(struct ws__pushed *frames, const struct ws__pushed *from, uint64_t mark)
{
    for (size_t at = 0; at < from->count && from->frame[at].view.event.mark < mark && frames_grow(frames); at++) {
        struct ws__push *frame = &frames->frame[frames->count++];
        *frame = from->frame[at];
        if (frame->taken >= mark)
            frame->taken = UINT64_MAX;
    }
}

void ws__pushed_anew(struct ws__pushed *frames)
{
    frames->count = 0;
}
