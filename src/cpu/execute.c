/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions that the library executes, or checks first, because the engine does not do them as a CPU does.
 *
 *   int, int3, into, int1   the engine reports them like exceptions; here they go straight to the delivery
 *   invalid instructions    the engine takes some of them for others
 *   hlt                     the sleep belongs to the library: interrupt.c
 *   rdtsc                   the engine would read the host's clock; the machine's only clock is its mark
 *   mov %dr                 a data breakpoint would crash the engine; so DR0..DR7 are in struct ws__cpu_state
 *   in, out, ins, outs      the engine checks neither IOPL nor the TSS's bitmap
 *   mov %cr                 the engine accepts combinations that a CPU refuses
 *   rdmsr, wrmsr            the engine knows any number, and takes any value
 *   rdpmc                   this CPU has no performance counters
 *   ltr                     the engine accepts a null selector
 *   ljmp, lcall to a task   task_switch.c switches tasks, since the engine does it in part only
 *   iret with NT            the engine loses flags and EIP when the task before cannot run
 *   iret with VM            the engine goes to virtual-8086 mode from any ring
 */
#include <string.h>

#include "cpu/debug.h"
#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"
#include "x86/model_specific.h"
#include "x86/reason.h"

static void raise_exception(struct ws__raise *raise, uint32_t eip, uint8_t vector, struct ws_reason reason)
{
    *raise = (struct ws__raise){
        .raised = true,
        .vector = vector,
        .origin = WS_ORIGIN_EXCEPTION,
        .return_eip = eip,
        .fault_eip = eip,
        .reason = reason,
    };
}

/* -- ports ------------------------------------------------------------------------------------- */

/* The bitmap in the TSS has one bit for each port; a bit that is set forbids the port.  A CPU always reads two bytes,
 * so software puts a byte of ones behind the bitmap.  *page_fault: the error code if the TSS cannot be read, else
 * UINT32_MAX.  SDM 1 §19.5.2 "I/O Permission Bit Map" */
static bool bitmap_allows(struct ws__cpu *cpu, uint16_t port, unsigned width, uint32_t *page_fault)
{
    struct ws_registers registers;
    struct ws_descriptor tss;
    uint16_t base, bits;
    *page_fault = UINT32_MAX;
    ws__cpu_registers(cpu, &registers);
    ws__engine_segment(cpu->engine, WS_TR, &tss);
    bool usable = (registers.value[WS_TR] & ~3u) && (tss.type & ~2) == WS_TYPE_TSS32 && tss.limit >= 0x67;
    if (!usable)
        return false;
    if (!ws__cpu_read(cpu, &registers, tss.base + 0x66, &base, sizeof base, page_fault))
        return false;
    if (base + port / 8u + 1 > tss.limit)
        return false;
    if (!ws__cpu_read(cpu, &registers, tss.base + base + port / 8u, &bits, sizeof bits, page_fault))
        return false;
    return (bits >> port % 8 & ((1u << width) - 1)) == 0;
}

static unsigned iopl(const struct ws__engine *engine)
{
    return (ws__engine_get(engine, WS_EFLAGS) & WS_EFLAGS_IOPL) >> 12;
}

/* Must the bitmap allow the port, since the CPL is above IOPL?  SDM 1 §19.5 "Protected-Mode I/O". */
static bool port_is_privileged(struct ws__engine *engine)
{
    return ws__engine_cpl(engine) > iopl(engine);
}

static void port_check(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t eip, struct ws__raise *raise)
{
    uint32_t page_fault;
    bool immediate = decoded->class_ == WS__CLASS_PORT_IMM;
    uint16_t port = immediate ? decoded->operand : (uint16_t)ws__engine_get(cpu->engine, WS_EDX);
    if (bitmap_allows(cpu, port, decoded->width, &page_fault))
        return;
    if (page_fault != UINT32_MAX) {
        raise_exception(raise, eip, WS_VECTOR_PF, ws__reason_page(&cpu->page_fault));
        raise->error_code = page_fault;
        return;
    }
    raise_exception(raise, eip, WS_VECTOR_GP, WS__REASON(PORT, port, ws__engine_cpl(cpu->engine), iopl(cpu->engine)));
}

/* -- control registers ------------------------------------------------------------------------- */

#define CR4_KNOWN                                                                                           \
    (WS_CR4_VME | WS_CR4_PVI | WS_CR4_TSD | WS_CR4_DE | WS_CR4_PSE | WS_CR4_MCE | WS_CR4_PGE | WS_CR4_PCE | \
     WS_CR4_OSFXSR | WS_CR4_OSXMMEXCPT)

/* A CPU refuses reserved bits, and combinations of bits that mean nothing.  SDM 2B "MOV—Move to/from Control
 * Registers" */
