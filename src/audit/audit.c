/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit: it remembers how worlds were left, and goes through the rules when they are entered.
 *
 * A switch that goes wrong often does not end: something faults on the way.  So the audit also looks for vectors that
 * interrupt the switch code, and for a guest that stopped in the midst of it.
 */
#include <worldswitch/audit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>

#include "audit/audit.h"

/* clang-format off */
static const struct ws_audit_rule public_rule[] = {
#define WS__RULE_WORLD(name, function, category, past, citation, explanation)                                          \
    {name, citation, explanation, WS_CROSSING_WORLD},
    WS__RULE_TABLE(WS__RULE_WORLD)
#undef WS__RULE_WORLD
#define WS__RULE_CONTEXT(name, function, category, needs, citation, explanation)                                       \
    {name, citation, explanation, WS_CROSSING_CONTEXT},
    WS__CONTEXT_RULE_TABLE(WS__RULE_CONTEXT)
#undef WS__RULE_CONTEXT
    {RULE_FPU, "SDM 3A §13.4.1 \"Using the TS Flag to Control the Saving of the x87 FPU and SSE State\"",
     "A process finds x87, MMX and XMM registers as it left them, or CR0.TS is set, so that its first use traps.",
     WS_CROSSING_CONTEXT},
    {RULE_STACK_OWNER, "SDM 3A §7.2.1 \"Task-State Segment (TSS)\"",
     "A kernel goes back to ring 3 from the ring-0 stack of the process whose page directory CR3 holds.",
     WS_CROSSING_CONTEXT},
    {RULE_WHOSE_STACK, "SDM 3A §6.12.1 \"Exception- or Interrupt-Handler Procedures\"",
     "A handler of ring 0 runs on the stack of whom it interrupts: between the write to CR3 and the load of ESP, ESP "
     "is an address of the left process, in the memory of the entered one.", WS_CROSSING_CONTEXT},
    {RULE_DEBUG, "SDM 3B §17.2 \"Debug Registers\"",
     "A process finds the debug registers as it left them, and not what another one has set: breakpoints are addresses "
     "of a program.", WS_CROSSING_CONTEXT},
    {RULE_UNDISTURBED, "SDM 3A §6.12.1 \"Exception- or Interrupt-Handler Procedures\"",
     "No exception comes while the switch code runs, and no interrupt before handlers and stack are those of the "
     "entered world: there may be none.", WS_CROSSING_WORLD},
    {RULE_MEMORY, "SDM 3A §7.2.1 \"Task-State Segment (TSS)\"",
     "The switch changes nothing of the entered world's tables, nor of its stack above ESP: only a TSS may become "
     "busy, and a descriptor accessed.", WS_CROSSING_WORLD},
    {RULE_ENDS, "", "The switch comes to its end, in the entered world.", WS_CROSSING_WORLD},
    {RULE_LEFT_CODE, "SDM 3A §4.3 \"32-Bit Paging\"",
     "After CR3 is written, no instruction of the left world is executed, only those of the page that both worlds map.",
     WS_CROSSING_WORLD},
    {NULL, NULL, NULL, 0},
};
/* clang-format on */

const struct ws_audit_rule *ws_audit_rules(void)
{
    return public_rule;
}

/* -- findings ------------------------------------------------------------------------------------------ */

struct ws_finding *ws__finding_add(struct ws_audit *audit, const char *rule, uint64_t mark, const char *text)
{
    if (audit->known.lost)
        return NULL;
    struct ws_finding *grown = realloc(audit->finding, (audit->findings + 1) * sizeof(*grown));
    if (!grown) {
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
        return NULL;
    }
    audit->finding = grown;
    struct ws_finding *finding = &grown[audit->findings++];
    *finding = (struct ws_finding){.rule = rule, .mark = mark};
    snprintf(finding->text, sizeof(finding->text), "%s", text);
    return finding;
}

struct ws_finding *ws__finding_say(struct ws_audit *audit, const char *rule, uint64_t mark, uint32_t linear,
                                   struct ws_buffer *text)
{
    struct ws_finding *finding = NULL;
    if (text->failed)
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
    else
        finding = ws__finding_add(audit, rule, mark, ws_buffer_text(text));
    if (finding)
        finding->linear = linear;
    ws_buffer_release(text);
    return finding;
}

