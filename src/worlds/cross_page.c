/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cross page's bytes and the table of its 45 steps, both as the assembler made them from
 * cross.S. */
#include <assert.h>
#include <string.h>

#include <worldswitch/cross.h>

#include "worlds/images.h"
#include "worlds/layout.h"

#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field)

AT(struct ws_cross_context, esp, WS_CONTEXT_ESP);
AT(struct ws_cross_context, ss, WS_CONTEXT_SS);
AT(struct ws_cross_context, ldtr, WS_CONTEXT_LDTR);
AT(struct ws_cross_context, cr0, WS_CONTEXT_CR0);
AT(struct ws_cross_context, cr2, WS_CONTEXT_CR2);
AT(struct ws_cross_context, cr3, WS_CONTEXT_CR3);
AT(struct ws_cross_context, cr4, WS_CONTEXT_CR4);
AT(struct ws_cross_context, tr, WS_CONTEXT_TR);
AT(struct ws_cross_context, gdtr, WS_CONTEXT_GDTR);
AT(struct ws_cross_context, idtr, WS_CONTEXT_IDTR);
AT(struct ws_cross_context, tss_descriptor, WS_CONTEXT_TSS_DESCRIPTOR);
AT(struct ws_cross_frame, from, WS_CROSS_FRAME_FROM);
AT(struct ws_cross_frame, to, WS_CROSS_FRAME_TO);
AT(struct ws_resident, cross_entry, WS_RESIDENT_CROSS);
AT(struct ws_resident, tss, WS_RESIDENT_TSS);
AT(struct ws_process_block, esp, WS_PROCESS_ESP);
AT(struct ws_process_block, esp0, WS_PROCESS_ESP0);
AT(struct ws_process_block, cr3, WS_PROCESS_CR3);
AT(struct ws_trap_frame, edi, WS_FRAME_SELECTORS);
AT(struct ws_trap_frame, vector, WS_FRAME_VECTOR);
AT(struct ws_trap_frame, eip, WS_FRAME_VECTOR + WS_FRAME_AFTER);
_Static_assert(sizeof(struct ws_cross_context) == WS_CROSS_CONTEXT_BYTES, "size of a context");
_Static_assert(WS_CROSS_CONTEXTS_OFFSET + WS_CROSS_CONTEXTS * WS_CROSS_CONTEXT_BYTES <= WS_CROSS_MAILBOX_OFFSET,
               "the contexts end before the mailbox");
_Static_assert(WS_CROSS_MAILBOX_OFFSET + sizeof(struct ws_cross_mailbox) <= WS_CROSS_BYTES,
               "the mailbox is inside the page");

/* The image is the page and then the table; texts are linear addresses that go on behind the
 * page. */
static const void *image_at(uint32_t linear)
{
    assert(linear - WS_CROSS_LINEAR < (size_t)(ws__image_cross_end - ws__image_cross_begin));
    return ws__image_cross_begin + (linear - WS_CROSS_LINEAR);
}

static const struct ws_cross_record *records(void)
{
    return image_at(WS_CROSS_LINEAR + WS_CROSS_BYTES);
}

const uint8_t *ws_cross_page(void)
{
    return ws__image_cross_begin;
}

size_t ws_cross_step_count(void)
{
    size_t count = 0;

    while (records()[count].number)
        count++;
    return count;
}

bool ws_cross_step_get(unsigned number, struct ws_cross_step *out)
{
    const struct ws_cross_record *record = records();

    for (; record->number; record++) {
        if (record->number != number)
            continue;
        *out = (struct ws_cross_step){
            .linear = record->linear,
            .number = (uint8_t)record->number,
            .size = (uint8_t)(record[1].linear - record->linear),
            .phase = (uint8_t)record->phase,
            .why = image_at(record->why),
            .without = image_at(record->without),
        };
        return true;
    }
    return false;
}

bool ws_cross_is_built_in(const uint8_t *code)
{
    const struct ws_cross_record *record = records();
    unsigned same = 0;

    for (; record->number; record++) {
        uint32_t offset = record->linear - WS_CROSS_LINEAR;

        same += memcmp(code + offset, ws_cross_page() + offset, record[1].linear - record->linear) == 0;
    }
    return same > WS_CROSS_INSTRUCTIONS / 2;
}

bool ws_cross_step_at_linear(uint32_t linear, struct ws_cross_step *out)
{
    const struct ws_cross_record *record = records();

    for (; record->number; record++)
        if (linear >= record->linear && linear < record[1].linear)
            return ws_cross_step_get(record->number, out);
    return false;
}

const char *ws_cross_phase_text(enum ws_cross_phase phase)
{
    static const char *const text[] = {
#define PHASE_TEXT(number, name, text) [number] = text,
        WS_CROSS_PHASE_TABLE(PHASE_TEXT)
#undef PHASE_TEXT
    };

    assert(phase < WS_PHASE_COUNT);
    return text[phase];
}

uint32_t ws_cross_context_linear(unsigned index)
{
    assert(index < WS_CROSS_CONTEXTS);
    return WS_CROSS_LINEAR + WS_CROSS_CONTEXTS_OFFSET + index * WS_CROSS_CONTEXT_BYTES;
}
