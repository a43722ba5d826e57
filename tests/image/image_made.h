/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small image for tests to damage: two segments, symbols, and where its fields are.
 */
#ifndef TESTS_MACHINE_IMAGE_MADE_H
#define TESTS_MACHINE_IMAGE_MADE_H

#include <worldswitch/image.h>

enum {
    MADE_ENTRY = 0x10000c,
    MADE_TEXT = 0x100000, /* a segment of MADE_TEXT_BYTES */
    MADE_TEXT_BYTES = 64,
    MADE_DATA = 0x200000, /* MADE_DATA_CONTENT bytes that are not zero, in MADE_DATA_BYTES */
    MADE_DATA_BYTES = 0x3000,
    MADE_DATA_CONTENT = 5,
    /* offsets in the file */
    MADE_CLASS = 4,
    MADE_ORDER = 5,
    MADE_TYPE = 16,
    MADE_MACHINE = 18,
    MADE_ENTRY_FIELD = 24,
    MADE_PHOFF = 28,
    MADE_SHOFF = 32,
    MADE_PHENTSIZE = 42,
    MADE_PHNUM = 44,
    MADE_SHNUM = 48,
    MADE_PHDR = 52, /* the first program header; fields relative to it: */
    MADE_PHDR_BYTES = 32,
    P_TYPE = 0,
    P_OFFSET = 4,
    P_VADDR = 8,
    P_PADDR = 12,
    P_FILESZ = 16,
    P_MEMSZ = 20,
    P_FLAGS = 24,
    MADE_HEADER = MADE_PHDR + 2 * MADE_PHDR_BYTES /* the multiboot header */
};

/* The caller releases it. */
static inline enum ws_status image_make(struct ws_buffer *out)
{
    static const uint8_t text[MADE_TEXT_BYTES] = {[12] = 0xb0,
                                                  0x21,
                                                  0xe6,
                                                  0xf4,
                                                  0xf4, /* mov $0x21, %al; out %al, $0xf4; hlt */
                                                  [MADE_TEXT_BYTES - 1] = 0x90};
    static const uint8_t data[MADE_DATA_BYTES] = "hello";
    const struct ws_image_segment segment[] = {{MADE_TEXT, sizeof text, text}, {MADE_DATA, sizeof data, data}};
    struct ws_symbols *symbols;
    enum ws_status status = ws_symbols_new(&symbols);
    if (status == WS_OK)
        status = ws_symbols_add(symbols, "start", MADE_ENTRY, 4);
    if (status == WS_OK)
        status = ws_symbols_add(symbols, "stop", MADE_ENTRY + 4, 0);
    if (status == WS_OK)
        status = ws_symbols_add(symbols, "far_away", 0xc0000000, 0);
    if (status == WS_OK)
        status = ws_image_write(out, segment, 2, MADE_ENTRY, symbols);
    ws_symbols_free(symbols);
    return status;
}

#endif
