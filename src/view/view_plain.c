/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instant in sentences: what the screen says, for a person who hears it.  No columns, no lines, no marks beside
 * values; what was shown by its place is said in words.  What a step did, and what the next
 * one will do, is said as the screen says it.
 */
#include "view/internal.h"

#include <worldswitch/crossing.h>
#include <worldswitch/exception.h>
#include <worldswitch/hosted.h>

#include <stdio.h>
#include <string.h>

#include "view/rows.h"
#include "view/sentence.h"

enum { ROWS = 100 }; /* as many as a sentence needs */

/* A sentence is its own row, or several if it is long. */
static void say(struct ws_rows *rows, enum ws_role role, struct ws_buffer *sentence)
{
    ws__rows_sentence(rows, role, 0, ROWS, sentence);
}

/* "Mark 2125, world host, process A, ring 0." */
static void say_place(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_side *here = &state->side[state->here];
    struct ws_buffer text = WS_BUFFER_INIT;
    if (state->branch) {
        ws_buffer_printf(&text, "This is a branch, not the recorded run, which it left at mark %llu: %s.",
                         (unsigned long long)state->branch_mark, state->branch);
        say(rows, WS_ROLE_WARNING, &text);
    }
    ws_buffer_printf(&text, "Mark %llu, world %s", (unsigned long long)state->mark, here->world);
    if (here->process[0])
        ws_buffer_printf(&text, ", process %s", here->process);
    if (state->thread[0])
        ws_buffer_printf(&text, ", %s", state->thread);
    bool vm = state->hosted && state->place == WS_HOSTED_VM;
    ws_buffer_printf(&text, "%s, ring %u", vm ? ", virtual machine" : "", state->cpl);
    if (vm) /* the VM's ring 0 runs in ring 1: src/guest/vmm/vmm.h */
        ws_buffer_printf(&text, ", virtual ring %u", state->cpl == 1 ? 0 : state->cpl);
    ws_buffer_printf(&text, ".");
    say(rows, WS_ROLE_TEXT, &text);
}

/* "World switch from host to vmm, instruction 17 of 45: save the control registers." */
static void say_progress(struct ws_rows *rows, const struct ws_view_state *state, const struct ws_view_step *step)
{
    static const char *const kind_text[WS_CROSSING_KINDS] = {
        [WS_CROSSING_CONTEXT] = "Context", [WS_CROSSING_WORLD] = "World", [WS_CROSSING_THREAD] = "Thread"};
    const struct ws_view_progress *progress = &state->progress;
    struct ws_buffer text = WS_BUFFER_INIT;
    if (!progress->number)
        return;
    ws_buffer_printf(&text, "%s switch", kind_text[progress->kind]);
    if (progress->from[0])
        ws_buffer_printf(&text, " from %s", progress->from);
    if (progress->to[0])
        ws_buffer_printf(&text, " to %s", progress->to);
    ws_buffer_printf(&text, ", instruction %u", progress->number);
    if (progress->count)
        ws_buffer_printf(&text, " of %u", progress->count);
    if (step && step->phase)
        ws_buffer_printf(&text, ": %s", step->phase);
    ws_buffer_printf(&text, ".");
    say(rows, WS_ROLE_WARNING, &text);
}

/* "Next is mov %cr3, %ecx, at ffc00036, cross+36." */
static void say_instruction(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    struct ws_instruction next;
    uint8_t code[WS_INSTRUCTION_BYTES];
    char symbol[64];
    size_t bytes = ws__view_read(state, &state->now, state->eip_linear, code, sizeof code);
    if (!bytes)
        ws_buffer_printf(&text, "Nothing is mapped at EIP");
    else if (ws_disasm_one(state->disasm, code, bytes, state->eip_linear, state->wide, state->syntax, &next))
        ws_buffer_printf(&text, "Next is %s", next.text);
    else
        ws_buffer_printf(&text, "Next is no instruction");
    ws_buffer_printf(&text, ", at %08x", (unsigned)state->eip_linear);
    ws__view_symbol(state, state->eip_linear, symbol, sizeof symbol);
    ws_buffer_printf(&text, "%s%s.", symbol[0] ? ", " : "", symbol);
    say(rows, WS_ROLE_CURRENT, &text);
}

/* The tables' explanations end without a full stop. */
static void sentence_end(struct ws_buffer *text)
{
    const char *all = ws_buffer_text(text);
    if (text->size && !strchr(".?!", all[text->size - 1]))
        ws_buffer_printf(text, ".");
}

static void say_why(struct ws_rows *rows, const struct ws_view_state *state, const struct ws_view_step *step)
{
    const char *why = step ? step->why : ws__view_explain(state);
    struct ws_buffer text = WS_BUFFER_INIT;
    if (why)
        ws_buffer_printf(&text, "%s: %s", ws__view_exception_ahead(state) ? "Otherwise" : "Why", why);
    sentence_end(&text);
    say(rows, WS_ROLE_WHY, &text);
    if (!step || !step->without)
        return;
    ws_buffer_printf(&text, "Without it: %s", step->without);
    sentence_end(&text);
    say(rows, WS_ROLE_WHY, &text);
}

