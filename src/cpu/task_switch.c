/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task switches: through a task gate in the IDT, by a far jump or far call, and back by `iret` with NT.
 *
 * Before the switch, every fault belongs to the task that is left, and nothing has changed.  At the switch, the old
 * task's registers go into its TSS, and the new task's are loaded.  After it, every fault belongs to the new task: the
 * fault's frame holds the new EIP, and segment registers that were not loaded yet cannot be used.
 *
 * The engine's own task switches know no 16-bit TSS, no T flag and no local breakpoints; they lose flags and EIP when
 * the new task cannot run, and get arithmetic flags wrong that the code in front has changed.
 *
 * SDM 3A §7.2.1 "Task-State Segment (TSS)", §7.3 "Task Switching", §7.4 "Task Linking", §7.6 "16-Bit
 * Task-State Segment (TSS)"; SDM 2A "INT n/INTO/INT3/INT1—Call to Interrupt Procedure".
 */
#include <string.h>

#include "cpu/debug.h"
#include "cpu/delivery.h"
#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"
#include "x86/segment.h"

enum {
    SEGMENTS = 6,
    LINK_OFFSET = 0,
    TYPE_WIDE = 8, /* in the type of a TSS: it is a 32-bit one */
    TYPE_BUSY = 2,
    ACCESS_BYTE = 5,  /* the byte of a descriptor with type, DPL and P */
    TRAP = 1,         /* the T flag of a TSS */
    DR7_LOCAL = 0x55, /* L0 to L3 */
    FLAGS_KNOWN = 0x003f7fd5
};

/* Where a TSS holds what a switch saves and loads. */
struct layout {
    uint8_t bytes;
    uint8_t width;    /* of each slot */
    uint8_t eip;      /* EFLAGS, EAX to EDI and the segment registers follow */
    uint8_t segments; /* how many of ES, CS, SS, DS, FS, GS it has */
    uint8_t ldt;
    uint8_t cr3;  /* 0: this TSS has none */
    uint8_t trap; /* 0: this TSS has none */
};

static const struct layout layouts[2] = {
    {.bytes = 44, .width = 2, .eip = 14, .segments = 4, .ldt = 42},
    {.bytes = 104, .width = 4, .eip = 32, .segments = 6, .ldt = 96, .cr3 = 28, .trap = 100},
};

static const enum ws_register segment_register[SEGMENTS] = {WS_ES, WS_CS, WS_SS, WS_DS, WS_FS, WS_GS};

struct task {
    uint16_t selector;
    struct ws_descriptor tss;
    const struct layout *layout;
    uint8_t image[104];
};

static const struct layout *layout_of(const struct ws_descriptor *tss)
{
    return &layouts[(tss->type & TYPE_WIDE) != 0];
}

/* -- slots ------------------------------------------------------------------------------------- */

static uint32_t slot_get(const struct task *task, unsigned offset)
{
    uint32_t value = 0;
    memcpy(&value, task->image + offset, task->layout->width);
    return value;
}

/* The offset of the n-th slot from EIP on. */
static unsigned slot_offset(const struct layout *layout, unsigned n)
{
    return layout->eip + n * layout->width;
}

enum { SLOT_EIP, SLOT_EFLAGS, SLOT_GENERAL, SLOT_SEGMENTS = SLOT_GENERAL + 8 };

/* -- before the switch ------------------------------------------------------------------------- */

/* The task to go to must be available, the one to return to busy. */
static struct ws_reason tss_type_reason(const struct task *task, uint8_t type)
{
    uint32_t found = ws__reason_type(&task->tss);
    return type & TYPE_BUSY ? WS__REASON(TSS_IDLE, task->selector, found) : WS__REASON(TSS_TYPE, task->selector, found);
}

static struct ws_reason tss_limit_reason(const struct task *task)
{
    if ((task->selector & ~3u) == 0)
        return WS__REASON(SELECTOR_NULL, task->selector);
    return WS__REASON(TSS_LIMIT, task->selector, task->tss.limit);
}

/* Read the TSS of the new task, which d->gate names.  It must be present, large enough, and of `type` or its 32-bit
 * form: available or, on the way back, busy.  If it is of another type, or beyond the table, `vector` is raised. */
