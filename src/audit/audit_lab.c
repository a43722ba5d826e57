/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a laboratory can tell the audit about itself.
 */
#include <worldswitch/audit.h>
#include <worldswitch/lab.h>

static enum ws_status stack_tell(struct ws_audit *audit, const struct ws_process *process)
{
    return ws_audit_stack(audit, ws_process_name(process), ws_process_cr3(process), ws_process_kernel_stack(process));
}

enum ws_status ws_audit_lab(struct ws_audit *audit, const struct ws_lab *lab)
{
    const struct ws_world *world;
    enum ws_status status = WS_OK;
    ws_audit_cross_page(audit, WS_CROSS_LINEAR, WS_CROSS_BYTES);
    ws_audit_loader(audit, ws_world_name(ws_lab_world(lab, 0)));
    for (unsigned i = 1; status == WS_OK && (world = ws_lab_world(lab, i)); i++) {
        struct ws_registers registers;
        ws_world_registers(world, &registers);
        status = ws_audit_expect(audit, ws_world_name(world), &registers);
        for (unsigned at = 0; status == WS_OK && ws_world_process(world, at); at++)
            status = stack_tell(audit, ws_world_process(world, at));
    }
    return status;
}
