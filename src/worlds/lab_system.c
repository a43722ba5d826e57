/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The laboratory system, put together from the public calls of world.h. */
#include <worldswitch/lab.h>

#include "worlds/images.h"
#include "worlds/lab.h"

static enum ws_status add_process(struct ws_world *host, const char *letter)
{
    struct ws_registers registers;
    struct ws_process *process;
    enum ws_status status = ws_process_new(host, letter, &process);

    if (status == WS_OK)
        status =
            ws_process_load_elf(process, ws__image_user_begin, (size_t)(ws__image_user_end - ws__image_user_begin));
    if (status != WS_OK)
        return status;
    ws_process_registers(process, &registers);
    registers.value[WS_EAX] = (uint8_t)*letter; /* user_calls.S takes it for its name */
    return ws_process_set_registers(process, &registers);
}

static enum ws_status build(struct ws_lab *lab)
{
    struct ws_world_options host_options = {
        .name = "host",
        .kernel = ws__image_host_begin,
        .kernel_bytes = (size_t)(ws__image_host_end - ws__image_host_begin),
    };
    struct ws_world_options vmm_options = {
        .name = "vmm",
        .kernel = ws__image_vmm_begin,
        .kernel_bytes = (size_t)(ws__image_vmm_end - ws__image_vmm_begin),
    };
    struct ws_world *host, *vmm;
    enum ws_status status = ws_world_new(lab, &host_options, &host);

    if (status == WS_OK)
        status = ws_world_new(lab, &vmm_options, &vmm);
    if (status == WS_OK)
        status = ws_world_set_peer(host, vmm);
    if (status == WS_OK)
        status = ws_world_set_peer(vmm, host);
    if (status == WS_OK)
        status = add_process(host, "A");
    if (status == WS_OK)
        status = add_process(host, "B");
    return status == WS_OK ? ws_lab_load(lab, host) : status;
}

enum ws_status ws_lab_system_new(struct ws_lab **out, const struct ws_machine_options *options)
{
    struct ws_lab *lab;
    enum ws_status status = ws_lab_new(&lab, options);

    *out = NULL;
    if (status != WS_OK)
        return status;
    status = build(lab);
    if (status == WS_OK)
        *out = lab;
    else
        ws_lab_free(lab);
    return status;
}

struct ws_world *ws_lab_system_first(struct ws_lab *lab)
{
    return ws_lab_world(lab, 1);
}
