/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entering a handler: vector, gate, code segment, stack, frame.
 *
 * Each step is one function, named after what it checks, in the order in which the manual checks it.  A step that fails
 * raises an exception of its own, and the rule for double faults decides which exception is delivered instead.  The
 * guest's registers and the frame are written only after all checks are passed; accessed bits and CR2 may change
 * before.  (A task switch has its own rules: see task_switch.c.)
 *
 * SDM 3A §6.12 "Exception and Interrupt Handling"; SDM 2A "INT n/INTO/INT3/INT1—Call to Interrupt
 * Procedure".
 */
#include <string.h>

#include "cpu/delivery.h"
#include "cpu/fault_chain.h"
#include "cpu/slow_checks.h"
#include "cpu/why.h"
#include "x86/idt.h"
#include "x86/segment.h"

/* -- descriptors ----------------------------------------------------------------------------------- */

bool ws__delivery_fault(struct ws__delivery *d, uint8_t vector, uint32_t error_code, struct ws_reason reason)
{
    *d->fault = (struct ws__raise){
        .raised = true,
        .vector = vector,
        .origin = WS_ORIGIN_EXCEPTION,
        .error_code = error_code,
        .return_eip = d->fault_eip,
        .fault_eip = d->fault_eip,
        .reason = reason,
    };
    return false;
}

bool ws__delivery_page_fault(struct ws__delivery *d, uint32_t error_code)
{
    return ws__delivery_fault(d, WS_VECTOR_PF, error_code, ws__reason_page(&d->cpu->page_fault));
}

bool ws__delivery_read(struct ws__delivery *d, uint32_t linear, void *out, uint32_t bytes)
{
    uint32_t error_code;
    if (ws__cpu_read(d->cpu, &d->registers, linear, out, bytes, &error_code))
        return true;
    return ws__delivery_page_fault(d, error_code);
}

/* The linear address of the descriptor that a selector names, in the GDT or LDT. */
static uint32_t descriptor_linear(const struct ws__delivery *d, uint16_t selector)
{
    struct ws_descriptor ldt = {.base = d->registers.value[WS_GDTR_BASE]};
    if (selector & WS_SELECTOR_TI)
        ws__engine_segment(d->cpu->engine, WS_LDTR, &ldt);
    return ldt.base + (selector & ~7u);
}

static uint32_t table_limit(const struct ws__delivery *d, uint16_t selector)
{
    struct ws_descriptor ldt;
    if (!(selector & WS_SELECTOR_TI))
        return d->registers.value[WS_GDTR_LIMIT];
    ws__engine_segment(d->cpu->engine, WS_LDTR, &ldt);
    return d->registers.value[WS_LDTR] & ~7u ? ldt.limit : 0;
}

bool ws__delivery_descriptor(struct ws__delivery *d, uint16_t selector, uint8_t vector, struct ws_descriptor *out)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    uint32_t limit = table_limit(d, selector);
    if ((selector | 7u) > limit)
        return ws__delivery_fault(d, vector, (selector & ~3u) | d->ext, ws__reason_beyond(selector, limit));
    if (!ws__delivery_read(d, descriptor_linear(d, selector), raw, sizeof raw))
        return false;
    ws_descriptor_decode(out, raw);
    return true;
}

/* The table's page may be read-only: then setting the accessed bit is a page fault.  SDM 3A §3.4.5.1 "Code- and
 * Data-Segment Descriptor Types" */
bool ws__delivery_mark(struct ws__delivery *d, uint16_t selector, const struct ws_descriptor *descriptor)
{
    uint32_t error_code, access_byte = descriptor_linear(d, selector) + 5;
    uint8_t access;
    if (descriptor->type & WS_TYPE_ACCESSED)
        return true;
    if (!ws__delivery_read(d, access_byte, &access, sizeof access))
        return false;
    access |= WS_TYPE_ACCESSED;
    if (ws__cpu_write(d->cpu, &d->registers, access_byte, &access, sizeof access, false, &error_code))
        return true;
    return ws__delivery_page_fault(d, error_code);
}

/* -- the gate ---------------------------------------------------------------------------------- */

