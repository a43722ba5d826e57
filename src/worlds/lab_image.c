/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A laboratory as a multiboot image, and from there into its machine: both ways the same bytes. */
#include "worlds/lab.h"

enum ws_status ws_lab_write_image(struct ws_lab *lab, struct ws_world *first, struct ws_buffer *out)
{
    struct ws_image_segment memory = {
        .phys = WS__FIRST_PAGE,
        .bytes = lab->next_page - WS__FIRST_PAGE,
        .content = lab->ram + WS__FIRST_PAGE,
    };
    enum ws_status status;
    uint32_t entry;

    if (!first || first->lab != lab || !first->index || lab->broken)
        return WS_BAD_ARGUMENT;
    status = ws__boot_world_aim(lab, first, &entry);
    if (status != WS_OK)
        return status;
    return ws_image_write(out, &memory, 1, entry, lab->symbols);
}

enum ws_status ws_lab_load(struct ws_lab *lab, struct ws_world *first)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    enum ws_status status;

    if (lab->loaded)
        return WS_BAD_ARGUMENT;
    status = ws_lab_write_image(lab, first, &image);
    if (status == WS_OK)
        status = ws_image_load(lab->machine, image.data, image.size, "", NULL, NULL);
    lab->loaded = status == WS_OK;
    lab->first = first;
    ws_buffer_release(&image);
    return status;
}
