/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory accesses that a CPU makes by itself: to descriptor tables, the TSS, a handler's stack.
 *
 * They are translated like those of instructions, and set accessed and dirty bits.  They have supervisor rights, except
 * for pushes to a stack of ring 3.  SDM 3A §4.6 "Access Rights" (implicit supervisor-mode accesses).
 */
#include <string.h>

#include "cpu/cpu.h"

/* How many bytes of [linear, linear + bytes) lie in the first page. */
static uint32_t within_page(uint32_t linear, uint32_t bytes)
{
    uint32_t here = WS_PAGE_BYTES - linear % WS_PAGE_BYTES;
    return here < bytes ? here : bytes;
}

static bool translate(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, enum ws_access access,
                      bool user, struct ws_translation *walk, uint32_t *error_code)
{
    if (ws__cpu_walk(cpu, walk, registers, linear, access, user))
        return true;
    ws__kept_fault(cpu, walk);
    *error_code = walk->error_code;
    cpu->page_fault = *walk;
    cpu->state.cr2 = linear;
    ws__engine_set(cpu->engine, WS_CR2, linear);
    return false;
}

/* Outside RAM there is no memory, and reads give all ones: an open bus. */
static void phys_read(const struct ws__cpu *cpu, uint32_t phys, uint8_t *out, uint32_t bytes)
{
    if (phys < cpu->ram_bytes)
        memcpy(out, cpu->ram + phys, bytes);
    else
        memset(out, 0xff, bytes);
}

bool ws__cpu_read(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, void *out, uint32_t bytes,
                  uint32_t *error_code)
{
    uint8_t *to = out;
    while (bytes) {
        struct ws_translation walk;
        uint32_t here = within_page(linear, bytes);
        if (!translate(cpu, registers, linear, WS_ACCESS_READ, false, &walk, error_code))
            return false;
        ws__cpu_walk_use(cpu, &walk, WS_ACCESS_READ);
        phys_read(cpu, walk.phys, to, here);
        linear += here;
        to += here;
        bytes -= here;
    }
    return true;
}

bool ws__cpu_probe(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, uint32_t bytes,
                   enum ws_access access, bool user, uint32_t *error_code)
{
    while (bytes) {
        struct ws_translation walk;
        uint32_t here = within_page(linear, bytes);
        if (!translate(cpu, registers, linear, access, user, &walk, error_code))
            return false;
        linear += here;
        bytes -= here;
    }
    return true;
}

bool ws__cpu_write(struct ws__cpu *cpu, const struct ws_registers *registers, uint32_t linear, const void *in,
                   uint32_t bytes, bool user, uint32_t *error_code)
{
    const uint8_t *from = in;
    if (!ws__cpu_probe(cpu, registers, linear, bytes, WS_ACCESS_WRITE, user, error_code))
        return false;
    while (bytes) {
        struct ws_translation walk;
        uint32_t here = within_page(linear, bytes);
        if (!translate(cpu, registers, linear, WS_ACCESS_WRITE, user, &walk, error_code))
            return false;
        ws__cpu_walk_use(cpu, &walk, WS_ACCESS_WRITE);
        if (walk.phys < cpu->ram_bytes) {
            memcpy(cpu->ram + walk.phys, from, here);
            ws__frames_written(cpu, walk.phys, here);
        }
        linear += here;
        from += here;
        bytes -= here;
    }
    return true;
}