/* -- who is due what ----------------------------------------------------------------------------------- */

static struct departed *departed_add(struct departed **list, const char *world)
{
    struct departed *departed = calloc(1, sizeof(*departed));
    if (!departed)
        return NULL;
    snprintf(departed->world, sizeof(departed->world), "%s", world);
    departed->next = *list;
    return *list = departed;
}

static struct departed *departed_find(const struct ws_audit *audit, const char *world)
{
    struct departed *departed = audit->known.departed;
    while (departed && strcmp(departed->world, world) != 0)
        departed = departed->next;
    return departed;
}

const struct ws_registers *ws__due_find(const struct ws_audit *audit, const char *world)
{
    const struct departed *departed = departed_find(audit, world);
    return departed && departed->due.known ? &departed->due.registers : NULL;
}

static struct departed *departed_get(struct ws_audit *audit, const char *world)
{
    struct departed *departed = departed_find(audit, world);
    return departed ? departed : departed_add(&audit->known.departed, world);
}

/* Several threads may share a process, so a context is known by its stack: the nearest one that was left, if it is so
 * near that only a few pushes or pops can be between. */
static struct departed *context_find(const struct ws_audit *audit, const char *world, uint32_t esp)
{
    enum { NEAR = 64 };
    struct departed *nearest = NULL;
    uint32_t least = NEAR + 1;
    for (struct departed *at = audit->known.context; at; at = at->next) {
        uint32_t due = at->due.registers.value[WS_ESP], distance = due < esp ? esp - due : due - esp;
        if (at->due.known && distance < least && !strcmp(at->world, world) &&
            !ws__watcher_thread_has_ended(audit->watcher, at->due.thread)) {
            nearest = at;
            least = distance;
        }
    }
    return nearest;
}

/* The address space as it was left last: another thread of the process may have run since, and have changed it. */
static struct ws_page_map map_last(const struct ws_audit *audit, const struct ws__due *due)
{
    const struct ws__due *last = due;
    for (const struct departed *at = audit->known.context; at; at = at->next)
        if (at->due.mark > last->mark && at->due.registers.value[WS_CR3] == due->registers.value[WS_CR3])
            last = &at->due;
    return last->map;
}

/* A place for a context that is left. */
static struct departed *context_get(struct ws_audit *audit, const char *world)
{
    for (struct departed *at = audit->known.context; at; at = at->next)
        if (!at->due.known && !strcmp(at->world, world))
            return at;
    return departed_add(&audit->known.context, world);
}

/* What a world or context that was left is due when it is entered again: what it had, and to go on behind its call.
 * Without a map, the rule about it has nothing to say. */
static void departure_keep(struct departed *departed, const struct ws_crossing *crossing, bool named,
                           struct ws_page_map map)
{
    struct ws__due *due = &departed->due;
    departed->named = named;
    due->known = true;
    due->mark = crossing->end;
    due->registers = crossing->before;
    due->registers.value[WS_EIP] = crossing->resume.linear;
    due->registers.value[WS_ESP] = crossing->resume.esp;
    due->registers.value[WS_EFLAGS] = crossing->resume.eflags;
    due->registers.value[WS_CS] = crossing->resume.cs;
    ws_page_map_release(&due->map);
    due->map = map;
}

/* Without memory the map is empty, and the machine has failed. */
static void map_read(const struct ws_audit *audit, struct ws_page_map *map, const struct ws_registers *registers)
{
    struct ws_physical memory = ws_machine_memory(audit->machine);
    ws_machine_fail(audit->machine, ws_page_map_read(map, &memory, registers));
}

/* -- judging ------------------------------------------------------------------------------------------- */

/* Does this rule ask something of this switch? */
static bool rule_applies(const struct ws_audit *audit, const struct ws__case *judged, const struct ws__rule_row *rule)
{
    bool loaded = rule->check == ws__rule_left_world_gone && !strcmp(judged->crossing->from, audit->loader);
    return !loaded && (!(rule->needs & WS__NEEDS_PAST) || judged->due->known) &&
           (!(rule->needs & WS__NEEDS_THOROUGH) || audit->thorough) &&
           (!(rule->needs & WS__NEEDS_SPACES) || judged->crossing->kind != WS_CROSSING_THREAD);
}