/* SDM 3A §6.11 "IDT Descriptors"; §6.12.1.2 "Protection of Exception- and Interrupt-Handler
 * Procedures". */
static bool gate_check(struct ws__delivery *d)
{
    struct ws__idt_entry entry;
    uint32_t vector = d->cause->vector, limit = d->registers.value[WS_IDTR_LIMIT];
    enum ws__idt_state state = ws__idt_find(&d->registers, d->cause->vector, &entry);
    uint32_t error_code = entry.offset | WS_ERROR_IDT | d->ext;
    if (state == WS__IDT_BEYOND)
        return ws__delivery_fault(d, WS_VECTOR_GP, error_code,
                                  limit ? WS__REASON(IDT_LIMIT, vector, entry.offset, limit)
                                        : WS__REASON(IDT_NONE, vector));
    if (!ws__delivery_read(d, entry.linear, entry.raw, sizeof entry.raw))
        return false;
    state = ws__idt_decode(&entry);
    d->gate = entry.gate;
    if (state == WS__IDT_EMPTY)
        return ws__delivery_fault(d, WS_VECTOR_GP, error_code, WS__REASON(GATE_EMPTY, vector, entry.offset));
    if (state == WS__IDT_INVALID)
        return ws__delivery_fault(d, WS_VECTOR_GP, error_code,
                                  WS__REASON(GATE_TYPE, vector, entry.offset, ws__idt_type(&entry)));
    if (d->cause->origin == WS_ORIGIN_SOFTWARE && d->gate.dpl < d->cpl)
        return ws__delivery_fault(d, WS_VECTOR_GP, error_code, WS__REASON(GATE_DPL, vector, d->gate.dpl, d->cpl));
    if (state == WS__IDT_ABSENT)
        return ws__delivery_fault(d, WS_VECTOR_NP, error_code, WS__REASON(GATE_ABSENT, vector, entry.offset));
    return true;
}

/* -- the code segment -------------------------------------------------------------------------- */

/* The handler's segment must be code, and at least as privileged as the interrupted code.  SDM 3A §6.12.1 "Exception-
 * or Interrupt-Handler Procedures" */
static bool code_check(struct ws__delivery *d)
{
    uint16_t selector = d->gate.selector;
    uint32_t error_code = (selector & ~3u) | d->ext, vector = d->cause->vector;
    if ((selector & ~3u) == 0)
        return ws__delivery_fault(d, WS_VECTOR_GP, d->ext, WS__REASON(HANDLER_NULL, vector));
    if (!ws__delivery_descriptor(d, selector, WS_VECTOR_GP, &d->code))
        return false;
    if (d->code.system || !(d->code.type & WS_TYPE_CODE))
        return ws__delivery_fault(d, WS_VECTOR_GP, error_code,
                                  WS__REASON(HANDLER_TYPE, vector, selector, ws__reason_type(&d->code)));
    if (d->code.dpl > d->cpl)
        return ws__delivery_fault(d, WS_VECTOR_GP, error_code, WS__REASON(HANDLER_OUTER, vector, d->code.dpl, d->cpl));
    if (!d->code.present)
        return ws__delivery_fault(d, WS_VECTOR_NP, error_code, WS__REASON(ABSENT, selector));
    d->inner = !(d->code.type & WS_TYPE_CONFORMING) && d->code.dpl < d->cpl;
    d->new_cpl = d->inner ? d->code.dpl : d->cpl;
    return true;
}

/* -- the stack --------------------------------------------------------------------------------- */

/* Read SSn:ESPn from the TSS.  SDM 3A §7.2.1 "Task-State Segment (TSS)", §7.6 "16-Bit Task-State
 * Segment (TSS)". */
