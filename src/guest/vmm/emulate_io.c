/* SPDX-License-Identifier: GPL-2.0-or-later */
/* in, out, ins, outs.  The VMM's TSS permits no port, so each of them traps. */
#include "vmm.h"

enum { OUT = 2 };

static unsigned width(const struct instruction *in)
{
    return in->opcode & 1 ? operand_bytes(in) : 1;
}

/* 0xe4 to 0xe7 have the port in a byte, the others in DX. */
static uint16_t port_of(const struct instruction *in)
{
    return (uint16_t)(in->opcode < 0xe8 && in->opcode > 0xe3 ? in->immediate & 0xff : vcpu.frame->edx);
}

bool ports_permitted(const struct instruction *in)
{
    uint16_t port = port_of(in), map, bits;

    if (vcpu.task.limit < WS_TSS_BYTES - 1 || !linear_read(vcpu.task.base + WS_TSS_IO_MAP, &map, sizeof map) ||
        map + port / 8 + 1u > vcpu.task.limit || !linear_read(vcpu.task.base + map + port / 8, &bits, sizeof bits))
        return false;
    return !(bits >> port % 8 & ((1u << width(in)) - 1));
}

static uint32_t mask(unsigned bytes)
{
    return bytes == 4 ? 0xffffffff : (1u << 8 * bytes) - 1;
}

/* in, out: the latter's opcodes have OUT. */
bool emulate_port(const struct instruction *in)
{
    uint32_t *eax = &vcpu.frame->eax, moved = mask(width(in));

    if (in->opcode & OUT)
        port_out(port_of(in), *eax & moved, width(in));
    else
        *eax = (*eax & ~moved) | (port_in(port_of(in), width(in)) & moved);
    return true;
}

/* One element; `index` is the register that moves.  false: a fault, and nothing has happened. */
typedef bool element(const struct instruction *in, uint32_t index);

static bool in_element(const struct instruction *in, uint32_t index)
{
    uint32_t value = 0;

    /* A port gives its value once: try the memory first. */
    if (!segment_write(SEGMENT_ES, index, NULL, width(in)))
        return false;
    value = port_in(port_of(in), width(in));
    return segment_write(SEGMENT_ES, index, &value, width(in));
}

static bool out_element(const struct instruction *in, uint32_t index)
{
    enum segment from = in->segment == SEGMENT_NONE ? SEGMENT_DS : (enum segment)in->segment;
    uint32_t value = 0;

    if (!segment_read(from, index, &value, width(in)))
        return false;
    port_out(port_of(in), value, width(in));
    return true;
}

/* Some elements, then the VM's instruction again, as a CPU does it when interrupts come between: no
 * repetition, however long, keeps the host waiting. */
static bool repeat(const struct instruction *in, uint32_t *index, element *one)
{
    enum { AT_ONCE = 256 };
    uint32_t step = vcpu.frame->eflags & FLAG_DF ? -width(in) : width(in);

    if (in->address_16)
        vm_stop("16-bit addressing at %x: the VMM does not emulate it", vcpu.frame->eip - in->length);
    for (unsigned done = 0; !in->repeat || vcpu.frame->ecx; done++) {
        if (done == AT_ONCE) {
            vcpu.frame->eip -= in->length;
            return true;
        }
        if (!one(in, *index))
            return false;
        *index += step;
        if (!in->repeat)
            return true;
        vcpu.frame->ecx--;
    }
    return true;
}

bool emulate_port_string(const struct instruction *in)
{
    return in->opcode & OUT ? repeat(in, &vcpu.frame->esi, out_element) : repeat(in, &vcpu.frame->edi, in_element);
}
