/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instruction in progress: from its beginning to its end.
 *
 * The engine says only that an instruction is about to begin.  That it is done shows when the next one begins, or when
 * the engine comes back.  Then ws__in_progress_commit() looks at what it did: the caches must stay true, and clients
 * listen to events.  An instruction that faults did nothing, so the run loop aborts it: ws__in_progress_abort().
 */
#include <string.h>

#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"

enum { FEATURE_PAE = 1 << 6, FEATURE_APIC = 1 << 9, FEATURE_SEP = 1 << 11, FEATURE_PSE36 = 1 << 17 };

/* Why instructions of a class are followed. */
struct follow {
    uint32_t events; /* follow it if a client listens to one of these events */
    bool always;     /* follow it even if no client listens */
    bool has_before; /* the event's `before` is the register below; else the operand names it */
    uint8_t before;
    bool free_; /* no hook point while no client listens: the engine need not announce it */
    bool waits; /* while no client listens, its commit may come after the next blocks */
};

static const struct follow follows[WS__CLASS_COUNT] = {
    [WS__CLASS_PLAIN] = {.free_ = true},
    [WS__CLASS_POPF] = {.free_ = true},
    [WS__CLASS_LOAD_SEGMENT] = {.free_ = true},
    [WS__CLASS_RDTSC] = {.always = true},
    [WS__CLASS_CPUID] = {.always = true},
    [WS__CLASS_MOV_TO_CR] = {.events = WS_EVENT_MASK(CONTROL_REGISTER), .waits = true},
    [WS__CLASS_MOV_TO_CR3] = {.events = WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(STALE), .free_ = true},
    [WS__CLASS_LMSW] = {.events = WS_EVENT_MASK(CONTROL_REGISTER),
                        .always = true,
                        .has_before = true,
                        .before = WS_CR0},
    [WS__CLASS_LGDT] = {.events = WS_EVENT_MASK(TABLE_LOAD), .free_ = true, .has_before = true, .before = WS_GDTR_BASE},
    [WS__CLASS_LIDT] = {.events = WS_EVENT_MASK(TABLE_LOAD), .free_ = true, .has_before = true, .before = WS_IDTR_BASE},
    [WS__CLASS_LLDT] = {.events = WS_EVENT_MASK(TABLE_LOAD), .free_ = true, .has_before = true, .before = WS_LDTR},
    [WS__CLASS_LTR] = {.events = WS_EVENT_MASK(TABLE_LOAD), .has_before = true, .before = WS_TR, .waits = true},
    [WS__CLASS_INVLPG] = {.always = true},
    [WS__CLASS_CALL] = {.events = WS_EVENT_MASK(CALL), .free_ = true},
    [WS__CLASS_CALL_FAR] = {.events = WS_EVENT_MASK(CALL) | WS_EVENT_MASK(TASK), .always = true},
    [WS__CLASS_JMP] = {.events = WS_EVENT_MASK(JUMP), .free_ = true},
    [WS__CLASS_JMP_FAR] = {.events = WS_EVENT_MASK(TASK), .always = true},
    [WS__CLASS_RET] = {.events = WS_EVENT_MASK(RET), .free_ = true},
    [WS__CLASS_RET_FAR] = {.events = WS_EVENT_MASK(RET), .always = true},
    [WS__CLASS_IRET] = {.events = WS_EVENT_MASK(RETURN) | WS_EVENT_MASK(TASK), .always = true},
    [WS__CLASS_BIT_TEST] = {.waits = true},
    [WS__CLASS_ALIGNED] = {.waits = true},
    [WS__CLASS_EARLY_FLAGS] = {.free_ = true, .waits = true},
    [WS__CLASS_STALE_FLAGS] = {.waits = true},
};

bool ws__instruction_is_hook_point(const struct ws__run *run, const struct ws__decoded *decoded)
{
    const struct follow *follow = &follows[decoded->class_];
    return !follow->free_ || follow->events & run->listening || decoded->in_code;
}