static bool tss_stack_read(struct ws__delivery *d)
{
    struct ws_descriptor tss;
    uint32_t error_code = (d->registers.value[WS_TR] & ~3u) | d->ext;
    ws__engine_segment(d->cpu->engine, WS_TR, &tss);
    bool wide = (tss.type & 8) != 0;
    uint32_t width = wide ? 4 : 2;
    uint32_t offset = wide ? 4 + 8 * d->new_cpl : 2 + 4 * d->new_cpl;
    uint8_t pair[6] = {0};
    if ((d->registers.value[WS_TR] & ~3u) == 0)
        return ws__delivery_fault(d, WS_VECTOR_TS, error_code, WS__REASON(TASK_NONE, d->new_cpl));
    if (offset + width + 1 > tss.limit)
        return ws__delivery_fault(d, WS_VECTOR_TS, error_code,
                                  WS__REASON(STACK_BEYOND, d->registers.value[WS_TR], tss.limit, d->new_cpl));
    if (!ws__delivery_read(d, tss.base + offset, pair, width + 2))
        return false;
    d->esp = 0;
    memcpy(&d->esp, pair, width);
    memcpy(&d->new_ss, pair + width, sizeof d->new_ss);
    return true;
}

bool ws__delivery_stack_check(struct ws__delivery *d, uint8_t vector, uint8_t missing)
{
    uint32_t error_code = (d->new_ss & ~3u) | d->ext;
    if ((d->new_ss & ~3u) == 0)
        return ws__delivery_fault(d, vector, d->ext,
                                  d->inner ? WS__REASON(STACK_NULL, d->new_cpl) : WS__REASON(SELECTOR_NULL, d->new_ss));
    if (!ws__delivery_descriptor(d, d->new_ss, vector, &d->stack))
        return false;
    bool writable_data = !d->stack.system && !(d->stack.type & WS_TYPE_CODE) && d->stack.type & WS_TYPE_WRITABLE;
    if ((d->new_ss & WS_SELECTOR_RPL) != d->new_cpl)
        return ws__delivery_fault(d, vector, error_code, WS__REASON(STACK_RPL, d->new_ss, d->new_ss & 3u, d->new_cpl));
    if (!writable_data)
        return ws__delivery_fault(d, vector, error_code, WS__REASON(STACK_TYPE, d->new_ss, ws__reason_type(&d->stack)));
    if (d->stack.dpl != d->new_cpl)
        return ws__delivery_fault(d, vector, error_code, WS__REASON(STACK_DPL, d->new_ss, d->stack.dpl, d->new_cpl));
    if (!d->stack.present)
        return ws__delivery_fault(d, missing, error_code, WS__REASON(ABSENT, d->new_ss));
    return true;
}

static bool stack_choose(struct ws__delivery *d)
{
    if (d->inner)
        return tss_stack_read(d) && ws__delivery_stack_check(d, WS_VECTOR_TS, WS_VECTOR_SS);
    ws__engine_segment(d->cpu->engine, WS_SS, &d->stack);
    d->esp = d->registers.value[WS_ESP];
    return true;
}

/* -- the frame --------------------------------------------------------------------------------- */

bool ws__delivery_has_error_code(const struct ws__raise *cause)
{
    return cause->origin == WS_ORIGIN_EXCEPTION && ws_exception_info(cause->vector)->error_code;
}

/* The handler of a fault returns to the instruction that faulted.  RF is set in the frame, so that a breakpoint on that
 * instruction does not fire a second time.  SDM 3B §17.3.1.1 "Instruction-Breakpoint Exception Condition" */
uint32_t ws__delivery_flags(const struct ws__delivery *d)
{
    uint32_t flags = d->registers.value[WS_EFLAGS];
    bool fault = d->cause->origin == WS_ORIGIN_EXCEPTION && ws_exception_info(d->cause->vector)->kind == WS_KIND_FAULT;
    return fault ? flags | WS_EFLAGS_RF : flags;
}

/* Put together the frame, lowest address first.  Returns how many slots it has. */
static unsigned frame_build(const struct ws__delivery *d, uint32_t slot[6])
{
    unsigned count = 0;
    if (ws__delivery_has_error_code(d->cause))
        slot[count++] = d->cause->error_code;
    slot[count++] = d->cause->return_eip;
    slot[count++] = d->registers.value[WS_CS];
    slot[count++] = ws__delivery_flags(d);
    if (d->inner) {
        slot[count++] = d->registers.value[WS_ESP];
        slot[count++] = d->registers.value[WS_SS];
    }
    return count;
}