static bool task_find(struct ws__delivery *d, struct task *task, uint8_t type, uint8_t vector)
{
    uint32_t error_code = (d->gate.selector & ~3u) | d->ext;
    task->selector = d->gate.selector;
    if (task->selector & WS_SELECTOR_TI)
        return ws__delivery_fault(d, vector, error_code, WS__REASON(SELECTOR_LOCAL, task->selector));
    if (!ws__delivery_descriptor(d, task->selector, vector, &task->tss))
        return false;
    if (!task->tss.system || (task->tss.type & ~TYPE_WIDE) != type)
        return ws__delivery_fault(d, vector, error_code, tss_type_reason(task, type));
    if (!task->tss.present)
        return ws__delivery_fault(d, WS_VECTOR_NP, error_code, WS__REASON(ABSENT, task->selector));
    task->layout = layout_of(&task->tss);
    if (task->tss.limit < task->layout->bytes - 1u)
        return ws__delivery_fault(d, WS_VECTOR_TS, error_code, tss_limit_reason(task));
    return ws__delivery_read(d, task->tss.base, task->image, task->layout->bytes);
}

/* Read the TSS of the old task, which TR names.  It must be large enough to take the registers. */
static bool old_task_find(struct ws__delivery *d, struct task *task)
{
    task->selector = (uint16_t)d->registers.value[WS_TR];
    ws__engine_segment(d->cpu->engine, WS_TR, &task->tss);
    task->layout = layout_of(&task->tss);
    if ((task->selector & ~3u) == 0 || task->tss.limit < task->layout->bytes - 1u)
        return ws__delivery_fault(d, WS_VECTOR_TS, (task->selector & ~3u) | d->ext, tss_limit_reason(task));
    return ws__delivery_read(d, task->tss.base, task->image, task->layout->bytes);
}

static uint32_t busy_byte(const struct ws__delivery *d, const struct task *task)
{
    return d->registers.value[WS_GDTR_BASE] + (task->selector & ~7u) + ACCESS_BYTE;
}

static bool write_probe(struct ws__delivery *d, uint32_t linear, uint32_t bytes)
{
    uint32_t error_code;
    if (ws__cpu_probe(d->cpu, &d->registers, linear, bytes, WS_ACCESS_WRITE, false, &error_code))
        return true;
    return ws__delivery_page_fault(d, error_code);
}

static bool switch_is_possible(struct ws__delivery *d, const struct task *old, const struct task *new)
{
    return write_probe(d, old->tss.base, old->layout->bytes) &&
           write_probe(d, new->tss.base + LINK_OFFSET, sizeof(uint16_t)) && write_probe(d, busy_byte(d, new), 1);
}

/* -- the switch -------------------------------------------------------------------------------- */

static void write(struct ws__delivery *d, uint32_t linear, const void *in, uint32_t bytes)
{
    uint32_t error_code; /* the pages were probed before, so this cannot fail */
    ws__cpu_write(d->cpu, &d->registers, linear, in, bytes, false, &error_code);
}

static void slot_put(struct task *task, unsigned n, uint32_t value, unsigned bytes)
{
    memcpy(task->image + slot_offset(task->layout, n), &value, bytes);
}

static void old_task_save(struct ws__delivery *d, struct task *old, uint32_t flags)
{
    const struct layout *layout = old->layout;
    slot_put(old, SLOT_EIP, d->cause->return_eip, layout->width);
    slot_put(old, SLOT_EFLAGS, flags, layout->width);
    for (unsigned i = 0; i < 8; i++)
        slot_put(old, SLOT_GENERAL + i, d->registers.value[WS_EAX + i], layout->width);
    for (unsigned i = 0; i < layout->segments; i++)
        slot_put(old, SLOT_SEGMENTS + i, d->registers.value[segment_register[i]], sizeof(uint16_t));
    unsigned bytes = (SLOT_SEGMENTS + layout->segments) * layout->width;
    write(d, old->tss.base + layout->eip, old->image + layout->eip, bytes);
}

static void busy_set(struct ws__delivery *d, struct task *task, bool busy)
{
    uint8_t access;
    if (ws__delivery_read(d, busy_byte(d, task), &access, sizeof access)) {
        access = busy ? access | TYPE_BUSY : access & ~TYPE_BUSY;
        write(d, busy_byte(d, task), &access, sizeof access);
    }
    task->tss.type = busy ? task->tss.type | TYPE_BUSY : task->tss.type & ~TYPE_BUSY;
}