static bool control_register_is_valid(unsigned number, uint32_t value)
{
    if (number == 4)
        return (value & ~CR4_KNOWN) == 0;
    if (number != 0)
        return true;
    if (value & WS_CR0_PG && !(value & WS_CR0_PE))
        return false;
    return !(value & WS_CR0_NW) || value & WS_CR0_CD;
}

/* A value of CR0 without PE is valid, but leads to real mode, which this machine does not have. */
bool ws__execute_control_is_plain(unsigned number, uint32_t value)
{
    return control_register_is_valid(number, value) && (number != 0 || value & WS_CR0_PE);
}

/* Why it is not valid. */
static struct ws_reason control_reason(unsigned number, uint32_t value)
{
    if (number == 4)
        return WS__REASON(CR4_RESERVED, value, value & ~CR4_KNOWN);
    return value & WS_CR0_PG && !(value & WS_CR0_PE) ? WS__REASON(CR0_PAGING, value) : WS__REASON(CR0_CACHE, value);
}

static void control_refuse(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t eip,
                           struct ws__raise *raise)
{
    if (control_register_is_valid(decoded->operand, cpu->last.loading))
        ws__cpu_halt(cpu, WS_HALT_REAL_MODE, 0);
    else
        raise_exception(raise, eip, WS_VECTOR_GP, control_reason(decoded->operand, cpu->last.loading));
}

/* -- debug registers --------------------------------------------------------------------------- */

enum {
    DR6_WRITABLE = 0x0000e00f, /* the other bits read as they do after reset */
    DR7_CLEAR = 0xd800         /* reserved bits 11, 12, 14, 15 read as zero */
};

/* SDM 3B §17.2 "Debug Registers". DR4 and DR5 are DR6 and DR7, unless CR4.DE makes them invalid. */
static void debug_register_move(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t eip,
                                struct ws__raise *raise)
{
    unsigned number = decoded->operand;
    unsigned cpl = ws__engine_cpl(cpu->engine);
    if (cpl != 0) {
        raise_exception(raise, eip, WS_VECTOR_GP, WS__REASON(PRIVILEGED, cpl));
        return;
    }
    if (number == 4 || number == 5) {
        if (ws__engine_get(cpu->engine, WS_CR4) & WS_CR4_DE) {
            raise_exception(raise, eip, WS_VECTOR_UD, WS__REASON(DEBUG_REGISTER, number));
            return;
        }
        number += 2;
    }
    if (cpu->state.debug[7] & WS__DR7_GD) { /* GD protects the debug registers: the access is a fault */
        ws__debug_report(cpu, WS__DR6_BD);
        raise_exception(raise, eip, WS_VECTOR_DB, WS__REASON(DEBUG_PROTECTED, 0));
        return;
    }
    enum ws_register general = ws__engine_general(decoded->general);
    if (decoded->class_ == WS__CLASS_MOV_FROM_DR) {
        ws__engine_set(cpu->engine, general, cpu->state.debug[number]);
        return;
    }
    uint32_t value = ws__engine_get(cpu->engine, general);
    if (number == 6)
        value = (value & DR6_WRITABLE) | WS__DR6_RESET;
    if (number == 7)
        value = (value & ~(uint32_t)DR7_CLEAR) | WS__DR7_RESET;
    cpu->state.debug[number] = value;
    ws__check_reconsider(cpu);
}

/* -- the clock --------------------------------------------------------------------------------- */

/* May the guest not read the time stamp counter in this ring?  SDM 2B "RDTSC—Read Time-Stamp Counter" */
static bool clock_is_privileged(const struct ws__engine *engine)
{
    return ws__engine_get(engine, WS_CR4) & WS_CR4_TSD && ws__engine_cpl(engine) != 0;
}

void ws__execute_clock_read(struct ws__cpu *cpu, uint64_t mark)
{
    uint64_t now = mark + 1 + cpu->state.clock;
    ws__engine_set(cpu->engine, WS_EAX, (uint32_t)now);
    ws__engine_set(cpu->engine, WS_EDX, (uint32_t)(now >> 32));
}

/* This model of CPU takes the low half of the value that is written, and clears the high half.  SDM 3B §17.17
 * "Time-Stamp Counter" */
static void clock_write(struct ws__cpu *cpu)
{
    cpu->state.clock = ws__engine_get(cpu->engine, WS_EAX) - cpu->state.begun;
}

/* -- model-specific registers ------------------------------------------------------------------ */

/* Must the library do this rdmsr or wrmsr?  The time stamp counter and the local APIC are not in the engine, and the
 * engine would not refuse registers and values that this CPU does not have. */
