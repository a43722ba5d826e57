/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register table, and functions that look into it.
 */
#include <worldswitch/registers.h>

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static const struct ws_register_info register_info[WS_REGISTER_COUNT] = {
#define WS_REGISTER_ROW(name, text, bits, category) [WS_##name] = {text, bits, WS_CATEGORY_##category},
    WS_REGISTER_TABLE(WS_REGISTER_ROW)
#undef WS_REGISTER_ROW
};

static const char *const category_name[WS_CATEGORY_COUNT] = {
#define WS_CATEGORY_ROW(name, text) [WS_CATEGORY_##name] = text,
    WS_CATEGORY_TABLE(WS_CATEGORY_ROW)
#undef WS_CATEGORY_ROW
};

const struct ws_register_info *ws_register_info(enum ws_register which)
{
    assert((unsigned)which < WS_REGISTER_COUNT);
    return &register_info[which];
}

enum ws_register ws_register_find(const char *name)
{
    unsigned which = 0;
    while (which < WS_REGISTER_COUNT && strcmp(register_info[which].name, name) != 0)
        which++;
    return (enum ws_register)which;
}

const char *ws_category_name(enum ws_category category)
{
    if ((unsigned)category >= WS_CATEGORY_COUNT)
        return "none";
    return category_name[category];
}

uint32_t ws_registers_compare(const struct ws_registers *a, const struct ws_registers *b)
{
    uint32_t categories = 0;
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++) {
        const struct ws_register_info *info = &register_info[which];
        uint32_t mask = info->bits == 16 ? 0xffff : UINT32_MAX;
        bool differs = (a->value[which] ^ b->value[which]) & mask;
        if (differs && info->category != WS_CATEGORY_NONE)
            categories |= 1u << info->category;
    }
    return categories;
}
