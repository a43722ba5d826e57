/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hosted system as the library carries it. */
#include <worldswitch/hosted.h>

#include <string.h>

#include "guest/images.h"
#include "machine/symbols.h"

/* The guest's file system, as src/guest/host/disk.h says: a directory in sector 1. */
enum { SECTOR_BYTES = 512, DIRECTORY = 1, FILES = 16 };

struct entry {
    char name[16];
    uint32_t first;
    uint32_t sectors;
    uint32_t bytes;
    uint32_t unused;
};

const void *ws_hosted_image(size_t *bytes)
{
    *bytes = (size_t)(ws__image_hosted_end - ws__image_hosted_begin);
    return ws__image_hosted_begin;
}

const void *ws_hosted_disk(size_t *bytes)
{
    *bytes = (size_t)(ws__image_disk_end - ws__image_disk_begin);
    return ws__image_disk_begin;
}

/* A file on the initial disk; NULL: there is none. */
static const unsigned char *file_find(const char *name, size_t *bytes)
{
    struct entry entry;
    for (unsigned i = 0; i < FILES; i++) {
        memcpy(&entry, ws__image_disk_begin + DIRECTORY * SECTOR_BYTES + i * sizeof entry, sizeof entry);
        if (strncmp(entry.name, name, sizeof entry.name) != 0)
            continue;
        *bytes = entry.bytes;
        return ws__image_disk_begin + entry.first * SECTOR_BYTES;
    }
    return NULL;
}

static enum ws_status symbols_add(struct ws_symbols *to, const struct ws_symbols *from, const char *prefix)
{
    enum ws_status status = WS_OK;
    size_t count;
    const struct ws__symbol *symbol = ws__symbols_list(from, &count);
    for (size_t i = 0; i < count && status == WS_OK; i++) {
        struct ws_buffer name = WS_BUFFER_INIT;
        ws_buffer_printf(&name, "%s%s", prefix, symbol[i].name);
        status = name.failed ? WS_NO_MEMORY
                             : ws_symbols_add(to, ws_buffer_text(&name), symbol[i].linear, symbol[i].bytes);
        ws_buffer_release(&name);
    }
    return status;
}

/* The VMM is in its own world what the host's kernel is in the other; no linear address has code of both. */
static enum ws_status vmm_symbols_add(struct ws_symbols *symbols)
{
    struct ws_symbols *own;
    size_t bytes;
    const unsigned char *file = file_find("vmm.elf", &bytes);
    enum ws_status status = ws_symbols_new(&own);
    if (status != WS_OK)
        return status;
    status = file ? ws_symbols_read(own, file, bytes) : WS_OK;
    if (status == WS_OK)
        status = symbols_add(symbols, own, "vmm.");
    ws_symbols_free(own);
    return status;
}

enum ws_status ws_hosted_boot(struct ws_machine *machine, struct ws_symbols *symbols)
{
    size_t bytes;
    const void *image = ws_hosted_image(&bytes);
    enum ws_status status = ws_image_load(machine, image, bytes, "hosted.elf", symbols, NULL);
    return status == WS_OK && symbols ? vmm_symbols_add(symbols) : status;
}