static bool specific_wanted(struct ws__engine *engine, const struct ws__decoded *decoded)
{
    uint32_t number = ws__engine_get(engine, WS_ECX);
    uint64_t value = (uint64_t)ws__engine_get(engine, WS_EDX) << 32 | ws__engine_get(engine, WS_EAX);
    if (ws__engine_cpl(engine) != 0)
        return false; /* the engine does refuse this */
    bool taken =
        decoded->class_ == WS__CLASS_WRMSR ? ws__specific_takes(number, value) : ws__specific_is_readable(number);
    return number == WS__SPECIFIC_CLOCK || number == WS__SPECIFIC_APIC_BASE || !taken;
}

/* Why it is not taken. */
static struct ws_reason specific_reason(const struct ws__engine *engine)
{
    uint32_t number = ws__engine_get(engine, WS_ECX);
    if (!ws__specific_is_readable(number))
        return WS__REASON(MSR_NONE, number);
    return WS__REASON(MSR_VALUE, number, ws__engine_get(engine, WS_EDX), ws__engine_get(engine, WS_EAX));
}

/* true: the value of IA32_APIC_BASE is one that it takes, or it is read. */
static bool apic_base_access(struct ws__cpu *cpu, bool write)
{
    uint64_t value = (uint64_t)ws__engine_get(cpu->engine, WS_EDX) << 32 | ws__engine_get(cpu->engine, WS_EAX);
    if (!write) {
        ws__engine_set(cpu->engine, WS_EAX, WS__APIC_BASE | (ws__cpu_has_local_apic(cpu) ? WS__APIC_BASE_ENABLED : 0));
        ws__engine_set(cpu->engine, WS_EDX, 0);
    } else if (ws__specific_takes(WS__SPECIFIC_APIC_BASE, value)) {
        cpu->client.local_apic_set(cpu->client.context, value & WS__APIC_BASE_ENABLED);
    } else {
        return false;
    }
    return true;
}

static void specific_access(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t eip,
                            struct ws__raise *raise)
{
    uint32_t number = ws__engine_get(cpu->engine, WS_ECX);
    if (number == WS__SPECIFIC_APIC_BASE && apic_base_access(cpu, decoded->class_ == WS__CLASS_WRMSR))
        return;
    if (number != WS__SPECIFIC_CLOCK)
        raise_exception(raise, eip, WS_VECTOR_GP, specific_reason(cpu->engine));
    else if (decoded->class_ == WS__CLASS_RDMSR)
        ws__execute_clock_read(cpu, cpu->state.begun - 1);
    else
        clock_write(cpu);
}

/* -- software interrupts ----------------------------------------------------------------------- */

static void software_interrupt(struct ws__raise *raise, uint32_t eip, const struct ws__decoded *decoded, uint8_t vector,
                               enum ws_origin origin)
{
    *raise = (struct ws__raise){
        .raised = true,
        .vector = vector,
        .origin = origin,
        .return_eip = eip + decoded->length,
        .fault_eip = eip,
    };
}

/* -- far transfers ----------------------------------------------------------------------------- */

static bool is_task_return(const struct ws__engine *engine)
{
    return ws__engine_get(engine, WS_EFLAGS) & WS_EFLAGS_NT;
}

/* -- which, and how ---------------------------------------------------------------------------- */

bool ws__execute_wanted(struct ws__cpu *cpu, const struct ws__decoded *decoded)
{
    switch (decoded->class_) {
    case WS__CLASS_INVALID:
    case WS__CLASS_INT:
    case WS__CLASS_INT3:
    case WS__CLASS_INTO:
    case WS__CLASS_ICEBP:
    case WS__CLASS_RDPMC:
    case WS__CLASS_MOV_FROM_DR:
    case WS__CLASS_MOV_TO_DR:
        return true;
    case WS__CLASS_RDTSC:
        return clock_is_privileged(cpu->engine);
    case WS__CLASS_RDMSR:
    case WS__CLASS_WRMSR:
        return specific_wanted(cpu->engine, decoded);
    case WS__CLASS_LTR: /* SDM 2A "LTR—Load Task Register" */
        return ws__engine_cpl(cpu->engine) == 0 && ws__ltr_is_null(cpu, ws__code_cache_operands_of(cpu->code, decoded));
    case WS__CLASS_IRET:
        return is_task_return(cpu->engine);
    case WS__CLASS_CALL_FAR:
    case WS__CLASS_JMP_FAR:
        return ws__task_wanted(cpu, decoded);
    case WS__CLASS_HLT:
        return ws__engine_cpl(cpu->engine) == 0;
    case WS__CLASS_PORT_IMM:
    case WS__CLASS_PORT_DX: {
        struct ws__raise raise = {0};
        if (port_is_privileged(cpu->engine))
            port_check(cpu, decoded, 0, &raise);
        return raise.raised;
    }
    case WS__CLASS_MOV_TO_CR:
    case WS__CLASS_MOV_TO_CR3:
        cpu->last.loading = ws__engine_get(cpu->engine, ws__engine_general(decoded->general));
        return !ws__execute_control_is_plain(decoded->operand, cpu->last.loading) && ws__engine_cpl(cpu->engine) == 0;
    default:
        return false;
    }
}

