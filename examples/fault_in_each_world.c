/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Catch the same page fault in two worlds.
 *
 * Both worlds run the same few bytes, which read from an address that neither maps.  The CPU finds the handler through
 * IDTR, so each world's own handler catches it, and says so on the serial port.
 */
#include <stdio.h>
#include <worldswitch/worldswitch.h>

/* mov 0x00123000, %eax; 1: sti; hlt; jmp 1b */
static const uint8_t code[] = {0xa1, 0x00, 0x30, 0x12, 0x00, 0xfb, 0xf4, 0xeb, 0xfc};
enum { AFTER_FAULT = 5, RUN = 20000 };

static enum ws_status world_make(struct ws_lab *lab, const char *name, struct ws_world **out)
{
    struct ws_world_options options = {.name = name};
    struct ws_registers registers;
    enum ws_status status = ws_world_new(lab, &options, out);
    if (status != WS_OK)
        return status;
    uint32_t linear = ws_world_kernel_linear(*out) + 0x200000; /* nothing is there yet */
    if ((status = ws_world_map(*out, linear, WS_PAGE_BYTES, WS_MAP_WRITE)) ||
        (status = ws_world_load(*out, linear, code, sizeof(code))))
        return status;
    ws_world_registers(*out, &registers);
    registers.value[WS_EIP] = linear; /* instead of its kernel's own start */
    return ws_world_set_registers(*out, &registers);
}

static enum ws_status run(struct ws_world *world, struct ws_lab *lab)
{
    enum ws_status status = ws_world_set_resume(world, ws_world_kernel_linear(world) + 0x200000 + AFTER_FAULT);
    ws_machine_run(ws_lab_machine(lab), RUN);
    return status;
}

int main(void)
{
    struct ws_lab *lab = NULL;
    struct ws_world *one, *two;
    enum ws_status status = ws_lab_new(&lab, NULL);
    if (status == WS_OK)
        status = world_make(lab, "one", &one);
    if (status == WS_OK)
        status = world_make(lab, "two", &two);
    if (status == WS_OK)
        status = ws_lab_enter(lab, one);
    if (status == WS_OK)
        status = run(one, lab);
    if (status == WS_OK)
        status = ws_world_switch(two);
    if (status == WS_OK)
        status = run(two, lab);
    fputs(status ? ws_status_text(status) : ws_machine_serial(ws_lab_machine(lab), NULL), stdout);
    ws_lab_free(lab);
    return status == WS_OK ? 0 : 1;
}
