/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shadow call stack.
 *
 * A return is proper if it takes the return address from where its call put it, and goes there.  Linear addresses do
 * not suffice for that: two worlds may have stacks at the same linear address, and even the same code.  So where CR3
 * has changed in between, the stack must still be the same physical memory.
 */
#include "watch/calls.h"

#include <assert.h>
#include <string.h>

bool ws__stack_is_same(const struct ws_physical *memory, const struct ws_registers *then,
                       const struct ws_registers *now, uint32_t linear)
{
    if (then->value[WS_CR3] == now->value[WS_CR3] && then->value[WS_CR0] == now->value[WS_CR0])
        return true;
    struct ws_translation was, is;
    bool mapped = ws_page_walk(&was, memory, then, linear, WS_ACCESS_READ, false);
    return ws_page_walk(&is, memory, now, linear, WS_ACCESS_READ, false) && mapped && was.phys == is.phys;
}

/* Has one of the routines its return address a bit above this place? */
static bool is_below_callers(const struct ws__calls *calls, uint32_t stack_linear)
{
    for (size_t index = 0; index < calls->count; index++)
        if (calls->frame[index].stack_linear - stack_linear - 1 < WS__STACK_NEAR)
            return true;
    return false;
}

/* A routine that was left by a jump stays on top until a later call overwrites its return address, or makes it lie
 * below the stack.  But what is above all that the innermost routine's callers have pushed, is another stack: kernels
 * put the stacks of their threads side by side. */
static void stale_frames_drop(struct ws__calls *calls, const struct ws__sight *sight, uint32_t stack_linear)
{
    while (calls->count) {
        const struct ws__frame *top = &calls->frame[calls->count - 1];
        uint32_t distance = stack_linear - top->stack_linear;
        bool below = distance < WS__STACK_JUMP || (distance < WS__STACK_NEAR && is_below_callers(calls, stack_linear));
        if (!below || top->registers.value[WS_CR3] != sight->registers.value[WS_CR3])
            return;
        calls->count--;
    }
}

void ws__calls_enter(struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight)
{
    bool delivery = event->kind == WS_EVENT_VECTOR;
    /* "call 1f; 1: pop" asks for EIP and never returns. */
    if (!delivery && !event->far && sight->linear == event->linear + event->bytes)
        return;
    uint32_t stack_linear = sight->stack_base + event->esp;
    stale_frames_drop(calls, sight, stack_linear);
    if (calls->count == WS__FRAMES) {
        calls->count = WS__FRAMES / 2;
        memmove(calls->frame, calls->frame + calls->count, calls->count * sizeof(calls->frame[0]));
    }
    calls->frame[calls->count++] = (struct ws__frame){
        .begin = sight->mark,
        .stack_linear = stack_linear,
        .esp = event->esp,
        .linear = sight->linear,
        .resume = sight->resume,
        .registers = sight->registers,
        .delivery = delivery,
    };
}

static bool frame_returned(const struct ws__frame *frame, const struct ws_event *event, const struct ws__sight *sight)
{
    const struct ws_physical *memory = &sight->memory;
    if (frame->delivery != (event->kind == WS_EVENT_RETURN))
        return false;
    if (!frame->delivery)
        return frame->esp == event->before && frame->resume.linear == sight->linear &&
               ws__stack_is_same(memory, &frame->registers, &sight->registers, frame->stack_linear);
    /* A handler may send its caller elsewhere, so EIP may differ; the stack goes on where it was.  It may be empty, and
     * its page begin at ESP: then what lies below tells whose it is. */
    uint32_t linear = sight->stack_base + frame->resume.esp;
    return frame->resume.esp == event->esp && (frame->resume.cs & WS_SELECTOR_RPL) == event->which &&
           (ws__stack_is_same(memory, &frame->registers, &sight->registers, linear) ||
            ws__stack_is_same(memory, &frame->registers, &sight->registers, linear - 1));
}

size_t ws__calls_find(const struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight)
{
    for (size_t index = calls->count; index-- > 0;)
        if (frame_returned(&calls->frame[index], event, sight))
            return index;
    return WS__NO_FRAME;
}

void ws__calls_leave(struct ws__calls *calls, size_t index, uint64_t mark)
{
    assert(index < calls->count);
    const struct ws__frame *frame = &calls->frame[index];
    if (index > 0)
        calls->frame[index - 1].excluded += frame->delivery ? mark - frame->begin : frame->excluded;
    calls->count = index;
}

/* How far the place of the innermost return address lies below that of this return; UINT32_MAX: on another stack. */
static uint32_t below_return(const struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight)
{
    const struct ws__frame *frame = &calls->frame[calls->count - 1];
    bool near_return = event->kind == WS_EVENT_RET && !event->far && !frame->delivery;
    uint32_t distance = sight->stack_base + event->before - frame->stack_linear;
    return near_return && distance < WS__STACK_JUMP &&
                   ws__stack_is_same(&sight->memory, &frame->registers, &sight->registers, frame->stack_linear)
               ? distance
               : UINT32_MAX;
}

bool ws__calls_jump(struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight)
{
    bool jumps = calls->count && below_return(calls, event, sight) == 0;
    calls->count -= jumps;
    return jumps;
}

void ws__calls_abandoned_drop(struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight)
{
    if (calls->count < 2 || below_return(calls, event, sight) == UINT32_MAX || ws__stack_is_loaded(calls, event, sight))
        return;
    while (calls->count > 1 && below_return(calls, event, sight) != UINT32_MAX)
        calls->count--;
}

enum { LOOK_BACK = 32, PUSHED = 64 };

/* The bytes in front of the event's instruction, of its routine alone; the rest is zero. */
static void code_read(const struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight,
                      uint8_t code[LOOK_BACK])
{
    uint32_t known = calls->count ? event->linear - calls->frame[calls->count - 1].linear : LOOK_BACK;
    uint32_t bytes = known < LOOK_BACK ? known : LOOK_BACK;
    memset(code, 0, LOOK_BACK);
    for (uint32_t back = 1; back <= bytes; back++) {
        struct ws_translation walk;
        if (ws_page_walk(&walk, &sight->memory, &sight->registers, event->linear - back, WS_ACCESS_READ, false) &&
            walk.phys < sight->memory.bytes)
            code[LOOK_BACK - back] = sight->memory.ram[walk.phys];
    }
}

bool ws__stack_is_loaded(const struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight)
{
    enum { MOV_FROM = 0x8b, MOV_TO = 0x89, ESP = 4, FROM_EBP = 0xe5, TO_ESP_FROM_EBP = 0xec };
    uint8_t code[LOOK_BACK];
    if (event->before - calls->esp + PUSHED <= 2 * PUSHED)
        return false;
    code_read(calls, event, sight, code);
    for (uint32_t i = 0; i + 1 < LOOK_BACK; i++) {
        uint8_t modrm = code[i + 1];
        if (code[i] == MOV_FROM && (modrm >> 3 & 7) == ESP && modrm != FROM_EBP)
            return true;
        if (code[i] == MOV_TO && modrm >> 6 == 3 && (modrm & 7) == ESP && modrm != TO_ESP_FROM_EBP)
            return true;
    }
    return false;
}