/* The frame cannot be written: raise the page fault.  A CPU pushes one slot after the other, from the top, so CR2 is
 * the address of the first slot that fails. */
static bool push_fault(struct ws__delivery *d, uint32_t linear, unsigned count, unsigned width)
{
    uint32_t error_code = 0;
    while (count-- && ws__cpu_probe(d->cpu, &d->registers, linear + count * width, width, WS_ACCESS_WRITE,
                                    d->new_cpl == 3, &error_code))
        continue;
    return ws__delivery_page_fault(d, error_code);
}

/* Push the whole frame or nothing, so that a fault does not leave half a frame. */
static bool frame_push(struct ws__delivery *d)
{
    uint32_t slot[6], error_code;
    uint8_t bytes[sizeof slot];
    bool wide = d->gate.type == WS_TYPE_INTERRUPT_GATE32 || d->gate.type == WS_TYPE_TRAP_GATE32;
    unsigned count = frame_build(d, slot), width = wide ? 4 : 2;
    uint32_t size = count * width, mask = d->stack.big ? UINT32_MAX : 0xffff;
    uint32_t offset = (d->esp - size) & mask;
    for (unsigned i = 0; i < count; i++)
        memcpy(bytes + i * width, &slot[i], width);
    if (!ws__descriptor_limit_allows(&d->stack, offset, size))
        return ws__delivery_fault(d, WS_VECTOR_SS, d->inner ? (d->new_ss & ~3u) | d->ext : d->ext,
                                  WS__REASON(STACK_FULL, size, offset, d->stack.limit));
    if (d->gate.offset > d->code.limit)
        return ws__delivery_fault(d, WS_VECTOR_GP, d->ext, WS__REASON(HANDLER_LIMIT, d->gate.offset, d->code.limit));
    if (!ws__cpu_write(d->cpu, &d->registers, d->stack.base + offset, bytes, size, d->new_cpl == 3, &error_code))
        return push_fault(d, d->stack.base + offset, count, width);
    d->esp = (d->esp & ~mask) | offset;
    return true;
}

/* -- the handler ------------------------------------------------------------------------------- */

/* SDM 3A §6.12.1.3 "Flag Usage By Exception- or Interrupt-Handler Procedure". */
static uint32_t flags_in_handler(const struct ws__delivery *d)
{
    uint32_t clear = WS_EFLAGS_TF | WS_EFLAGS_NT | WS_EFLAGS_RF | WS_EFLAGS_VM;
    if (d->gate.type == WS_TYPE_INTERRUPT_GATE16 || d->gate.type == WS_TYPE_INTERRUPT_GATE32)
        clear |= WS_EFLAGS_IF;
    return d->registers.value[WS_EFLAGS] & ~clear;
}

static void handler_enter(struct ws__delivery *d)
{
    struct ws__cpu *cpu = d->cpu;
    uint16_t cs = (uint16_t)((d->gate.selector & ~3u) | d->new_cpl);
    ws__engine_enter(cpu->engine, cs, &d->code, d->new_ss, d->inner ? &d->stack : NULL);
    ws__engine_set(cpu->engine, WS_ESP, d->esp);
    ws__engine_set(cpu->engine, WS_EFLAGS, flags_in_handler(d));
    ws__engine_set(cpu->engine, WS_EIP, d->gate.offset);
    cpu->wide = d->code.big;
    cpu->last.linear = WS__NOWHERE;
    ws__check_entered(cpu);
}

/* CR2 for a page fault; else 0. */
static uint32_t accessed_address(const struct ws__delivery *d)
{
    bool page_fault = d->cause->vector == WS_VECTOR_PF && d->cause->origin == WS_ORIGIN_EXCEPTION;
    return page_fault ? d->registers.value[WS_CR2] : 0;
}