uint32_t ws__instruction_kinds(void)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < WS__CLASS_COUNT; i++)
        kinds |= follows[i].events;
    return kinds;
}

bool ws__instruction_is_followed(const struct ws__run *run, const struct ws__decoded *decoded)
{
    return follows[decoded->class_].events & run->listening;
}

bool ws__instruction_can_wait(const struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    return follows[decoded->class_].waits && !ws__instruction_is_followed(&cpu->run, decoded);
}

/* Keep what the instruction's event will say, before it changes it. */
static void in_progress_describe(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    const struct follow *follow = &follows[decoded->class_];
    struct ws__in_progress *progress = &cpu->last.in_progress;
    progress->length = decoded->length;
    progress->eip = ws__engine_get(cpu->engine, WS_EIP);
    progress->esp = ws__engine_get(cpu->engine, WS_ESP);
    progress->cpl = (uint8_t)ws__engine_cpl(cpu->engine);
    if (ws__class_loads_control(decoded->class_))
        progress->before = ws__engine_get(cpu->engine, ws__cpu_control_register(decoded->operand));
    else if (follow->has_before)
        progress->before = ws__engine_get(cpu->engine, (enum ws_register)follow->before);
    if (follow->events & WS_EVENT_MASK(TASK))
        progress->tr = (uint16_t)ws__engine_get(cpu->engine, WS_TR);
}

void ws__in_progress_begin(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t linear)
{
    const struct follow *follow = &follows[decoded->class_];
    bool loads = ws__class_loads_control(decoded->class_) && ws__engine_cpl(cpu->engine) == 0;
    if (loads) /* all checks are passed: the engine will load it */
        ws__cpu_control_loaded(cpu, ws__cpu_control_register(decoded->operand), cpu->last.loading);
    if (!follow->always && !(follow->events & cpu->run.listening))
        return;
    struct ws__in_progress *progress = &cpu->last.in_progress;
    progress->open = true;
    progress->class_ = decoded->class_;
    progress->operand = decoded->operand;
    progress->linear = linear;
    progress->mark = cpu->state.begun - 1;
    if (decoded->class_ == WS__CLASS_CPUID)
        progress->before = ws__engine_get(cpu->engine, WS_EAX);
    if (follow->events & cpu->run.listening)
        in_progress_describe(cpu, decoded);
}

/* -- the commit -------------------------------------------------------------------------------- */

static void report(struct ws__cpu *cpu, enum ws_event_kind kind, uint32_t which, uint32_t before, uint32_t after)
{
    const struct ws__in_progress *progress = &cpu->last.in_progress;
    if (!(cpu->run.listening & 1u << kind))
        return;
    struct ws_event event = {
        .kind = (uint8_t)kind,
        .mark = progress->mark,
        .linear = progress->linear,
        .which = which,
        .before = before,
        .after = after,
        .esp = ws__engine_get(cpu->engine, WS_ESP),
        .esp_before = progress->esp,
        .cpl = progress->cpl,
        .bytes = progress->length,
        .far = ws__class_is_far(progress->class_),
    };
    cpu->client.event(cpu->client.context, &event);
}

static void control_register_settle(struct ws__cpu *cpu, enum ws_register which)
{
    uint32_t after = ws__engine_get(cpu->engine, which);
    ws__cpu_control_loaded(cpu, which, after);
    report(cpu, WS_EVENT_CONTROL_REGISTER, which, cpu->last.in_progress.before, after);
}

/* This CPU has two-level paging and no fast system calls.  Unicorn's cpuid says that it has more, so those bits are
 * cleared; and it has a local APIC unless IA32_APIC_BASE disables it. */
static void cpuid_settle(struct ws__cpu *cpu)
{
    if (cpu->last.in_progress.before != 1)
        return;
    uint32_t features = ws__engine_get(cpu->engine, WS_EDX);
    features &= ~(uint32_t)(FEATURE_PAE | FEATURE_APIC | FEATURE_SEP | FEATURE_PSE36);
    features |= ws__cpu_has_local_apic(cpu) ? FEATURE_APIC : 0;
    ws__engine_set(cpu->engine, WS_EDX, features);
}