/* Load all registers from the new task's TSS, but not the hidden parts of segment registers. */
static void registers_load(struct ws__delivery *d, const struct task *new, uint32_t nested)
{
    struct ws__engine *engine = d->cpu->engine;
    const struct layout *layout = new->layout;
    uint32_t flags = slot_get(new, slot_offset(layout, SLOT_EFLAGS)) & FLAGS_KNOWN;
    uint16_t selectors[WS__ENGINE_TASK_SEGMENTS] = {0};
    for (unsigned i = 0; i < layout->segments; i++)
        selectors[i] = (uint16_t)slot_get(new, slot_offset(layout, SLOT_SEGMENTS + i));
    selectors[SEGMENTS] = (uint16_t)slot_get(new, layout->ldt);
    ws__engine_task_begin(engine, selectors, new->selector, &new->tss);
    if (layout->cr3 && d->registers.value[WS_CR0] & WS_CR0_PG) {
        ws__engine_set(engine, WS_CR3, slot_get(new, layout->cr3));
        ws__engine_flush_tlb(engine);
    }
    for (unsigned i = 0; i < 8; i++)
        ws__engine_set(engine, (enum ws_register)(WS_EAX + i), slot_get(new, slot_offset(layout, SLOT_GENERAL + i)));
    ws__engine_set(engine, WS_EIP, slot_get(new, slot_offset(layout, SLOT_EIP)));
    ws__engine_set(engine, WS_EFLAGS, flags | WS_EFLAGS_FIXED | nested);
}

/* Make the switch.  From here on the new task runs, and d->registers holds its registers.  Local breakpoints belonged
 * to the old task, so they are switched off.  SDM 3B §17.2.4 "Debug Control Register (DR7)" */
static void task_enter(struct ws__delivery *d, const struct task *new, uint32_t nested)
{
    struct ws__cpu *cpu = d->cpu;
    d->left_task = (uint16_t)d->registers.value[WS_TR];
    d->left_cpl = d->cpl;
    uint32_t directory = cpu->paging.value[WS_CR3];
    registers_load(d, new, nested);
    cpu->state.debug[7] &= ~(uint32_t)DR7_LOCAL;
    cpu->last.linear = WS__NOWHERE;
    ws__cpu_paging_changed(cpu);
    if (cpu->paging.value[WS_CR3] !=
        directory) /* SDM 3A §11.9 "Invalidating the Translation Lookaside Buffers (TLBs)" */
        ws__kept_loaded(cpu, WS_CR3, 0);
    ws__check_entered(cpu);
    ws__check_reconsider(cpu);
    ws__cpu_registers(cpu, &d->registers);
    d->cpl = d->new_cpl = d->registers.value[WS_CS] & WS_SELECTOR_RPL;
    d->esp = d->registers.value[WS_ESP];
    d->gate.offset = d->fault_eip = d->registers.value[WS_EIP];
}

/* -- after the switch -------------------------------------------------------------------------- */

static bool ldt_load(struct ws__delivery *d)
{
    uint16_t selector = (uint16_t)d->registers.value[WS_LDTR];
    uint32_t error_code = (selector & ~3u) | d->ext;
    struct ws_descriptor ldt;
    if ((selector & ~3u) == 0)
        return true;
    if (selector & WS_SELECTOR_TI)
        return ws__delivery_fault(d, WS_VECTOR_TS, error_code, WS__REASON(SELECTOR_LOCAL, selector));
    if (!ws__delivery_descriptor(d, selector, WS_VECTOR_TS, &ldt))
        return false;
    if (!ldt.system || ldt.type != WS_TYPE_LDT)
        return ws__delivery_fault(d, WS_VECTOR_TS, error_code, WS__REASON(TASK_LDT, selector, ws__reason_type(&ldt)));
    if (!ldt.present)
        return ws__delivery_fault(d, WS_VECTOR_TS, error_code, WS__REASON(ABSENT, selector));
    ws__engine_load(d->cpu->engine, WS_LDTR, selector, &ldt);
    return true;
}

/* Table 7-1 says only that the DPL of CS matches the RPL. The description of #TS says how: conforming code may be of an
 * inner ring, too. SDM 3A §6.15 "Exception and Interrupt Reference" */
static bool segment_fits(enum ws_register which, const struct ws_descriptor *segment, unsigned rpl, unsigned cpl)
{
    bool code = segment->type & WS_TYPE_CODE, conforming = code && segment->type & WS_TYPE_CONFORMING;
    if (segment->system)
        return false;
    if (which == WS_CS)
        return code && (conforming ? segment->dpl <= rpl : segment->dpl == rpl);
    if (which == WS_SS)
        return !code && segment->type & WS_TYPE_WRITABLE && segment->dpl == cpl && rpl == cpl;
    if (code && !(segment->type & WS_TYPE_READABLE))
        return false;
    return conforming || (segment->dpl >= cpl && segment->dpl >= rpl);
}