bool ws__execute_instead(struct ws__run *run, const struct ws__decoded *decoded)
{
    run->decoded = *decoded;
    run->action = WS__ACTION_EXECUTE;
    return false;
}

static void execute_one(struct ws__cpu *cpu, const struct ws__decoded *decoded, uint32_t eip, struct ws__raise *raise)
{
    switch (decoded->class_) {
    case WS__CLASS_INVALID:
        raise_exception(raise, eip, WS_VECTOR_UD, WS__REASON(NONE, 0)); /* why.c looks at the bytes */
        break;
    case WS__CLASS_LTR:
        raise_exception(raise, eip, WS_VECTOR_GP, WS__REASON(SELECTOR_NULL, 0));
        break;
    case WS__CLASS_RDPMC: /* this CPU has no counter.  SDM 2B "RDPMC—Read Performance-Monitoring Counters" */
        raise_exception(raise, eip, WS_VECTOR_GP, WS__REASON(COUNTER, ws__engine_get(cpu->engine, WS_ECX)));
        break;
    case WS__CLASS_INT:
        software_interrupt(raise, eip, decoded, decoded->operand, WS_ORIGIN_SOFTWARE);
        break;
    case WS__CLASS_INT3:
        software_interrupt(raise, eip, decoded, WS_VECTOR_BP, WS_ORIGIN_SOFTWARE);
        break;
    case WS__CLASS_INTO:
        if (ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_OF)
            software_interrupt(raise, eip, decoded, WS_VECTOR_OF, WS_ORIGIN_SOFTWARE);
        break;
    case WS__CLASS_ICEBP: /* int1: the gate's DPL is not checked, and DR6 gets no bit */
        software_interrupt(raise, eip, decoded, WS_VECTOR_DB, WS_ORIGIN_EXCEPTION);
        break;
    case WS__CLASS_IRET:
        if (is_task_return(cpu->engine))
            ws__deliver_return(cpu, eip, eip + decoded->length, raise);
        else
            ws__interrupt_return(cpu, eip, raise);
        break;
    case WS__CLASS_CALL_FAR:
    case WS__CLASS_JMP_FAR:
        ws__deliver_transfer(cpu, decoded, eip, raise);
        break;
    case WS__CLASS_HLT:
        cpu->state.asleep = true;
        break;
    case WS__CLASS_RDTSC:
        raise_exception(raise, eip, WS_VECTOR_GP, WS__REASON(CLOCK, ws__engine_cpl(cpu->engine)));
        break;
    case WS__CLASS_RDMSR:
    case WS__CLASS_WRMSR:
        specific_access(cpu, decoded, eip, raise);
        break;
    case WS__CLASS_MOV_FROM_DR:
    case WS__CLASS_MOV_TO_DR:
        debug_register_move(cpu, decoded, eip, raise);
        break;
    case WS__CLASS_MOV_TO_CR:
        control_refuse(cpu, decoded, eip, raise);
        break;
    default:
        port_check(cpu, decoded, eip, raise);
        break;
    }
}

/* SDM 3B §17.3.1.4 "Single-Step Exception Condition". */
static void single_step(struct ws__cpu *cpu, uint32_t eip, struct ws__raise *raise)
{
    ws__debug_report(cpu, WS__DR6_BS);
    raise_exception(raise, eip, WS_VECTOR_DB, WS__REASON(BREAKPOINT, cpu->state.debug[6]));
}

void ws__execute(struct ws__cpu *cpu, const struct ws__decoded *decoded, struct ws__raise *raise)
{
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP);
    bool stepping = ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_TF;
    /* Of the far transfers that the library executes, only an iret without NT does not leave its task. */
    bool leaves =
        ws__class_is_far(decoded->class_) && !(decoded->class_ == WS__CLASS_IRET && !is_task_return(cpu->engine));
    *raise = (struct ws__raise){0};
    execute_one(cpu, decoded, eip, raise);
    if (raise->raised || cpu->state.halt.reason || leaves)
        return;
    if (!ws__class_is_far(decoded->class_)) /* a far transfer has loaded EIP itself */
        ws__engine_set(cpu->engine, WS_EIP, eip + decoded->length);
    if (stepping && !cpu->state.asleep)
        single_step(cpu, ws__engine_get(cpu->engine, WS_EIP), raise);
}