/* invlpg is done.  The engine's TLB is never out of date (see tlb.h), so there is nothing to drop in it.  Where the CPU
 * keeps translations, it is that page: invlpg has changed no register, so its operand still names it.  SDM 3A §4.10.4.1
 * "Operations that Invalidate TLBs and Paging-Structure Caches" */
static void page_invalidate(struct ws__cpu *cpu)
{
    if (cpu->kept.entry) {
        const struct ws__operands *operands =
            ws__code_cache_operands(cpu->code, cpu->last.in_progress.linear, cpu->wide);
        ws__check_refresh(cpu);
        ws__kept_invalidate(cpu, ws__operand_linear(cpu, operands, &operands->named));
    }
    ws__stale_clear(&cpu->state.stale);
}

/* Did the far transfer load CS and EIP, and at most SS and ESP?  If CS holds another selector than a far call named,
 * the call went through a gate or switched tasks.  A far jump and `iret` may have switched tasks, too. */
static bool only_code_loaded(const struct ws__cpu *cpu)
{
    bool as_named = ((cpu->last.named ^ ws__engine_get(cpu->engine, WS_CS)) & ~3u) == 0;
    return cpu->last.in_progress.class_ == WS__CLASS_RET_FAR ||
           (cpu->last.in_progress.class_ == WS__CLASS_CALL_FAR && as_named);
}

/* A call gate into a conforming segment keeps the privilege level, so CS's RPL must stay the CPL; the engine clears it.
 * SS was not changed, and its RPL is the CPL, too.  SDM 2A "CALL—Call Procedure" */
static void conforming_mend(struct ws__cpu *cpu)
{
    uint32_t cs = ws__engine_get(cpu->engine, WS_CS), cpl = ws__engine_get(cpu->engine, WS_SS) & WS_SELECTOR_RPL;
    if ((cs & WS_SELECTOR_RPL) == cpl)
        return;
    ws__engine_enter(cpu->engine, (uint16_t)((cs & ~3u) | cpl), &cpu->checks.segment[WS__SEGMENT_CS], 0, NULL);
    ws__check_refresh(cpu);
}

/* A far transfer may have changed the size of the code segment and the task, and with the task the address space. */
static void far_settle(struct ws__cpu *cpu)
{
    ws__check_refresh(cpu);
    bool transfer = only_code_loaded(cpu);
    if (!transfer && cpu->last.in_progress.class_ == WS__CLASS_CALL_FAR)
        conforming_mend(cpu);
    cpu->wide = cpu->checks.segment[WS__SEGMENT_CS].big;
    if (transfer)
        return; /* it loaded neither EFLAGS nor a task */
    if (ws__engine_get(cpu->engine, WS_CR3) != cpu->paging.value[WS_CR3])
        ws__cpu_paging_changed(cpu); /* a task switch loads CR3, too */
    uint32_t flags = ws__engine_get(cpu->engine, WS_EFLAGS);
    if (flags & WS_EFLAGS_VM)
        ws__cpu_halt(cpu, WS_HALT_VIRTUAL_8086, 0);
    if (flags & WS_EFLAGS_RF)
        cpu->checks.reasons |= WS__CHECK_RF;
    if (!(cpu->run.listening & WS_EVENT_MASK(TASK)))
        return;
    uint32_t tr = ws__engine_get(cpu->engine, WS_TR);
    if (tr != cpu->last.in_progress.tr)
        report(cpu, WS_EVENT_TASK, WS_TR, cpu->last.in_progress.tr, tr);
}

/* Report a call, a return or a jump: ESP before, EIP after. */
static void transfer_report(struct ws__cpu *cpu, enum ws_event_kind kind)
{
    if (cpu->run.listening & 1u << kind)
        report(cpu, kind, 0, cpu->last.in_progress.esp, ws__engine_get(cpu->engine, WS_EIP));
}

void ws__in_progress_abort(struct ws__last *last, uint64_t mark)
{
    if (last->in_progress.open && last->in_progress.mark == mark)
        last->in_progress.open = false;
}

