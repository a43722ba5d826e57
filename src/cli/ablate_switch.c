/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ablate --switch: a switch routine of the user's own kernel, without each of its instructions.
 */
#include <stdlib.h>

#include "ablation/switch.h"
#include "cli/ablate.h"
#include "front/options.h"
#include "front/parts.h"
#include "front/system.h"

/* Many kernels never end.  So long is a trial if the user does not say. */
enum { TRIAL_LIMIT = 2000000 };

/* -- making the guest --------------------------------------------------------------------------- */

/* How each guest is made. */
struct trial {
    struct ws__options options;
    int complained; /* what ws__system_open() has complained with last: enum ws__exit */
};

static enum ws_status guest_open(void *context, bool watched, struct ws__guest *out)
{
    struct trial *trial = context;
    struct ws__system *system = malloc(sizeof *system);
    if (!system)
        return WS_NO_MEMORY;
    trial->complained = ws__system_open(system, &trial->options, watched, NULL, NULL);
    if (trial->complained != WS__EXIT_DONE) {
        free(system);
        return WS_BAD_FILE;
    }
    *out = (struct ws__guest){
        .machine = system->machine, .watcher = system->watcher, .audit = system->audit, .own = system};
    return WS_OK;
}

static void guest_close(struct ws__guest *guest)
{
    ws__system_close(guest->own);
    free(guest->own);
}

/* -- the routine -------------------------------------------------------------------------------- */

/* A symbol, or an address. */
static int routine_find(const struct ws__options *options, uint32_t *linear)
{
    const char *name = options->switch_routine;
    struct ws__system system;
    char *end;
    int result = ws__system_open(&system, options, false, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    unsigned long address = strtoul(name, &end, 0);
    if (ws_symbols_find(system.symbols, name, linear) == WS_OK) {
        result = WS__EXIT_DONE;
    } else if (*name >= '0' && *name <= '9' && !*end && address <= UINT32_MAX) {
        *linear = (uint32_t)address;
    } else {
        ws__complain("name a label as \"nm IMAGE\" shows it, or an address such as 0x101234",
                     "--switch: the guest has no symbol \"%s\"", name);
        result = WS__EXIT_USAGE;
    }
    ws__system_close(&system);
    return result;
}

/* -- the subject -------------------------------------------------------------------------------- */

static bool case_get(const void *of, unsigned kinds, size_t index, struct ws_ablation_case *out)
{
    return ws__switch_case_get(of, kinds, index, out);
}

static enum ws_status describe(const void *of, const struct ws_ablation_case *tried, struct ws_ablation_verdict *out)
{
    ws__switch_describe(of, tried, out);
    return WS_OK;
}

static enum ws_status try_one(const void *of, const struct ws_ablation_case *tried, struct ws_ablation_verdict *out)
{
    return ws__switch_try(of, tried, out);
}

static int campaign_make(const struct ws__options *options, const struct ws__switch *learned,
                         struct ws__campaign_head *head)
{
    const struct ws__subject subject = {learned, case_get, describe, try_one};
    head->cases = ws__switch_cases(learned, head->kinds);
    head->fingerprint = ws__switch_fingerprint(learned);
    if (options->storm && !learned->has_vector)
        ws__complain(
            "its IDT has no gate for one, or an interrupt in front of the routine already changes the run's end",
            "--storm: this guest has no interrupt that does no harm elsewhere: none is tried");
    return ws__campaign_make(options, &subject, head);
}

int ws__ablate_switch(const struct ws__options *options)
{
    struct trial trial = {.options = *options};
    struct ws__guest_maker maker = {.open = guest_open, .close = guest_close, .context = &trial};
    struct ws__campaign_head head = {.kinds =
                                         WS_ABLATION_MASK(REMOVE) | (options->storm ? WS_ABLATION_MASK(INTERRUPT) : 0)};
    struct ws__switch *learned;
    uint32_t linear;
    trial.options.quiet = true;
    if (!trial.options.max_instructions)
        trial.options.max_instructions = TRIAL_LIMIT;
    int result = ws__parts_parse(options->shard, &head.shard, &head.shards);
    if (result == WS__EXIT_DONE)
        result = routine_find(&trial.options, &linear);
    if (result != WS__EXIT_DONE)
        return result;
    enum ws_status status = ws__switch_learn(&learned, &maker, linear, options->storm);
    if (status == WS_NOT_FOUND) {
        ws__complain("\"worldswitch trace\" shows the switches; --max-insns makes the run longer",
                     "--switch: \"%s\" made no switch in %llu instructions", options->switch_routine,
                     (unsigned long long)trial.options.max_instructions);
        return WS__EXIT_WANTING;
    }
    if (trial.complained != WS__EXIT_DONE)
        return trial.complained;
    if (status != WS_OK)
        return ws__complain_status(status, "the guest's switch");
    result = campaign_make(options, learned, &head);
    ws__switch_free(learned);
    return result;
}