/* Go through `count` rules, which stand in the public list from `first` on.  What follows from another broken rule is
 * left out. */
static void case_judge(struct ws_audit *audit, const struct ws__case *judged, const struct ws__rule_row *rules,
                       const uint32_t *causes, unsigned first, unsigned count)
{
    struct ws_buffer wrong[WS__RULES + WS__CONTEXT_RULES] = {WS_BUFFER_INIT};
    uint32_t broken = 0;
    for (unsigned i = 0; i < count; i++) {
        if (!rule_applies(audit, judged, &rules[i]))
            continue;
        audit->known.judged[first + i]++;
        rules[i].check(judged, rules[i].category, &wrong[i]);
        broken |= (uint32_t)(wrong[i].size != 0) << i;
        if (wrong[i].failed)
            ws_machine_fail(audit->machine, WS_NO_MEMORY);
    }
    for (unsigned i = 0; i < count; i++) {
        if (broken >> i & 1 && !(broken & causes[i]) && !wrong[i].failed)
            ws__finding_add(audit, public_rule[first + i].name, judged->crossing->end, ws_buffer_text(&wrong[i]));
        ws_buffer_release(&wrong[i]);
    }
}

/* Arguments may be taken off by the callee or by the caller: that is between them.  But what `ret N` takes off may be
 * the rest of a far call's frame, and no argument. */
static void due_esp_settle(struct ws__due *due, const struct ws_crossing *crossing)
{
    if (crossing->after.value[WS_ESP] != due->registers.value[WS_ESP])
        due->registers.value[WS_ESP] += crossing->popped;
}

static void world_switch_judge(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    static const struct ws__due nothing;
    struct departed *entered = departed_find(audit, crossing->to);
    struct ws__due due = entered ? entered->due : nothing;
    struct ws_registers now;
    struct ws_page_map left, entered_map;
    ws_machine_registers(audit->machine, &now);
    map_read(audit, &left, &crossing->before);
    map_read(audit, &entered_map, &crossing->after);
    due_esp_settle(&due, crossing);
    uint32_t page = crossing->cr3_linear & WS_PAGE_FRAME;
    struct ws__case judged = {
        .machine = audit->machine,
        .crossing = crossing,
        .now = &now,
        .left = &left,
        .entered = &entered_map,
        .due = &due,
        .departed = audit->known.departed,
        .left_attributes = &audit->known.attributes,
        .attributes = ws_machine_page_attributes(audit->machine),
        .cross_linear = audit->cross_bytes ? audit->cross_linear : page,
        .cross_bytes = audit->cross_bytes ? audit->cross_bytes : WS_PAGE_BYTES,
    };
    audit->known.switches++;
    case_judge(audit, &judged, ws__rules, ws__rule_causes, 0, WS__RULES);
    ws__left_code_judge(audit, crossing);
    ws__between_end(audit, crossing);
    ws_page_map_release(&entered_map);
    struct departed *departed = departed_get(audit, crossing->from);
    if (departed) {
        departure_keep(departed, crossing, ws__watcher_named(audit->watcher, crossing->before.value[WS_CR3]), left);
        departed->due.attributes = audit->known.attributes;
    } else {
        ws_page_map_release(&left);
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
    }
    audit->known.attributes.count = 0;
}

static void context_switch_judge(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    const char *world = ws_watcher_world(audit->watcher, &crossing->after);
    struct departed *entered = context_find(audit, world, crossing->after.value[WS_ESP] - crossing->popped);
    struct ws__due due = {.known = false};
    if (entered && !crossing->by_jump) {
        due = entered->due;
        due.map = map_last(audit, &due);
    }
    due_esp_settle(&due, crossing);
    struct ws_registers now;
    ws_machine_registers(audit->machine, &now);
    struct ws__case judged = {
        .machine = audit->machine, .crossing = crossing, .now = &now, .due = &due, .left_esp0 = audit->known.esp0};
    audit->known.context_switches += crossing->kind == WS_CROSSING_CONTEXT;
    audit->known.thread_switches += crossing->kind == WS_CROSSING_THREAD;
    case_judge(audit, &judged, ws__context_rules, ws__context_rule_causes, WS__RULES, WS__CONTEXT_RULES);
    if (entered)
        entered->due.known = false; /* it runs */
    struct departed *left = context_get(audit, world);
    struct ws_page_map map = {0};
    if (!left) {
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
        return;
    }
    if (audit->thorough)
        map_read(audit, &map, &crossing->before);
    departure_keep(left, crossing, false, map);
    left->due.esp0 = audit->known.esp0;
    left->due.thread = crossing->from_thread;
}