/* Append "; cr3 from 00101000 to 00201000"; the first has no semicolon. */
static void change_add(struct ws_buffer *text, const char *name, unsigned digits, uint32_t before, uint32_t after)
{
    ws_buffer_printf(text, "%s%s from %0*x to %0*x", text->size ? "; " : "", name, (int)digits, before, (int)digits,
                     after);
}

static void say_changes(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_buffer list = WS_BUFFER_INIT, text = WS_BUFFER_INIT;
    if (!state->stepped)
        return;
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++) {
        const struct ws_register_info *info = ws_register_info((enum ws_register)which);
        if (which != WS_EIP && ws__view_changed(state, (enum ws_register)which))
            change_add(&list, info->name, info->bits / 4, state->before.value[which], state->now.value[which]);
    }
    for (size_t at = 0; at < state->stores; at++) {
        const struct ws_view_store *store = &state->store[at];
        char name[40];
        snprintf(name, sizeof name, "%s %08x", store->mapped ? "memory at" : "physical memory at",
                 (unsigned)(store->mapped ? store->linear : store->phys));
        change_add(&list, name, store->bytes * 2u, store->before, store->after);
    }
    rows->failed |= list.failed;
    ws_buffer_printf(&text, "Changed");
    if (state->before_mark + 1 != state->mark)
        ws_buffer_printf(&text, " since mark %llu", (unsigned long long)state->before_mark);
    ws_buffer_printf(&text, ": %s%s.", list.size ? ws_buffer_text(&list) : "nothing but eip",
                     state->stores_more ? "; and more memory" : "");
    ws_buffer_release(&list);
    say(rows, WS_ROLE_CHANGED, &text);
}

static void say_request(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_store *request = state->stepped ? ws__view_request(state) : NULL;
    struct ws_buffer text = WS_BUFFER_INIT;
    if (!request)
        return;
    ws_buffer_printf(&text, "That caused a message to the host: ");
    ws__sentence_request(&text, request->after, 0);
    sentence_end(&text);
    say(rows, WS_ROLE_WARNING, &text);
}

/* What the last step caused, besides changes. */
static void say_done(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    if (state->branch_here) {
        ws_buffer_printf(&text, "Changed here by you: %s.", state->branch_here);
        say(rows, WS_ROLE_WARNING, &text);
    }
    for (unsigned at = 0; state->stepped && at < state->done.events; at++) {
        ws_buffer_printf(&text, "That caused: ");
        ws__sentence_event(&text, state, &state->done.event[at], true);
        if (state->done.more && at + 1 == state->done.events)
            ws_buffer_printf(&text, ", and %u more", state->done.more);
        sentence_end(&text);
        say(rows, WS_ROLE_WARNING, &text);
    }
    say_request(rows, state);
}

/* What will come of the next instruction: the machine has executed it, and taken it back. */
static void say_ahead(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_ahead *ahead = &state->ahead;
    struct ws_buffer text = WS_BUFFER_INIT;
    for (unsigned at = 0; ahead->known && at < ahead->doing.events; at++) {
        const struct ws_event *event = &ahead->doing.event[at];
        bool outside = event->kind == WS_EVENT_VECTOR && event->origin == WS_ORIGIN_EXTERNAL;
        if (outside)
            ws_buffer_printf(&text, "First will come ");
        else
            ws_buffer_printf(&text, "What comes of it here, in ring %u: ", state->cpl);
        ws__sentence_event(&text, state, event, true);
        ws_buffer_printf(&text, "%s", outside ? "; this instruction waits" : "");
        sentence_end(&text);
        say(rows, WS_ROLE_WARNING, &text);
        if (outside)
            return; /* the rest is done by the handler's first instruction */
    }
    if (ahead->known && ahead->halt != WS_HALT_NONE) {
        ws_buffer_printf(&text, "With it the run ends: %s.", ws_halt_text((enum ws_halt_reason)ahead->halt));
        say(rows, WS_ROLE_WARNING, &text);
    }
}

void ws_view_plain(struct ws_rows *rows, const struct ws_view_state *state)
{
    const struct ws_view_step *step = ws__view_step_at(state, state->eip_linear);
    struct ws_buffer text = WS_BUFFER_INIT;
    say_place(rows, state);
    say_changes(rows, state);
    say_done(rows, state);
    say_progress(rows, state, step);
    if (state->halt) {
        ws_buffer_printf(&text, "The end: %s.", ws_halt_text((enum ws_halt_reason)state->halt->reason));
        say(rows, WS_ROLE_WARNING, &text);
        return;
    }
    say_instruction(rows, state);
    say_ahead(rows, state);
    say_why(rows, state, step);
}
