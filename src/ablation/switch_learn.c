/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sound run: which instructions does the routine execute until another thread, process or world goes on?
 *
 * Handlers that come and return meanwhile are not its own.  Behind a task switch of the hardware the routine's rest
 * follows, in the entered task: what stands behind the jump belongs to the routine, too.
 */
#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/segment.h>

#include "ablation/switch.h"
#include "x86/idt.h"

enum { WAY = 4096 };

/* An instruction that was executed since the routine was entered. */
struct executed {
    uint32_t linear, phys;
    uint8_t code[WS_INSTRUCTION_BYTES];
};

struct learner {
    struct ws__switch *learned;
    struct ws_disasm *disasm;
    struct executed way[WAY];
    unsigned count;
    bool inside;
    uint64_t entered; /* the mark */
    uint32_t entered_esp;
    unsigned handlers; /* that interrupt it */
    bool behind;       /* it has switched, and its rest may follow */
    uint32_t next;     /* linear: behind the instruction before; 0: that was the switch */
    int vector;        /* the first interrupt from outside; -1: there was none */
};

/* -- steps ------------------------------------------------------------------------------------- */

static void step_note(struct learner *learner, const struct executed *executed)
{
    struct ws__switch *learned = learner->learned;
    for (unsigned i = 0; i < learned->steps; i++)
        if (learned->step[i].instruction.linear == executed->linear)
            return;
    if (learned->steps == WS__SWITCH_INSTRUCTIONS)
        return;
    struct ws__switch_step *step = &learned->step[learned->steps++];
    step->phys = executed->phys;
    ws_disasm_one(learner->disasm, executed->code, sizeof executed->code, executed->linear, true, WS_SYNTAX_ATT,
                  &step->instruction);
}

/* Behind a return stands other code, perhaps that of the thread that is entered. */
static bool is_return(const struct ws_instruction *instruction)
{
    static const uint8_t codes[] = {0xc2, 0xc3, 0xca, 0xcb, 0xcf}; /* ret, lret, iret */
    return memchr(codes, instruction->bytes[0], sizeof codes);
}

static bool follows_step(const struct ws__switch *learned, uint32_t linear)
{
    for (unsigned i = 0; i < learned->steps; i++) {
        const struct ws_instruction *instruction = &learned->step[i].instruction;
        if (instruction->linear + instruction->size == linear && !is_return(instruction))
            return true;
    }
    return false;
}

/* -- events ------------------------------------------------------------------------------------ */

static void routine_enter(struct learner *learner, const struct ws_machine *machine, uint64_t mark)
{
    struct ws_registers now;
    ws_machine_registers(machine, &now);
    learner->inside = true;
    learner->behind = false;
    learner->count = learner->handlers = 0;
    learner->entered = mark;
    learner->entered_esp = now.value[WS_ESP];
}

static void instruction_take(struct learner *learner, const struct ws_machine *machine, const struct ws_event *event)
{
    struct executed executed = {.linear = event->linear};
    struct ws_translation walk;
    if (!learner->inside && event->linear == learner->learned->linear)
        routine_enter(learner, machine, event->mark);
    if (!learner->inside && !learner->behind)
        return;
    /* It is executed: it is there. */
    (void)ws_machine_read(machine, event->linear, executed.code, sizeof executed.code);
    if (ws_machine_translate(machine, event->linear, WS_ACCESS_EXECUTE, false, &walk))
        executed.phys = walk.phys;
    if (learner->behind) {
        learner->behind =
            learner->next ? event->linear == learner->next : follows_step(learner->learned, event->linear);
        learner->next = event->linear + event->bytes;
        if (learner->behind)
            step_note(learner, &executed);
    } else if (!learner->handlers && learner->count < WAY) {
        learner->way[learner->count++] = executed;
    }
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct learner *learner = context;
    switch (event->kind) {
    case WS_EVENT_INSTRUCTION:
        instruction_take(learner, machine, event);
        break;
    case WS_EVENT_VECTOR:
        if (event->origin == WS_ORIGIN_EXTERNAL && learner->vector < 0)
            learner->vector = (int)event->which;
        learner->handlers++;
        break;
    case WS_EVENT_RETURN:
        learner->handlers -= learner->handlers > 0;
        break;
    default: /* a return: to its caller, if it has not switched this time */
        learner->inside &= learner->handlers || event->before != learner->entered_esp;
    }
}

/* The instructions of the way are the routine's if it has switched. */
static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct learner *learner = context;
    struct ws__switch *learned = learner->learned;
    /* An iret that ends it is told as its end, before it is told as a return. */
    bool own = learner->inside && !learner->handlers && crossing->end > learner->entered;
    learner->inside = learner->behind = false;
    learner->handlers = 0;
    if (!own || learned->passages == WS__SWITCH_PASSAGES)
        return;
    struct ws__switch_passage *passage = &learned->passage[learned->passages++];
    *passage = (struct ws__switch_passage){.begin = learner->entered, .end = crossing->end, .kind = crossing->kind};
    memcpy(passage->from, crossing->from, sizeof passage->from);
    memcpy(passage->to, crossing->to, sizeof passage->to);
    for (unsigned i = 0; i < learner->count; i++)
        step_note(learner, &learner->way[i]);
    learner->behind = true;
    learner->next = 0;
}