static void control_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_audit *audit = context;
    if (ws__watcher_held(audit->watcher))
        return; /* it was heard before */
    if (event->which == WS_CR3)
        audit->known.cr3_mark = ws_machine_mark(machine);
    ws__between_event(audit, event);
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct ws_audit *audit = context;
    if (crossing->kind == WS_CROSSING_WORLD)
        world_switch_judge(audit, crossing);
    else
        context_switch_judge(audit, crossing);
    ws__audit_fpu_crossing(audit, crossing);
    ws__gone_forget(audit, crossing);
    ws__audit_debug_crossing(audit, crossing);
    audit->known.esp0 = ws__esp0_read(audit->machine);
}

/* -- what disturbs a switch ---------------------------------------------------------------------------- */

/* Is this in the switch code?  Known from being told, or from where the CR3 write was that is open. */
static bool in_switch_code(const struct ws_audit *audit, uint32_t linear, const struct ws_crossing_open *open)
{
    if (audit->cross_bytes)
        return linear - audit->cross_linear < audit->cross_bytes;
    return open && (linear ^ open->cr3_linear) < WS_PAGE_BYTES;
}

bool ws__is_whole(const struct ws_registers *due, const struct ws_registers *now)
{
    return now->value[WS_IDTR_BASE] == due->value[WS_IDTR_BASE] && now->value[WS_SS] == due->value[WS_SS] &&
           due->value[WS_ESP] - now->value[WS_ESP] < WS_PAGE_BYTES;
}

static bool entered_is_whole(const struct ws_audit *audit)
{
    struct ws_registers now;
    ws_machine_registers(audit->machine, &now);
    const struct ws_registers *due = ws__due_find(audit, ws_watcher_world(audit->watcher, &now));
    return due && ws__is_whole(due, &now);
}

/* From outside, an interrupt has come. */
static void disturbance_add(struct ws_audit *audit, const struct ws_event *event)
{
    char text[WS_FINDING_TEXT], irq[16];
    const char *name = ws_vector_info((uint8_t)event->which, (enum ws_origin)event->origin)->name;
    snprintf(irq, sizeof irq, "IRQ %d", event->irq);
    snprintf(text, sizeof(text), "interrupt %u (%s) in the switch code, at 0x%08x", event->which,
             event->irq < 0 ? name : irq, event->linear);
    struct ws_finding *finding = ws__finding_add(audit, RULE_UNDISTURBED, event->mark, text);
    if (!finding)
        return;
    finding->linear = event->linear;
    finding->vector = (uint8_t)event->which;
    finding->has_vector = true;
}

/* An instruction has failed.  What comes behind it is a consequence. */
static void failure_add(struct ws_audit *audit, const char *rule, uint64_t mark, const struct ws__failure *failure,
                        const char *end)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ws__failure_say(audit, &text, failure);
    ws_buffer_printf(&text, "%s", end);
    struct ws_finding *finding = ws__finding_say(audit, rule, mark, failure->linear, &text);
    audit->known.lost = true;
    if (!finding)
        return;
    finding->vector = failure->vector;
    finding->has_vector = true;
    finding->error_code = failure->error_code;
    finding->has_error_code = failure->has_error_code;
    finding->cr2 = failure->vector == WS_VECTOR_PF ? failure->cr2 : 0;
}

/* Another process of the same world has the same handlers: with a stack it can be interrupted. */
static bool is_of_worlds(const struct ws_audit *audit, const struct ws_crossing_open *open)
{
    return audit->cross_bytes || audit->between.open || open->tables;
}

