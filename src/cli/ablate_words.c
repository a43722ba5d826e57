/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the words of the verdicts mean: rules of the audit, exceptions, and how a run ended.
 */
#include <string.h>

#include <worldswitch/audit.h>
#include <worldswitch/exception.h>

#include "base/printable.h"
#include "cli/ablate.h"

enum { WORD_COLUMN = 20 };

static const struct {
    const char *word, *meaning;
} word_table[] = {
    {"triple-fault", "no handler could be entered, not even that of the double fault: the machine stops"},
    {"exit", "the guest left the machine, and told it that something was wrong"},
    {"output", "the guest printed something else than it does with the whole switch"},
    {"limit", "the guest did not come to an end"},
    {"not-served", "the interrupt's handler did not run once"},
    {"too-slow", "the emulator did not come to an end"},
    {"emulator-died", "the emulator gave up"},
};

static const char *rule_meaning(const char *word)
{
    for (const struct ws_audit_rule *rule = ws_audit_rules(); rule->name; rule++)
        if (strcmp(rule->name, word) == 0)
            return rule->explanation;
    return NULL;
}

static const char *exception_meaning(const char *word)
{
    for (unsigned vector = 0; vector < 32; vector++) {
        const struct ws_exception_info *info = ws_exception_info((uint8_t)vector);
        if (*info->mnemonic && strcmp(info->mnemonic, word) == 0)
            return info->name;
    }
    return NULL;
}

static const char *word_meaning(const char *word)
{
    for (size_t at = 0; at < sizeof word_table / sizeof word_table[0]; at++)
        if (strcmp(word_table[at].word, word) == 0)
            return word_table[at].meaning;
    if (strncmp(word, "vector ", 7) == 0)
        return "this vector came, and no handler could be entered";
    const char *meaning = rule_meaning(word);
    return meaning ? meaning : exception_meaning(word);
}

static bool was_written(const json_t *written, const char *word)
{
    const json_t *one;
    size_t i;
    json_array_foreach(written, i, one) if (strcmp(json_string_value(one), word) == 0) return true;
    return false;
}

/* Those of one verdict that were not written before. */
static void words_of(struct ws_buffer *out, const json_t *verdict, json_t *written)
{
    const json_t *word;
    size_t i;
    json_array_foreach(json_object_get(verdict, "by"), i, word)
    {
        const char *text = json_string_value(word), *meaning = text ? word_meaning(text) : NULL;
        if (!meaning || was_written(written, text))
            continue;
        if (!json_array_size(written))
            ws_buffer_printf(out, "what was noticed:\n");
        ws_buffer_printf(out, "  %-*s%s\n", WORD_COLUMN, text, meaning);
        if (json_array_append_new(written, json_string(text)) != 0)
            out->failed = true;
    }
}

void ws__words_write(struct ws_buffer *out, const struct ws__campaign *campaign)
{
    json_t *written = json_array();
    out->failed |= !written;
    for (size_t i = 0; written && i < campaign->head.cases; i++)
        if (campaign->verdict[i])
            words_of(out, campaign->verdict[i], written);
    json_decref(written);
}
