/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers with which a world begins: half of them are in its context in the cross page, half
 * on its kernel stack, in the frame that the switch pops.
 */
#include <string.h>

#include <worldswitch/segment.h>

#include "worlds/lab.h"

/* What the switch pops of a world that has not run: it has called nothing, so there are no arguments above it. */
enum { FRAME_BYTES = offsetof(struct ws_cross_frame, from) };

/* register, field of the frame */
#define FRAME_TABLE(X) \
    X(EAX, eax)        \
    X(ECX, ecx)        \
    X(EDX, edx)        \
    X(EBX, ebx)        \
    X(EBP, ebp)        \
    X(ESI, esi)        \
    X(EDI, edi)        \
    X(EIP, eip)        \
    X(EFLAGS, eflags)  \
    X(CS, cs)          \
    X(DS, ds)          \
    X(ES, es)          \
    X(FS, fs)          \
    X(GS, gs)

/* register, field of the context */
#define CONTEXT_TABLE(X)      \
    X(SS, ss)                 \
    X(GDTR_BASE, gdtr.base)   \
    X(GDTR_LIMIT, gdtr.limit) \
    X(IDTR_BASE, idtr.base)   \
    X(IDTR_LIMIT, idtr.limit) \
    X(LDTR, ldtr)             \
    X(TR, tr)                 \
    X(CR0, cr0)               \
    X(CR2, cr2)               \
    X(CR3, cr3)               \
    X(CR4, cr4)

void ws_world_registers(const struct ws_world *world, struct ws_registers *out)
{
    const struct ws_cross_context *context = ws__world_context(world);
    struct ws_cross_frame frame = {0};

    *out = (struct ws_registers){0};
    /* Where the stack is not mapped, the registers in its frame are zero. */
    (void)ws__space_read(world->lab, world->cr3, context->esp, &frame, FRAME_BYTES);
#define FRAME_GET(name, field) out->value[WS_##name] = frame.field;
    FRAME_TABLE(FRAME_GET)
#undef FRAME_GET
#define CONTEXT_GET(name, field) out->value[WS_##name] = context->field;
    CONTEXT_TABLE(CONTEXT_GET)
#undef CONTEXT_GET
    out->value[WS_ESP] = context->esp + FRAME_BYTES;
}

enum ws_status ws__world_begin_with(struct ws_world *world, const struct ws_registers *registers)
{
    struct ws_cross_context *context = ws__world_context(world);
    const uint32_t *value = registers->value;
    uint32_t esp = value[WS_ESP] - FRAME_BYTES;
    struct ws_cross_frame frame = {0};
    enum ws_status status;

#define FRAME_SET(name, field) frame.field = value[WS_##name];
    FRAME_TABLE(FRAME_SET)
#undef FRAME_SET
    frame.cs = ws_world_selector(world, WS_SELECTOR_KERNEL_CODE);
    frame.pushed_esp = esp; /* popal throws it away */
    status = ws__space_write(world->lab, world->cr3, esp, &frame, FRAME_BYTES);
    if (status != WS_OK)
        return status;
    context->esp = esp;
    context->cr0 = value[WS_CR0];
    context->cr2 = value[WS_CR2];
    context->cr4 = value[WS_CR4];
    return WS_OK;
}

/* Does a new register file leave alone what is not to be chosen? */
static bool keeps_what_is_fixed(const struct ws_registers *before, const struct ws_registers *after)
{
    static const uint8_t fixed[] = {WS_CS,         WS_SS,   WS_GDTR_BASE, WS_GDTR_LIMIT, WS_IDTR_BASE,
                                    WS_IDTR_LIMIT, WS_LDTR, WS_TR,        WS_CR3};
    size_t i;

    for (i = 0; i < sizeof fixed; i++)
        if (before->value[fixed[i]] != after->value[fixed[i]])
            return false;
    return true;
}

enum ws_status ws_world_set_registers(struct ws_world *world, const struct ws_registers *registers)
{
    const uint32_t *value = registers->value;
    struct ws_registers before;

    ws_world_registers(world, &before);
    if (!ws__lab_is_open(world->lab) || !world->index || !keeps_what_is_fixed(&before, registers) ||
        !(value[WS_CR0] & WS_CR0_PE) || !(value[WS_CR0] & WS_CR0_PG) || value[WS_EFLAGS] & WS_EFLAGS_VM)
        return WS_BAD_ARGUMENT;
    if (value[WS_CR4] & WS_CR4_PGE && ws__lab_has_cr4(world->lab, WS_CR4_PGE, world))
        return WS_OVERLAP;
    return ws__world_begin_with(world, registers);
}