/* The CPU takes the handler's stack from ESP if the ring stays. */
static void whose_stack_judge(struct ws_audit *audit, const struct ws_event *event, const struct ws_registers *now)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    uint32_t esp = event->esp + (event->has_error_code ? 16 : 12);
    bool inner = event->cpl > (now->value[WS_CS] & WS_SELECTOR_RPL);
    if (inner || !ws__watcher_stack_is_nobodys(audit->watcher, esp))
        return;
    ws_buffer_printf(
        &text,
        "vector %u comes before ESP is loaded: its frame at 0x%08x goes into memory of the entered process, "
        "and ESP is still the left one's",
        event->which, event->esp);
    ws__finding_say(audit, RULE_WHOSE_STACK, event->mark, event->linear, &text);
}

static void vector_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_audit *audit = context;
    struct ws_crossing_open open;
    struct ws_registers now;
    if (ws__watcher_held(audit->watcher))
        return; /* it was heard before */
    bool is_open = ws_watcher_open(audit->watcher, &open);
    ws_machine_registers(machine, &now);
    whose_stack_judge(audit, event, &now);
    /* From outside an interrupt may come as long as the left world is whole: until CR3 is written. */
    bool external = event->origin == WS_ORIGIN_EXTERNAL;
    if ((external && !is_open) || !in_switch_code(audit, event->linear, is_open ? &open : NULL))
        return;
    if (external && is_of_worlds(audit, &open) && !entered_is_whole(audit))
        disturbance_add(audit, event);
    if (external)
        return;
    struct ws__failure failure = {
        .linear = event->linear,
        .esp = now.value[WS_ESP] + (event->has_error_code ? 16 : 12), /* less what the CPU has pushed */
        .error_code = event->error_code,
        .has_error_code = event->has_error_code,
        .cr2 = now.value[WS_CR2],
        .vector = (uint8_t)event->which,
        .origin = event->origin,
    };
    failure_add(audit, RULE_UNDISTURBED, event->mark, &failure, "");
    audit->between.open = false;
}

/* Did the guest end by its own choice?  Then a switch that looks open may have ended with a jump. */
static bool ended_well(const struct ws_halt *halt)
{
    return halt->reason == WS_HALT_STOPPED || halt->reason == WS_HALT_EXIT || halt->reason == WS_HALT_ASLEEP ||
           halt->reason == WS_HALT_LIMIT;
}

/* A triple fault, as its first fault has it; `end` is what became of that.  The halt has counted the instruction that
 * failed. */
static void triple_fault_add(struct ws_audit *audit, const struct ws_halt *halt, const char *end)
{
    const struct ws_fault *first = &halt->fault[0];
    struct ws_registers now;
    ws_machine_registers(audit->machine, &now);
    struct ws__failure failure = {
        .linear = first->linear,
        .esp = now.value[WS_ESP],
        .error_code = first->error_code,
        .has_error_code = first->has_error_code,
        .cr2 = first->cr2,
        .vector = first->vector,
        .origin = first->origin,
    };
    failure_add(audit, RULE_ENDS, halt->mark - 1, &failure, end);
}

/* A switch that is no crossing, since CR3 or the stack was not another process's, and that ends the guest: did the
 * first fault come shortly behind a write of CR3? */
static bool fails_at_once(const struct ws_audit *audit, const struct ws_halt *halt)
{
    enum { SHORTLY = 16 };
    return !audit->findings && halt->reason == WS_HALT_TRIPLE_FAULT && halt->origin != WS_ORIGIN_EXTERNAL &&
           audit->known.cr3_mark && halt->mark - audit->known.cr3_mark < SHORTLY;
}