static void delivery_report(const struct ws__delivery *d, uint64_t mark, uint32_t linear)
{
    if (!(d->cpu->run.listening & WS_EVENT_MASK(VECTOR)))
        return;
    struct ws_event event = {
        .kind = WS_EVENT_VECTOR,
        .mark = mark,
        .linear = linear,
        .which = d->cause->vector,
        .before = d->left_task ? d->cause->return_eip : d->registers.value[WS_EIP],
        .after = d->gate.offset,
        .esp = d->esp,
        .error_code = d->cause->error_code,
        .cr2 = accessed_address(d),
        .has_error_code = ws__delivery_has_error_code(d->cause),
        .cpl = (uint8_t)(d->left_task ? d->left_cpl : d->cpl),
        .origin = d->cause->origin,
        .reason = d->cause->reason,
    };
    d->cpu->client.event(d->cpu->client.context, &event);
}

/* Report that another task runs.  That is so even if its handler could not be entered. */
static void task_report(const struct ws__delivery *d, uint64_t mark, uint32_t linear)
{
    if (!(d->cpu->run.listening & WS_EVENT_MASK(TASK)))
        return;
    struct ws_event event = {
        .kind = WS_EVENT_TASK,
        .mark = mark,
        .linear = linear,
        .which = WS_TR,
        .before = d->left_task,
        .after = d->gate.selector,
        .esp = d->esp,
        .cpl = (uint8_t)d->left_cpl,
    };
    d->cpu->client.event(d->cpu->client.context, &event);
}

static bool segments_mark(struct ws__delivery *d)
{
    return ws__delivery_mark(d, d->gate.selector, &d->code) &&
           (!d->inner || ws__delivery_mark(d, d->new_ss, &d->stack));
}

static bool deliver_once(struct ws__delivery *d)
{
    if (!gate_check(d))
        return false;
    if (d->gate.type == WS_TYPE_TASK_GATE)
        return ws__task_switch(d);
    return code_check(d) && stack_choose(d) && segments_mark(d) && frame_push(d);
}

/* -- faults on the way ------------------------------------------------------------------------- */

static enum ws_exception_class cause_class(const struct ws__raise *cause)
{
    return cause->origin == WS_ORIGIN_EXCEPTION ? ws_exception_info(cause->vector)->class_ : WS_CLASS_BENIGN;
}

/* What becomes of two exceptions, when the second is met while the first is delivered. */
enum both {
    SERIALLY, /* the second is delivered by itself */
    DOUBLE,   /* a double fault */
    SHUTDOWN, /* a triple fault */
};

/* SDM 3A §6.15 "Exception and Interrupt Reference", table 6-5 "Conditions for Generating a Double Fault": rows are the
 * first exception, columns the second one.  A delivery raises no #DF itself, so that column is not there. */
static enum both both_handle(const struct ws__raise *first, const struct ws__raise *second)
{
    static const uint8_t table[4][3] = {
        /*                          benign    contributory page fault */
        [WS_CLASS_BENIGN] = {SERIALLY, SERIALLY, SERIALLY},
        [WS_CLASS_CONTRIBUTORY] = {SERIALLY, DOUBLE, SERIALLY},
        [WS_CLASS_PAGE_FAULT] = {SERIALLY, DOUBLE, DOUBLE},
        [WS_CLASS_DOUBLE_FAULT] = {SHUTDOWN, SHUTDOWN, SHUTDOWN},
    };
    return table[cause_class(first)][cause_class(second)];
}

/* Two exceptions have become a double fault. */
static void double_fault(struct ws__raise *fault, const struct ws__raise *first)
{
    fault->reason = WS__REASON(DOUBLE, first->vector, fault->vector);
    fault->vector = WS_VECTOR_DF;
    fault->error_code = 0;
}

