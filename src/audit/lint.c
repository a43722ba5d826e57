/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lint: what is seen while the guest runs, and what was found.
 */
#include "audit/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/multiboot.h"

static const struct {
    const char *name, *explanation, *citation;
} rules[WS_LINT_RULES] = {
#define LINT_ROW(name, text, explanation, citation) [WS_LINT_##name] = {text, explanation, citation},
    WS_LINT_TABLE(LINT_ROW)
#undef LINT_ROW
};

const char *ws_lint_name(enum ws_lint_rule rule)
{
    return rules[rule].name;
}

const char *ws_lint_explanation(enum ws_lint_rule rule)
{
    return rules[rule].explanation;
}

/* -- findings ---------------------------------------------------------------------------------- */

static bool was_told(const struct ws_lint *lint, uint64_t subject)
{
    for (size_t i = 0; i < lint->findings; i++) {
        if (lint->subject[i] == subject)
            return true;
    }
    return false;
}

/* Room for one more.  NULL: it was told of, or there is no memory, which ends the run. */
static struct ws_lint_finding *finding_new(struct ws_lint *lint, enum ws_lint_rule rule, uint64_t mark, uint32_t about)
{
    uint64_t subject = (uint64_t)rule << 32 | about;
    if (was_told(lint, subject))
        return NULL;
    struct ws_lint_finding *finding = realloc(lint->finding, (lint->findings + 1) * sizeof *finding);
    if (finding)
        lint->finding = finding;
    uint64_t *subjects = realloc(lint->subject, (lint->findings + 1) * sizeof *subjects);
    if (subjects)
        lint->subject = subjects;
    if (!finding || !subjects) {
        ws_machine_fail(lint->machine, WS_NO_MEMORY);
        return NULL;
    }
    lint->subject[lint->findings] = subject;
    finding = &lint->finding[lint->findings++];
    *finding = (struct ws_lint_finding){.mark = mark, .rule = (uint8_t)rule, .citation = rules[rule].citation};
    return finding;
}

void ws__lint_tell(struct ws_lint *lint, enum ws_lint_rule rule, uint64_t mark, uint32_t subject, const char *format,
                   ...)
{
    struct ws_lint_finding *finding = finding_new(lint, rule, mark, subject);
    va_list arguments;
    if (!finding)
        return;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
}

void ws__lint_tell_reason(struct ws_lint *lint, enum ws_lint_rule rule, uint64_t mark, uint32_t subject,
                          const char *what, const struct ws_reason *reason)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    struct ws_lint_finding *finding = finding_new(lint, rule, mark, subject);
    ws_reason_append(&text, reason);
    if (text.failed)
        ws_machine_fail(lint->machine, WS_NO_MEMORY);
    if (finding) {
        snprintf(finding->text, sizeof finding->text, "%s%s", what, ws_buffer_text(&text));
        finding->citation = ws_reason_citation(reason);
    }
    ws_buffer_release(&text);
}

size_t ws_lint_findings(const struct ws_lint *lint)
{
    return lint->findings;
}

const struct ws_lint_finding *ws_lint_finding(const struct ws_lint *lint, size_t index)
{
    return &lint->finding[index];
}

/* -- the 8259s --------------------------------------------------------------------------------- */

/* An IRQ's handler was entered: its frame says where it returns to. */
static void irq_enter(struct ws_lint *lint, const struct ws_event *event)
{
    uint32_t frame[4] = {0};
    struct ws_descriptor stack;
    ws_machine_segment(lint->machine, WS_SS, &stack);
    if (ws_machine_read(lint->machine, stack.base + event->esp, frame, sizeof frame) != WS_OK)
        return;
    lint->served[event->irq] = (struct ws__lint_served){true, event->before, event->cpl ? frame[3] : event->esp + 12};
}

/* An iret: does it end the handler of an IRQ that is still in service? */
static void irq_leave(struct ws_lint *lint, const struct ws_event *event)
{
    for (unsigned irq = 0; irq < WS__LINT_IRQS; irq++) {
        struct ws__lint_served *served = &lint->served[irq];
        if (!served->open || served->eip != event->after || served->esp != event->esp)
            continue;
        served->open = false;
        bool own = ws_machine_irq_serves(lint->machine, irq),
             cascade = irq >= 8 && ws_machine_irq_serves(lint->machine, 2);
        if (own || cascade)
            ws__lint_tell(lint, WS_LINT_EOI, event->mark, irq,
                          "the handler of IRQ %u returns, but the %s has had no EOI: %s is still in service", irq,
                          irq < 8 || !own ? "master (port 0x20)" : "slave (port 0xa0)",
                          own ? "it" : "IRQ 2, the slave's line,");
    }
}