void ws_audit_finish(struct ws_audit *audit)
{
    const struct ws_halt *halt = ws_machine_halt(audit->machine);
    struct ws_crossing_open open;
    ws__audit_fpu_settle(audit);
    if (halt->reason == WS_HALT_NONE)
        ws_watcher_look(audit->watcher);
    if (ended_well(halt))
        ws_watcher_settle(audit->watcher);
    bool is_open = ws_watcher_open(audit->watcher, &open);
    uint32_t linear = ws_machine_eip_linear(audit->machine);
    bool inside = in_switch_code(audit, linear, is_open ? &open : NULL) || (is_open && open.tables);
    if (audit->known.finished || halt->reason == WS_HALT_NONE || !(inside || fails_at_once(audit, halt)))
        return;
    audit->known.finished = true;
    if (halt->reason == WS_HALT_TRIPLE_FAULT && halt->origin != WS_ORIGIN_EXTERNAL) {
        triple_fault_add(audit, halt,
                         inside ? "; no handler can be entered: the guest triple-faulted, and the switch did not end"
                                : "; the guest triple-faulted shortly behind a write of CR3: were stack and page "
                                  "directory another process's?");
        return;
    }
    char text[WS_FINDING_TEXT];
    snprintf(text, sizeof(text), "the switch did not end: %s at 0x%08x", ws_halt_text(halt->reason), linear);
    ws__finding_add(audit, RULE_ENDS, halt->mark, text);
}

/* -- the public face ----------------------------------------------------------------------------------- */

enum ws_status ws_audit_new(struct ws_audit **out, struct ws_machine *machine, struct ws_watcher *watcher)
{
    struct ws_audit *audit = calloc(1, sizeof(*audit));
    if (!audit)
        return WS_NO_MEMORY;
    audit->machine = machine;
    audit->watcher = watcher;
    enum ws_status status = ws_machine_listen(machine, WS_EVENT_MASK(VECTOR), vector_take, audit);
    if (status == WS_OK)
        status = ws_machine_listen(machine, WS_EVENT_MASK(CONTROL_REGISTER), control_take, audit);
    if (status == WS_OK)
        status = ws_watcher_listen(watcher, crossing_take, audit);
    if (status == WS_OK)
        status = ws__audit_fpu_begin(audit);
    if (status != WS_OK) {
        ws_watcher_unlisten(watcher, crossing_take, audit);
        ws_machine_unlisten(machine, vector_take, audit);
        ws_machine_unlisten(machine, control_take, audit);
        free(audit);
        return status;
    }
    *out = audit;
    return WS_OK;
}

void ws_audit_free(struct ws_audit *audit)
{
    if (!audit)
        return;
    ws_watcher_unlisten(audit->watcher, crossing_take, audit);
    ws_machine_unlisten(audit->machine, vector_take, audit);
    ws_machine_unlisten(audit->machine, control_take, audit);
    ws__audit_thorough_end(audit);
    ws__audit_fpu_end(audit);
    ws__stack_owners_free(audit->owner);
    ws__departed_free(audit->known.departed);
    ws__departed_free(audit->known.context);
    ws__debug_owners_free(audit->known.debug_owners);
    free(audit->finding);
    free(audit);
}

void ws_audit_cross_page(struct ws_audit *audit, uint32_t linear, uint32_t bytes)
{
    audit->cross_linear = linear;
    audit->cross_bytes = bytes;
}

void ws_audit_loader(struct ws_audit *audit, const char *world)
{
    snprintf(audit->loader, sizeof(audit->loader), "%s", world);
}

enum ws_status ws_audit_expect(struct ws_audit *audit, const char *world, const struct ws_registers *registers)
{
    struct departed *departed = departed_get(audit, world);
    if (!departed)
        return WS_NO_MEMORY;
    departed->due.registers = *registers;
    departed->due.known = true;
    return WS_OK;
}

uint64_t ws_audit_switches(const struct ws_audit *audit)
{
    return audit->known.switches;
}

uint64_t ws_audit_context_switches(const struct ws_audit *audit)
{
    return audit->known.context_switches;
}

uint64_t ws_audit_thread_switches(const struct ws_audit *audit)
{
    return audit->known.thread_switches;
}

uint64_t ws_audit_judged(const struct ws_audit *audit, size_t rule)
{
    if (rule <= WS__RULE_AT_FPU)
        return audit->known.judged[rule];
    bool world = public_rule[rule].kind == WS_CROSSING_WORLD;
    return world ? audit->known.switches : audit->known.context_switches + audit->known.thread_switches;
}

size_t ws_audit_findings(const struct ws_audit *audit)
{
    return audit->findings;
}

const struct ws_finding *ws_audit_finding(const struct ws_audit *audit, size_t index)
{
    return index < audit->findings ? &audit->finding[index] : NULL;
}
