/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hosted system as the library carries it. */
#include <worldswitch/hosted.h>

#include <string.h>

#include "image/elf_file.h"
#include "image/symbols.h"
#include "worlds/images.h"

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

/* What an image has at a linear address, as far as one segment of its file reaches; NULL: nothing. */
static const unsigned char *image_at(Elf *elf, const unsigned char *image, size_t size, uint32_t linear, size_t *bytes)
{
    size_t count = 0;
    if (elf_getphdrnum(elf, &count) != 0)
        return NULL;
    const unsigned char *rows = (const unsigned char *)elf32_getphdr(elf);
    for (size_t i = 0; rows && i < count; i++) {
        Elf32_Phdr row;
        memcpy(&row, rows + i * sizeof row, sizeof row);
        if (row.p_type != PT_LOAD || linear < row.p_vaddr || linear - row.p_vaddr >= row.p_filesz)
            continue;
        if (row.p_offset > size || row.p_filesz > size - row.p_offset)
            return NULL;
        *bytes = row.p_filesz - (linear - row.p_vaddr);
        return image + row.p_offset + (linear - row.p_vaddr);
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
        status =
            name.failed ? WS_NO_MEMORY : ws_symbols_add(to, ws_buffer_text(&name), symbol[i].linear, symbol[i].bytes);
        ws_buffer_release(&name);
    }
    return status;
}

/* The VMM is in its own world what the host's kernel is in the other; no linear address has code of both. */
static enum ws_status vmm_symbols_add(struct ws_symbols *symbols, const unsigned char *file, size_t bytes)
{
    struct ws_symbols *own;
    enum ws_status status = ws_symbols_new(&own);
    if (status != WS_OK)
        return status;
    status = ws_symbols_read(own, file, bytes);
    if (status == WS_OK)
        status = symbols_add(symbols, own, "vmm.");
    ws_symbols_free(own);
    return status;
}

bool ws_hosted_is(const struct ws_symbols *symbols)
{
    static const char *const landmark[] = {"vmx_ioctl", "world_call", "initial_disk", "cross"};
    uint32_t linear;
    for (size_t i = 0; i < sizeof landmark / sizeof landmark[0]; i++)
        if (!symbols || ws_symbols_find(symbols, landmark[i], &linear) != WS_OK)
            return false;
    return true;
}

enum ws_status ws_hosted_symbols(struct ws_symbols *symbols, const void *image, size_t bytes)
{
    struct ws__elf_file file;
    uint32_t linear;
    size_t size = 0;
    if (!ws_hosted_is(symbols) || ws_symbols_find(symbols, "vmm.trap", &linear) == WS_OK)
        return WS_OK;
    (void)ws_symbols_find(symbols, "initial_disk", &linear);
    enum ws_status status = ws__elf_file_open(&file, image, bytes);
    if (status != WS_OK)
        return status == WS_NO_MEMORY ? status : WS_OK;
    const unsigned char *found = image_at(file.elf, image, bytes, linear, &size);
    if (found)
        found = ws_hosted_disk_file(found, size, "vmm.elf", &size);
    if (found)
        status = vmm_symbols_add(symbols, found, size);
    status = ws__elf_file_close(&file, status);
    return status == WS_NO_MEMORY ? status : WS_OK;
}

enum ws_status ws_hosted_boot(struct ws_machine *machine, struct ws_symbols *symbols)
{
    size_t bytes;
    const void *image = ws_hosted_image(&bytes);
    enum ws_status status = ws_image_load(machine, image, bytes, "hosted.elf", symbols, NULL);
    return status == WS_OK && symbols ? ws_hosted_symbols(symbols, image, bytes) : status;
}