bool ws__in_progress_commit(struct ws__cpu *cpu)
{
    struct ws__in_progress *progress = &cpu->last.in_progress;
    enum ws_register which;
    progress->open = false;
    switch (progress->class_) {
    case WS__CLASS_RDTSC: /* the engine has read the host's clock */
        ws__execute_clock_read(cpu, progress->mark);
        break;
    case WS__CLASS_CPUID:
        cpuid_settle(cpu);
        break;
    case WS__CLASS_MOV_TO_CR:
    case WS__CLASS_MOV_TO_CR3:
        control_register_settle(cpu, ws__cpu_control_register(progress->operand));
        break;
    case WS__CLASS_LMSW:
        control_register_settle(cpu, WS_CR0);
        break;
    case WS__CLASS_LGDT:
    case WS__CLASS_LIDT:
    case WS__CLASS_LLDT:
    case WS__CLASS_LTR:
        which = (enum ws_register)follows[progress->class_].before;
        report(cpu, WS_EVENT_TABLE_LOAD, which, progress->before, ws__engine_get(cpu->engine, which));
        break;
    case WS__CLASS_INVLPG:
        page_invalidate(cpu);
        break;
    case WS__CLASS_CALL_FAR:
        far_settle(cpu);
        transfer_report(cpu, WS_EVENT_CALL);
        break;
    case WS__CLASS_CALL:
    case WS__CLASS_JMP:
        transfer_report(cpu, progress->class_ == WS__CLASS_JMP ? WS_EVENT_JUMP : WS_EVENT_CALL);
        break;
    case WS__CLASS_JMP_FAR:
        far_settle(cpu);
        break;
    case WS__CLASS_RET_FAR:
        far_settle(cpu);
        transfer_report(cpu, WS_EVENT_RET);
        break;
    case WS__CLASS_RET:
        transfer_report(cpu, WS_EVENT_RET);
        break;
    case WS__CLASS_IRET:
        far_settle(cpu);
        cpu->state.nmi_blocked = false; /* SDM 3A §6.7.1 "Handling Multiple NMIs" */
        if (cpu->run.listening & WS_EVENT_MASK(RETURN))
            report(cpu, WS_EVENT_RETURN, ws__engine_cpl(cpu->engine), progress->eip,
                   ws__engine_get(cpu->engine, WS_EIP));
        break;
    default:
        break;
    }
    return cpu->state.halt.reason == WS_HALT_NONE;
}

/* -- flags that the engine changes too early --------------------------------------------------- */

/*
 * The engine translates a block before it runs it.  In two cases, flags then have values that no CPU gives them:
 *  - a bit test leaves some flags undefined, says the manual.  The engine's values for them depend on the instructions
 *    in front of it in the same block.  So that they are always the same, a bit test begins a block of its own;
 *  - a rotation through carry changes the flags before it stores its result, even if the store faults; and setcc loses
 *    the flags that it tests.  So EFLAGS are kept when such an instruction begins, and restored if it faults.
 * Two other effects of translating ahead are handled elsewhere: pages that are fetched ahead in tlb.c, instructions
 * that write into their own block in frames.c.
 */

/* A bit test must be the first instruction after the engine is entered. */
bool ws__early_flags_wants_entry(const struct ws__last *last, const struct ws__decoded *decoded)
{
    return decoded->class_ == WS__CLASS_BIT_TEST && !last->none;
}

void ws__early_flags_begun(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    cpu->last.none = false;
    if (decoded->class_ == WS__CLASS_EARLY_FLAGS)
        cpu->last.flags_before = ws__engine_get(cpu->engine, WS_EFLAGS);
}

void ws__early_flags_undo(struct ws__cpu *cpu, uint32_t linear)
{
    if (ws__code_cache_find(cpu->code, linear, cpu->wide)->class_ == WS__CLASS_EARLY_FLAGS)
        ws__engine_set(cpu->engine, WS_EFLAGS, cpu->last.flags_before);
}
