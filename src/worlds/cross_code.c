/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch of a laboratory: its code, and the format in which it keeps a world that does not run.  The built-in one
 * is described by the same table as one of a user's own.
 */
#include <stdlib.h>
#include <string.h>

#include <worldswitch/registers.h>

#include "worlds/images.h"
#include "worlds/lab.h"

/* What context.h says of a register's number is what registers.h says. */
#define SAME(name) _Static_assert((unsigned)WS_SLOT_##name == (unsigned)WS_##name, #name)
SAME(EAX);
SAME(ECX);
SAME(EDX);
SAME(EBX);
SAME(ESP);
SAME(EBP);
SAME(ESI);
SAME(EDI);
SAME(EIP);
SAME(EFLAGS);
SAME(CS);
SAME(SS);
SAME(DS);
SAME(ES);
SAME(FS);
SAME(GS);
SAME(GDTR_BASE);
SAME(GDTR_LIMIT);
SAME(IDTR_BASE);
SAME(IDTR_LIMIT);
SAME(LDTR);
SAME(TR);
SAME(CR0);
SAME(CR2);
SAME(CR3);
SAME(CR4);

/* -- the built-in format ----------------------------------------------------------------------- */

#define CONTEXT(name, at, size)                                    \
    {                                                              \
        WS_SLOT_##name, WS_SLOT_IN_CONTEXT, WS_CONTEXT_##at, size, \
        {                                                          \
            0                                                      \
        }                                                          \
    }
#define STACK(name, field)                                                           \
    {                                                                                \
        WS_SLOT_##name, WS_SLOT_ON_STACK, offsetof(struct ws_cross_frame, field), 4, \
        {                                                                            \
            0                                                                        \
        }                                                                            \
    }

static const struct ws_cross_slot built_in_slot[] = {
    CONTEXT(FRAME, ESP, 4),
    CONTEXT(SS, SS, 2),
    CONTEXT(LDTR, LDTR, 2),
    CONTEXT(CR0, CR0, 4),
    CONTEXT(CR2, CR2, 4),
    CONTEXT(CR3, CR3, 4),
    CONTEXT(CR4, CR4, 4),
    CONTEXT(TR, TR, 2),
    CONTEXT(GDTR_LIMIT, GDTR, 2),
    CONTEXT(GDTR_BASE, GDTR + 2, 4),
    CONTEXT(IDTR_LIMIT, IDTR, 2),
    CONTEXT(IDTR_BASE, IDTR + 2, 4),
    CONTEXT(TSS_DESCRIPTOR, TSS_DESCRIPTOR, 4),
    STACK(GS, gs),
    STACK(FS, fs),
    STACK(ES, es),
    STACK(DS, ds),
    STACK(EDI, edi),
    STACK(ESI, esi),
    STACK(EBP, ebp),
    STACK(FRAME, pushed_esp), /* popal throws it away */
    STACK(EBX, ebx),
    STACK(EDX, edx),
    STACK(ECX, ecx),
    STACK(EAX, eax),
    STACK(EFLAGS, eflags),
    STACK(EIP, eip),
    STACK(CS, cs),
};

const struct ws_cross_code *ws_cross_built_in(void)
{
    static const struct ws_cross_code built_in = {
        .code = ws__image_cross_begin,
        .bytes = WS_CROSS_CONTEXTS_OFFSET,
        .contexts_offset = WS_CROSS_CONTEXTS_OFFSET,
        .context_bytes = WS_CROSS_CONTEXT_BYTES,
        .wipe_bytes = WS_CONTEXT_TSS_DESCRIPTOR,
        .frame_bytes = offsetof(struct ws_cross_frame, from),
        .slot = built_in_slot,
        .slots = sizeof built_in_slot / sizeof *built_in_slot,
    };

    return &built_in;
}

/* -- a file ------------------------------------------------------------------------------------ */

/* How WS_FORMAT in context.h begins a file; rows follow. */
struct header {
    char magic[4];
    uint32_t entry, contexts_offset, context_bytes, wipe_offset, wipe_bytes, frame_bytes, slots;
};

enum { FORMAT_BYTES = 4096 }; /* in front of the code */

enum ws_status ws_cross_code_read(struct ws_cross_code *out, const void *image, size_t bytes)
{
    struct header header;

    if (bytes <= FORMAT_BYTES || bytes > FORMAT_BYTES + WS_CROSS_BYTES)
        return WS_BAD_IMAGE;
    memcpy(&header, image, sizeof header);
    if (memcmp(header.magic, "WSX1", sizeof header.magic) != 0 ||
        header.slots > (FORMAT_BYTES - sizeof header) / sizeof(struct ws_cross_slot))
        return WS_BAD_IMAGE;
    *out = (struct ws_cross_code){
        .code = (const uint8_t *)image + FORMAT_BYTES,
        .bytes = (uint32_t)(bytes - FORMAT_BYTES),
        .entry = header.entry,
        .contexts_offset = header.contexts_offset,
        .context_bytes = header.context_bytes,
        .wipe_offset = header.wipe_offset,
        .wipe_bytes = header.wipe_bytes,
        .frame_bytes = header.frame_bytes,
        .slot = (const void *)((const uint8_t *)image + sizeof header),
        .slots = header.slots,
    };
    return WS_OK;
}