/* Its number in a TSS, which is also its WS__SEGMENT_. */
static uint32_t segment_number(enum ws_register which)
{
    uint32_t number = 0;
    while (segment_register[number] != which)
        number++;
    return number;
}

/* Load one segment register, with the checks of table 7-1, "Exception Conditions Checked During a Task Switch". */
static bool segment_load(struct ws__delivery *d, enum ws_register which)
{
    uint16_t selector = (uint16_t)d->registers.value[which];
    uint32_t error_code = (selector & ~3u) | d->ext;
    struct ws_descriptor segment;
    bool null = (selector & ~3u) == 0;
    if (null && which != WS_CS && which != WS_SS)
        return true;
    if (null)
        return ws__delivery_fault(d, WS_VECTOR_TS, error_code, WS__REASON(TASK_NULL, segment_number(which)));
    if (!ws__delivery_descriptor(d, selector, WS_VECTOR_TS, &segment))
        return false;
    if (!segment_fits(which, &segment, selector & WS_SELECTOR_RPL, d->cpl))
        return ws__delivery_fault(
            d, WS_VECTOR_TS, error_code,
            WS__REASON(TASK_SEGMENT, segment_number(which), selector, ws__reason_type(&segment), segment.dpl));
    if (!segment.present)
        return ws__delivery_fault(d, which == WS_SS ? WS_VECTOR_SS : WS_VECTOR_NP, error_code,
                                  WS__REASON(ABSENT, selector));
    if (!ws__delivery_mark(d, selector, &segment))
        return false;
    ws__engine_load(d->cpu->engine, which, selector, &segment);
    if (which == WS_CS)
        d->code = segment, d->cpu->wide = segment.big;
    if (which == WS_SS)
        d->stack = segment;
    return true;
}

static bool segments_load(struct ws__delivery *d)
{
    static const enum ws_register order[SEGMENTS] = {WS_CS, WS_SS, WS_ES, WS_DS, WS_FS, WS_GS};
    for (unsigned i = 0; i < SEGMENTS; i++) {
        if (!segment_load(d, order[i]))
            return false;
    }
    return true;
}

static bool error_code_push(struct ws__delivery *d, unsigned width)
{
    uint32_t mask = d->stack.big ? UINT32_MAX : 0xffff, offset = (d->esp - width) & mask, error_code;
    if (!ws__delivery_has_error_code(d->cause))
        return true;
    if (!ws__descriptor_limit_allows(&d->stack, offset, width))
        return ws__delivery_fault(d, WS_VECTOR_SS, d->ext, WS__REASON(STACK_FULL, width, offset, d->stack.limit));
    if (!ws__cpu_write(d->cpu, &d->registers, d->stack.base + offset, &d->cause->error_code, width, d->cpl == 3,
                       &error_code))
        return ws__delivery_page_fault(d, error_code);
    d->esp = (d->esp & ~mask) | offset;
    ws__engine_set(d->cpu->engine, WS_ESP, d->esp);
    return true;
}

/* If the new task's TSS has the T flag, a debug trap comes in front of the task's first instruction.  SDM 3B §17.3.1.5
 * "Task-Switch Exception Condition" */
static void trap_remember(struct ws__cpu *cpu, const struct task *new)
{
    if (!new->layout->trap || !(new->image[new->layout->trap] & TRAP))
        return;
    cpu->state.hits |= WS__DR6_BT;
    cpu->checks.reasons |= WS__CHECK_TRAP;
}

/* Do the rest of the switch in the new task, where every fault is its own. */
static bool task_begin(struct ws__delivery *d, const struct task *new)
{
    if (d->registers.value[WS_EFLAGS] & WS_EFLAGS_VM) {
        ws__cpu_halt(d->cpu, WS_HALT_VIRTUAL_8086, 0);
        return true;
    }
    if (!ldt_load(d) || !segments_load(d) || !error_code_push(d, new->layout->width))
        return false;
    if (d->gate.offset > d->code.limit)
        return ws__delivery_fault(d, WS_VECTOR_GP, d->ext, WS__REASON(FETCH_LIMIT, d->gate.offset, d->code.limit));
    trap_remember(d->cpu, new);
    return true;
}

bool ws__task_switch(struct ws__delivery *d)
{
    struct task old, new;
    if (!task_find(d, &new, WS_TYPE_TSS16, WS_VECTOR_GP) || !old_task_find(d, &old) ||
        !switch_is_possible(d, &old, &new))
        return false;
    old_task_save(d, &old, ws__delivery_flags(d));
    /* Nest the new task in the old one, which stays busy: the link leads back to it. */
    write(d, new.tss.base + LINK_OFFSET, &old.selector, sizeof old.selector);
    busy_set(d, &new, true);
    task_enter(d, &new, WS_EFLAGS_NT);
    return task_begin(d, &new);
}