/* -- the stack and the modules ----------------------------------------------------------------- */

static void stack_see(struct ws_lint *lint, const struct ws_event *event)
{
    struct ws_descriptor stack;
    struct ws_translation walk;
    ws_machine_segment(lint->machine, WS_SS, &stack);
    if (!lint->modules || !ws_machine_translate(lint->machine, stack.base + event->esp, WS_ACCESS_READ, false, &walk))
        return;
    for (unsigned i = 0; i < lint->modules; i++) {
        if (walk.phys >= lint->module[i].first && walk.phys < lint->module[i].end)
            ws__lint_tell(lint, WS_LINT_MODULE_STACK, event->mark, i,
                          "ESP 0x%08x is in module %u, which the loader has put at physical 0x%08x to 0x%08x",
                          event->esp, i + 1, lint->module[i].first, lint->module[i].end - 1);
    }
}

/* Where the loader has put modules: its information says it.  Multiboot Specification 0.6.96 §3.3 */
static void modules_find(struct ws_lint *lint)
{
    struct ws_registers registers;
    struct ws__boot_information information;
    struct ws__module_row row;
    ws_machine_registers(lint->machine, &registers);
    if (registers.value[WS_EAX] != WS__MULTIBOOT_LOADER_MAGIC ||
        ws_machine_read_phys(lint->machine, registers.value[WS_EBX], &information, sizeof information) != WS_OK ||
        !(information.flags & WS__BOOT_MODULES))
        return;
    while (lint->modules < information.modules_count && lint->modules < WS__LINT_MODULES &&
           ws_machine_read_phys(lint->machine, information.modules + lint->modules * (uint32_t)sizeof row, &row,
                                sizeof row) == WS_OK)
        lint->module[lint->modules++] = (struct ws__lint_module){row.begin, row.end};
}

/* -- the run ----------------------------------------------------------------------------------- */

static void stale_see(struct ws_lint *lint, const struct ws_event *event)
{
    if (event->reason.code == WS_REASON_STALE_USED)
        return; /* a kernel may well leave that to chance */
    if (event->reason.code)
        ws__lint_tell_reason(lint, WS_LINT_STALE, event->mark, event->which, "", &event->reason);
    else
        ws__lint_tell(lint, WS_LINT_STALE, event->mark, event->which,
                      "page 0x%08x is used after its entry was changed, with no invlpg between", event->which);
}

static void event_see(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_lint *lint = context;
    (void)machine;
    switch (event->kind) {
    case WS_EVENT_VECTOR:
        if (event->irq >= 0)
            irq_enter(lint, event);
        ws__lint_frame_pushed(lint, event);
        stack_see(lint, event);
        break;
    case WS_EVENT_RETURN:
        irq_leave(lint, event);
        if (event->which == 3) {
            ws__lint_frame_popped(lint, event);
            ws__lint_tables(lint, event->mark, true);
        }
        break;
    case WS_EVENT_CALL:
        if (!event->cpl)
            stack_see(lint, event);
        break;
    default:
        stale_see(lint, event);
        break;
    }
}

enum ws_status ws_lint_new(struct ws_lint **out, struct ws_machine *machine)
{
    struct ws_lint *lint = calloc(1, sizeof *lint);
    *out = NULL;
    if (!lint)
        return WS_NO_MEMORY;
    lint->machine = machine;
    modules_find(lint);
    uint32_t kinds = WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(RETURN) | WS_EVENT_MASK(STALE);
    if (lint->modules)
        kinds |= WS_EVENT_MASK(CALL);
    enum ws_status status = ws_machine_listen(machine, kinds, event_see, lint);
    if (status != WS_OK) {
        free(lint);
        return status;
    }
    *out = lint;
    return WS_OK;
}

void ws_lint_finish(struct ws_lint *lint)
{
    ws__lint_tables(lint, ws_machine_mark(lint->machine), false);
}

void ws_lint_free(struct ws_lint *lint)
{
    if (!lint)
        return;
    ws_machine_unlisten(lint->machine, event_see, lint);
    free(lint->finding);
    free(lint->subject);
    free(lint);
}