/* -- filling ----------------------------------------------------------------------------------- */

static uint32_t slot_value(unsigned what, const struct ws_registers *registers, uint32_t frame)
{
    if (what == WS_SLOT_FRAME)
        return frame;
    if (what == WS_SLOT_TSS_DESCRIPTOR)
        return registers->value[WS_GDTR_BASE] + registers->value[WS_TR];
    return registers->value[what];
}

void ws__slots_fill(const struct ws_cross_code *code, unsigned place, const struct ws_registers *registers,
                    uint32_t frame, uint8_t *memory)
{
    uint32_t i;

    for (i = 0; i < code->slots; i++) {
        const struct ws_cross_slot *slot = &code->slot[i];
        uint32_t value = slot_value(slot->what, registers, frame);

        if (slot->place == place)
            memcpy(memory + slot->offset, &value, slot->bytes);
    }
}

/* -- taking a switch --------------------------------------------------------------------------- */

/* How many contexts have room where they begin: before the mailbox, or behind it. */
static unsigned places_of(const struct ws_cross_code *code)
{
    bool before = code->contexts_offset < WS_CROSS_MAILBOX_OFFSET;
    uint32_t end = before ? WS_CROSS_MAILBOX_OFFSET : WS_CROSS_RESERVED_OFFSET;
    uint32_t places = (end - code->contexts_offset) / code->context_bytes;

    return places < WS_CROSS_CONTEXTS ? places : WS_CROSS_CONTEXTS;
}

void ws__cross_take(struct ws_lab *lab, const struct ws_cross_code *code)
{
    uint8_t *page = lab->ram + lab->cross_phys;
    uint32_t guarded =
        code->contexts_offset < WS_CROSS_MAILBOX_OFFSET ? code->contexts_offset : WS_CROSS_MAILBOX_OFFSET;

    memset(page, 0, WS_CROSS_BYTES);
    memset(page, 0xcc, guarded); /* int3, up to where the CPU should never be */
    memcpy(page, code->code, code->bytes);
    lab->cross = *code;
    lab->places = places_of(code);
}

bool ws__slot_is_sound(const struct ws_cross_slot *slot, uint32_t context_room, uint32_t frame_room)
{
    uint32_t room = slot->place == WS_SLOT_IN_CONTEXT ? context_room : frame_room;
    bool what = slot->what <= WS_CR4 || slot->what == WS_SLOT_FRAME || slot->what == WS_SLOT_TSS_DESCRIPTOR;

    return what && slot->place <= WS_SLOT_ON_STACK && (slot->bytes == 2 || slot->bytes == 4) &&
           slot->offset + (uint32_t)slot->bytes <= room;
}

static bool slots_are_sound(const struct ws_cross_code *code)
{
    uint32_t i;

    for (i = 0; code->slot && i < code->slots; i++)
        if (!ws__slot_is_sound(&code->slot[i], code->context_bytes, code->frame_bytes))
            return false;
    return code->slot && code->slots && code->slots <= WS__SLOTS_MAX;
}

static bool places_are_sound(const struct ws_cross_code *code)
{
    uint32_t behind_mailbox = WS_CROSS_MAILBOX_OFFSET + (uint32_t)sizeof(struct ws_cross_mailbox);
    uint32_t contexts = code->contexts_offset;
    bool before = contexts < WS_CROSS_MAILBOX_OFFSET;

    return code->bytes && code->entry < code->bytes && code->bytes <= (before ? contexts : WS_CROSS_MAILBOX_OFFSET) &&
           (before || (contexts >= behind_mailbox && contexts < WS_CROSS_RESERVED_OFFSET)) && code->context_bytes &&
           (contexts | code->context_bytes | code->wipe_offset | code->wipe_bytes | code->frame_bytes) % 4 == 0 &&
           code->context_bytes <= WS__CONTEXT_BYTES && code->frame_bytes <= WS__FRAME_BYTES &&
           code->wipe_offset <= code->context_bytes && code->wipe_bytes <= code->context_bytes - code->wipe_offset;
}

enum ws_status ws_lab_set_cross(struct ws_lab *lab, const struct ws_cross_code *code)
{
    struct ws_cross_slot *slot;

    if (!ws__lab_is_open(lab) || lab->worlds > 1 || !code->code || !places_are_sound(code) || !slots_are_sound(code))
        return WS_BAD_ARGUMENT;
    if (places_of(code) < WS__LEAST_PLACES)
        return WS_NO_ROOM;
    slot = malloc(code->slots * sizeof *slot);
    if (!slot)
        return WS_NO_MEMORY;
    memcpy(slot, code->slot, code->slots * sizeof *slot);
    free(lab->slot);
    lab->slot = slot;
    ws__cross_take(lab, code);
    lab->cross.slot = slot;
    lab->cross.code = NULL; /* the caller's */
    return WS_OK;
}

const struct ws_cross_code *ws_lab_cross(const struct ws_lab *lab)
{
    return &lab->cross;
}