void ws__deliver(struct ws__cpu *cpu, const struct ws__raise *raise)
{
    struct ws__raise cause = *raise;
    struct ws__fault_chain chain = {.faults = 0};
    if (cause.reason.code == WS_REASON_NONE)
        cause.reason = ws__why(cpu, raise);
    bool between = cpu->last.linear == WS__NOWHERE ||
                   /* Is the cause no part of an instruction?  Then the delivery belongs to the mark between two
                    * instructions. */
                   raise->origin == WS_ORIGIN_EXTERNAL;
    uint64_t mark = chain.mark = cpu->state.begun - !between;
    cpu->state.shadow = WS__NOWHERE;
    for (;;) {
        struct ws__raise fault = {0};
        struct ws__delivery d = {.cpu = cpu, .cause = &cause, .fault = &fault, .fault_eip = cause.fault_eip};
        ws__cpu_registers(cpu, &d.registers);
        d.cpl = ws__engine_cpl(cpu->engine);
        d.ext = cause.origin == WS_ORIGIN_SOFTWARE ? 0 : WS_ERROR_EXT;
        uint32_t linear = (uint32_t)(between ? d.registers.value[WS_EIP] : cpu->last.linear);
        bool delivered = deliver_once(&d);
        if (d.left_task)
            task_report(&d, mark, linear);
        if (delivered) {
            if (!d.left_task)
                handler_enter(&d);
            delivery_report(&d, mark, linear);
            return;
        }
        enum both both = both_handle(&cause, &fault);
        ws__fault_chain_add(&chain, &d, &cause, linear, d.registers.value[WS_CR2]);
        if (both != SERIALLY)
            ws__fault_chain_add(&chain, &d, &fault, linear, cpu->state.cr2);
        if (both == SHUTDOWN) {
            ws__fault_chain_end(&chain, cpu, raise);
            return;
        }
        if (both == DOUBLE)
            double_fault(&fault, &cause);
        cause = fault;
    }
}

/* -- task switches by an instruction: far jump, far call, iret --------------------------------- */

/* Fill in what the events of these instructions have in common, and report one. */
static void transfer_report(const struct ws__delivery *d, enum ws_event_kind kind, struct ws_event *event)
{
    if (!(d->cpu->run.listening & 1u << kind))
        return;
    event->kind = (uint8_t)kind;
    event->after = d->gate.offset;
    event->esp = d->esp;
    event->cpl = (uint8_t)d->left_cpl;
    event->far = 1;
    d->cpu->client.event(d->cpu->client.context, event);
}

void ws__delivery_begin(struct ws__delivery *d, struct ws__cpu *cpu, const struct ws__raise *cause,
                        struct ws__raise *raise)
{
    *d = (struct ws__delivery){.cpu = cpu, .cause = cause, .fault = raise, .fault_eip = cause->fault_eip};
    ws__cpu_registers(cpu, &d->registers);
    d->cpl = ws__engine_cpl(cpu->engine);
}

void ws__deliver_return(struct ws__cpu *cpu, uint32_t eip, uint32_t next, struct ws__raise *raise)
{
    const struct ws__raise cause = {.origin = WS_ORIGIN_SOFTWARE, .return_eip = next, .fault_eip = eip};
    struct ws_event event = {.mark = cpu->state.begun - 1, .linear = (uint32_t)cpu->last.linear, .before = eip};
    struct ws__delivery d;
    ws__delivery_begin(&d, cpu, &cause, raise);
    event.esp_before = d.registers.value[WS_ESP];
    bool returned = ws__task_return(&d);
    if (!d.left_task)
        return;
    task_report(&d, event.mark, event.linear);
    cpu->state.nmi_blocked = false; /* SDM 3A §6.7.1 "Handling Multiple NMIs" */
    event.which = d.cpl;
    if (returned)
        transfer_report(&d, WS_EVENT_RETURN, &event);
}

void ws__deliver_transfer(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t eip, struct ws__raise *raise)
{
    bool call = decoded->class_ == WS__CLASS_CALL_FAR;
    const struct ws__raise cause = {
        .origin = WS_ORIGIN_SOFTWARE, .return_eip = eip + decoded->length, .fault_eip = eip};
    struct ws_event event = {
        .mark = cpu->state.begun - 1, .linear = (uint32_t)cpu->last.linear, .bytes = decoded->length};
    struct ws__delivery d;
    ws__delivery_begin(&d, cpu, &cause, raise);
    event.before = d.registers.value[WS_ESP];
    if (!ws__task_target(&d, cpu->last.named))
        return;
    bool transferred = call ? ws__task_switch(&d) : ws__task_jump(&d);
    if (!d.left_task)
        return;
    task_report(&d, event.mark, event.linear);
    if (transferred && call)
        transfer_report(&d, WS_EVENT_CALL, &event);
}