bool ws__task_jump(struct ws__delivery *d)
{
    struct task old, new;
    if (!task_find(d, &new, WS_TYPE_TSS16, WS_VECTOR_GP) || !old_task_find(d, &old) ||
        !switch_is_possible(d, &old, &new) || !write_probe(d, busy_byte(d, &old), 1))
        return false;
    old_task_save(d, &old, d->registers.value[WS_EFLAGS]);
    busy_set(d, &old, false);
    busy_set(d, &new, true);
    task_enter(d, &new, 0);
    return task_begin(d, &new);
}

/* SDM 2A "IRET/IRETD/IRETQ—Interrupt Return", "TASK-RETURN" */
bool ws__task_return(struct ws__delivery *d)
{
    struct task old, new;
    if (!old_task_find(d, &old))
        return false;
    memcpy(&d->gate.selector, old.image + LINK_OFFSET, sizeof d->gate.selector);
    if (!task_find(d, &new, WS_TYPE_TSS16_BUSY, WS_VECTOR_TS) || !write_probe(d, old.tss.base, old.layout->bytes) ||
        !write_probe(d, busy_byte(d, &old), 1))
        return false;
    old_task_save(d, &old, d->registers.value[WS_EFLAGS] & ~(uint32_t)WS_EFLAGS_NT);
    busy_set(d, &old, false);
    task_enter(d, &new, 0);
    return task_begin(d, &new);
}

/* -- far jumps and far calls that name a task -------------------------------------------------- */

/* Does this descriptor name a task: is it a TSS or a task gate?  SDM 3A §7.2.5 "Task-Gate Descriptor", §7.3 "Task
 * Switching"; SDM 2A "JMP—Jump", "CALL—Call Procedure" */

static bool names_task(const struct ws_descriptor *descriptor)
{
    switch (descriptor->type) {
    case WS_TYPE_TSS16:
    case WS_TYPE_TSS16_BUSY:
    case WS_TYPE_TSS32:
    case WS_TYPE_TSS32_BUSY:
    case WS_TYPE_TASK_GATE:
        return descriptor->system;
    default:
        return false;
    }
}

/* Find the selector of a far jump or far call.  It stands in the instruction, or in memory behind the offset. */
static bool selector_find(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint16_t *selector)
{
    const struct ws__operands *operands = ws__code_cache_operands_of(cpu->code, decoded);
    const struct ws__operand *operand = &operands->operand[0];
    uint8_t vector;
    *selector = (uint16_t)operands->target;
    if (!operands->count || operand->rule == WS__OFFSET_STACK)
        return true;
    if (!ws__segments_allow(cpu, operands, &vector))
        return false; /* the instruction faults before it reads the selector */
    uint32_t linear = ws__operand_linear(cpu, operands, operand) + (operands->narrow ? 2 : 4);
    return ws__memory_peek(cpu, linear, selector, sizeof *selector);
}

bool ws__task_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    struct ws_descriptor found;
    if (!selector_find(cpu, decoded, &cpu->last.named))
        return false;
    /* Most far transfers name the present code segment, so this quick test comes first. */
    bool present_code = ((cpu->last.named ^ ws__engine_get(cpu->engine, WS_CS)) & ~3u) == 0;
    return !present_code && ws__descriptor_peek(cpu, cpu->last.named, &found) && names_task(&found);
}

bool ws__task_target(struct ws__delivery *d, uint16_t selector)
{
    uint32_t error_code = selector & ~3u;
    unsigned rpl = selector & WS_SELECTOR_RPL;
    struct ws_descriptor found;
    d->gate.selector = selector;
    if (!ws__delivery_descriptor(d, selector, WS_VECTOR_GP, &found))
        return false;
    if (found.dpl < d->cpl || found.dpl < rpl)
        return ws__delivery_fault(d, WS_VECTOR_GP, error_code,
                                  WS__REASON(GATE_OUTER, selector, found.dpl, d->cpl, rpl));
    if (found.type != WS_TYPE_TASK_GATE)
        return true;
    if (!found.present)
        return ws__delivery_fault(d, WS_VECTOR_NP, error_code, WS__REASON(ABSENT, selector));
    d->gate.selector = (uint16_t)found.base; /* the selector in a gate stands where a segment's base begins */
    return true;
}