/* -- all executions ---------------------------------------------------------------------------- */

/* Of a step, not of other code at the same place of another address space. */
static void execution_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__switch *learned = context;
    struct ws_translation walk;
    for (unsigned i = 0; i < learned->steps; i++) {
        struct ws__switch_step *step = &learned->step[i];
        if (step->instruction.linear != event->linear ||
            !ws_machine_translate(machine, event->linear, WS_ACCESS_EXECUTE, false, &walk) || walk.phys != step->phys)
            continue;
        if (step->times < WS__SWITCH_TIMES)
            step->mark[step->times] = event->mark;
        step->times++;
        return;
    }
}

/* The routine may run without switching, and helpers of it are called by others, too: a change is a change there. */
static enum ws_status executions_count(struct ws__switch *learned)
{
    struct ws__guest guest;
    enum ws_status status = learned->maker->open(learned->maker->context, false, &guest);
    if (status != WS_OK)
        return status;
    status = ws_machine_listen(guest.machine, WS_EVENT_MASK(INSTRUCTION), execution_take, learned);
    if (status == WS_OK)
        ws_machine_run(guest.machine, 0);
    if (status == WS_OK)
        status = ws_machine_failure(guest.machine);
    learned->maker->close(&guest);
    return status;
}

uint64_t ws__switch_limit(const struct ws__switch *learned)
{
    enum { LATE = 1 << 16 };
    return learned->sound.halt.mark + LATE;
}

/* -- an interrupt that the guest can serve ----------------------------------------------------- */

/* The lowest gate of ring 0 for an interrupt from outside: those of ring 3 are for system calls. */
static int gate_find(const struct ws_machine *machine)
{
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_registers now;
    ws_machine_registers(machine, &now);
    for (unsigned vector = 32; vector < 256; vector++) {
        struct ws__idt_entry entry;
        enum ws__idt_state state = ws__idt_read(&memory, &now, (uint8_t)vector, &entry);
        if (state >= WS__IDT_BEYOND)
            break;
        if (state == WS__IDT_GATE && !entry.gate.dpl && entry.gate.offset)
            return (int)vector;
    }
    return -1;
}

/* A run with an interrupt in front of the routine: what an interrupt does where it does no harm. */
static enum ws_status calm_run(struct ws__switch *learned, int vector)
{
    struct ws__guest guest;
    enum ws_status status = learned->maker->open(learned->maker->context, true, &guest);
    if (status != WS_OK)
        return status;
    status = ws__observe_begin(&learned->calm, &guest);
    ws_machine_run(guest.machine, learned->passage[0].begin);
    vector = vector < 0 ? gate_find(guest.machine) : vector;
    learned->has_vector = vector >= 0;
    learned->vector = learned->calm.vector = (uint8_t)vector;
    learned->calm.asked = learned->passage[0].begin;
    if (learned->has_vector)
        ws_machine_interrupt(guest.machine, learned->vector);
    if (status == WS_OK)
        status = ws__observe_run(&learned->calm, &guest, ws__switch_limit(learned));
    learned->maker->close(&guest);
    learned->has_vector &= ws__observed_is_calm(&learned->sound, &learned->calm);
    return status;
}

/* -- learning ---------------------------------------------------------------------------------- */

static enum ws_status sound_run(struct learner *learner)
{
    const uint32_t kinds =
        WS_EVENT_MASK(INSTRUCTION) | WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN) | WS_EVENT_MASK(RET);
    struct ws__switch *learned = learner->learned;
    struct ws__guest guest;
    enum ws_status status = learned->maker->open(learned->maker->context, true, &guest);
    if (status != WS_OK)
        return status;
    status = ws_disasm_new(&learner->disasm);
    if (status == WS_OK)
        status = ws__observe_begin(&learned->sound, &guest);
    if (status == WS_OK)
        status = ws_machine_listen(guest.machine, kinds, event_take, learner);
    if (status == WS_OK)
        status = ws_watcher_listen(guest.watcher, crossing_take, learner);
    if (status == WS_OK)
        status = ws__observe_run(&learned->sound, &guest, 0);
    ws_disasm_free(learner->disasm);
    learned->maker->close(&guest);
    return status == WS_OK && !learned->passages ? WS_NOT_FOUND : status;
}

enum ws_status ws__switch_learn(struct ws__switch **out, const struct ws__guest_maker *maker, uint32_t linear,
                                bool storms)
{
    struct ws__switch *learned = calloc(1, sizeof *learned);
    struct learner *learner = calloc(1, sizeof *learner);
    enum ws_status status = learned && learner ? WS_OK : WS_NO_MEMORY;
    *out = NULL;
    if (status == WS_OK) {
        learned->maker = maker;
        learned->linear = linear;
        learner->learned = learned;
        learner->vector = -1;
        status = sound_run(learner);
    }
    if (status == WS_OK)
        status = executions_count(learned);
    if (status == WS_OK && storms)
        status = calm_run(learned, learner->vector);
    free(learner);
    if (status == WS_OK)
        *out = learned;
    else
        ws__switch_free(learned);
    return status;
}

void ws__switch_free(struct ws__switch *learned)
{
    if (!learned)
        return;
    ws__observed_release(&learned->sound);
    ws__observed_release(&learned->calm);
    free(learned);
}
