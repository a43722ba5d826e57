/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slots' names, and which of them there are. */
#include "view/slots.h"

#include <assert.h>

static const struct ws__slot slot_table[WS__SLOTS] = {
    [WS__SLOT_ERROR_CODE] = {"error code", "what the exception says of its cause"},
    [WS__SLOT_EIP] = {"eip", "where the interrupted code goes on"},
    [WS__SLOT_CS] = {"cs", "its code segment, and with it its ring"},
    [WS__SLOT_EFLAGS] = {"eflags", "its flags"},
    [WS__SLOT_ESP] = {"esp", "its stack: the ring changed"},
    [WS__SLOT_SS] = {"ss", "and that stack's segment"},
};

const struct ws__slot *ws__slot(unsigned slot)
{
    assert(slot < WS__SLOTS);
    return &slot_table[slot];
}

unsigned ws__slot_first(bool has_error_code)
{
    return has_error_code ? WS__SLOT_ERROR_CODE : WS__SLOT_EIP;
}

unsigned ws__slot_end(bool inward)
{
    return inward ? WS__SLOTS : WS__SLOT_ESP;
}
