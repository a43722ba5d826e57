/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict as a record: made, checked, and written for people and for scripts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ablation/ablation.h"
#include "base/printable.h"
#include "cli/ablate.h"
#include "front/json.h"
#include "front/options.h"

/* -- making ------------------------------------------------------------------------------------ */

json_t *ws__ablation_record(size_t index, const struct ws_ablation_case *tried,
                            const struct ws_ablation_verdict *verdict)
{
    struct ws__json json = ws__json_begin("ablation");
    ws__json_number(&json, "case", index);
    ws__json_text(&json, "change", ws_ablation_name((enum ws_ablation_kind)tried->kind));
    ws__json_number(&json, "instruction", tried->instruction);
    ws__json_text(&json, "text", verdict->text);
    ws__json_flag(&json, "detected", verdict->detected);
    json_t *by = ws__json_list(&json, "by");
    for (unsigned i = 0; i < verdict->by_count; i++)
        ws__json_list_text(&json, by, verdict->by[i]);
    ws__json_flag(&json, "expected", verdict->as_expected);
    if (verdict->survival)
        ws__json_text(&json, "survives", ws_ablation_survival_name((enum ws_ablation_survival)verdict->survival));
    if (tried->kind == WS_ABLATION_BIT)
        ws__json_number(&json, "bit", tried->bit);
    if (tried->kind == WS_ABLATION_INTERRUPT || tried->kind == WS_ABLATION_NMI)
        ws__json_number(&json, "way", tried->way);
    ws__json_number(&json, "cause", verdict->cause);
    if (verdict->detected && verdict->at >= verdict->cause) {
        ws__json_number(&json, "at", verdict->at);
        ws__json_number(&json, "distance", verdict->at - verdict->cause);
        if (verdict->at_instruction)
            ws__json_number(&json, "at-instruction", verdict->at_instruction);
    }
    ws__json_text(&json, "explanation", verdict->explanation);
    return ws__json_take(&json);
}

json_t *ws__campaign_record(const struct ws__campaign_head *head)
{
    struct ws__json json = ws__json_begin("campaign");
    char fingerprint[sizeof "0123456789abcdef"];
    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, head->fingerprint);
    ws__json_text(&json, "fingerprint", fingerprint);
    json_t *kinds = ws__json_list(&json, "changes");
    for (unsigned kind = 0; kind < WS_ABLATION_KINDS; kind++)
        if (head->kinds >> kind & 1)
            ws__json_list_text(&json, kinds, ws_ablation_name((enum ws_ablation_kind)kind));
    ws__json_number(&json, "cases", head->cases);
    ws__json_number(&json, "shard", head->shard);
    ws__json_number(&json, "shards", head->shards);
    return ws__json_take(&json);
}

/* -- checking ---------------------------------------------------------------------------------- */

static bool kind_of(const json_t *name, unsigned *kind)
{
    for (*kind = 0; json_is_string(name) && *kind < WS_ABLATION_KINDS; ++*kind)
        if (!strcmp(json_string_value(name), ws_ablation_name((enum ws_ablation_kind) * kind)))
            return true;
    return false;
}

static bool is_of_type(const json_t *record, const char *type)
{
    const char *is = json_string_value(json_object_get(record, "type"));
    return is && !strcmp(is, type);
}

bool ws__campaign_read(const json_t *record, struct ws__campaign_head *out)
{
    enum { CASES_MOST = 1 << 20, SHARDS_MOST = 1 << 20 };
    const char *fingerprint = json_string_value(json_object_get(record, "fingerprint"));
    json_int_t cases = json_integer_value(json_object_get(record, "cases"));
    json_int_t shard = json_integer_value(json_object_get(record, "shard"));
    json_int_t shards = json_integer_value(json_object_get(record, "shards"));
    const json_t *name;
    size_t i;
    if (!is_of_type(record, "campaign") || !fingerprint || cases < 1 || cases > CASES_MOST || shard < 1 ||
        shards < shard || shards > SHARDS_MOST)
        return false;
    *out = (struct ws__campaign_head){
        .fingerprint = strtoull(fingerprint, NULL, 16),
        .cases = (size_t)cases,
        .shard = (unsigned)shard,
        .shards = (unsigned)shards,
    };
    json_array_foreach(json_object_get(record, "changes"), i, name)
    {
        unsigned kind;
        if (!kind_of(name, &kind))
            return false;
        out->kinds |= 1u << kind;
    }
    return out->kinds != 0;
}

/* Why nobody has noticed; WS_ABLATION_SURVIVES_NONE: it was noticed, or the record does not say. */
static unsigned survival_of(const json_t *record)
{
    const char *is = json_string_value(json_object_get(record, "survives"));
    unsigned survival = WS_ABLATION_SURVIVALS;
    while (is && --survival && strcmp(is, ws_ablation_survival_name((enum ws_ablation_survival)survival)) != 0)
        continue;
    return is ? survival : WS_ABLATION_SURVIVES_NONE;
}

bool ws__verdict_read(const json_t *record, size_t *index)
{
    const json_t *number = json_object_get(record, "case");
    unsigned kind;
    if (!is_of_type(record, "ablation") || !json_is_integer(number) || json_integer_value(number) < 0 ||
        !kind_of(json_object_get(record, "change"), &kind) || !json_is_boolean(json_object_get(record, "detected")) ||
        !json_is_boolean(json_object_get(record, "expected")) ||
        !json_is_integer(json_object_get(record, "instruction")) || !json_is_string(json_object_get(record, "text")) ||
        !json_is_array(json_object_get(record, "by")) || !json_is_string(json_object_get(record, "explanation")))
        return false;
    *index = (size_t)json_integer_value(number);
    return true;
}

/* -- writing ----------------------------------------------------------------------------------- */

/* Records may come from files of other people. */
static void shown(struct ws_buffer *out, const json_t *text)
{
    ws__printable_append(out, json_string_value(text) ? json_string_value(text) : "", json_string_length(text));
}

static void by_write(struct ws_buffer *out, const json_t *record, const char *separator)
{
    const json_t *list = json_object_get(record, "by"), *who;
    size_t i;
    json_array_foreach(list, i, who)
    {
        ws_buffer_printf(out, "%s", i ? separator : "");
        shown(out, who);
    }
}

static long long number_get(const json_t *record, const char *field)
{
    return (long long)json_integer_value(json_object_get(record, field));
}

static void text_write(struct ws_buffer *out, const json_t *record)
{
    enum { TEXT_WIDTH = 24 };
    bool detected = json_is_true(json_object_get(record, "detected"));
    bool expected = json_is_true(json_object_get(record, "expected"));
    unsigned kind = 0;
    kind_of(json_object_get(record, "change"), &kind);
    ws_buffer_printf(out, "%s %2lld  %-9s  ", expected ? " " : "!", number_get(record, "instruction"),
                     ws_ablation_name((enum ws_ablation_kind)kind));
    size_t before = out->size;
    shown(out, json_object_get(record, "text"));
    size_t width = out->size - before;
    ws_buffer_printf(out, "%*s  ", width < TEXT_WIDTH ? (int)(TEXT_WIDTH - width) : 0, "");
    if (detected) {
        ws_buffer_printf(out, ws__is_storm(kind) ? "fails: " : "detected: ");
        by_write(out, record, ", ");
    } else if (survival_of(record)) {
        ws_buffer_printf(out, "survives: %s",
                         ws_ablation_survival_name((enum ws_ablation_survival)survival_of(record)));
    } else {
        ws_buffer_printf(out, "%s", ws__is_storm(kind) ? "passes" : expected ? "harmless" : "NOT DETECTED");
    }
    ws_buffer_printf(out, "\n        ");
    shown(out, json_object_get(record, "explanation"));
    ws_buffer_printf(out, "\n");
}

static void csv_write(struct ws_buffer *out, const json_t *record)
{
    unsigned kind = 0;
    kind_of(json_object_get(record, "change"), &kind);
    ws_buffer_printf(out, "%lld,%s,%lld,%s,%s,", number_get(record, "case"),
                     ws_ablation_name((enum ws_ablation_kind)kind), number_get(record, "instruction"),
                     json_is_true(json_object_get(record, "detected")) ? "yes" : "no",
                     json_is_true(json_object_get(record, "expected")) ? "yes" : "no");
    by_write(out, record, " ");
    if (json_object_get(record, "at"))
        ws_buffer_printf(out, ",%lld,%lld\n", number_get(record, "at"), number_get(record, "distance"));
    else
        ws_buffer_printf(out, ",,\n");
}

void ws__verdict_write(struct ws_buffer *out, unsigned format, bool brief, const json_t *record)
{
    if (format == WS__FORMAT_JSONL)
        ws__json_line(record, out);
    else if (format == WS__FORMAT_CSV)
        csv_write(out, record);
    else if (!brief || !json_is_true(json_object_get(record, "expected")))
        text_write(out, record);
}

void ws__campaign_write(struct ws_buffer *out, unsigned format, const struct ws__campaign_head *head)
{
    json_t *record;
    if (format == WS__FORMAT_CSV)
        ws_buffer_printf(out, "case,change,instruction,detected,expected,by,at,distance\n");
    if (format != WS__FORMAT_JSONL)
        return;
    record = ws__campaign_record(head);
    ws__json_line(record, out);
    json_decref(record);
}

/* -- totals ------------------------------------------------------------------------------------ */

void ws__tally_add(struct ws__tally *tally, const json_t *record)
{
    unsigned kind;
    if (!kind_of(json_object_get(record, "change"), &kind))
        return;
    tally->tried[kind]++;
    tally->detected[kind] += json_is_true(json_object_get(record, "detected"));
    tally->survived[kind][survival_of(record)]++;
    tally->unexpected[kind] += !json_is_true(json_object_get(record, "expected"));
}

/* ": 3 same, 1 unread"; nothing if none has survived so. */
static void survived_write(struct ws_buffer *out, const unsigned survived[WS_ABLATION_SURVIVALS])
{
    const char *separator = " (";
    for (unsigned survival = 1; survival < WS_ABLATION_SURVIVALS; survival++) {
        if (!survived[survival])
            continue;
        ws_buffer_printf(out, "%s%u %s", separator, survived[survival],
                         ws_ablation_survival_name((enum ws_ablation_survival)survival));
        separator = ", ";
    }
    ws_buffer_printf(out, "%s", *separator == ',' ? ")" : "");
}

void ws__tally_write(struct ws_buffer *out, const struct ws__tally *tally)
{
    for (unsigned kind = 0; kind < WS_ABLATION_KINDS; kind++) {
        unsigned tried = tally->tried[kind], detected = tally->detected[kind];
        unsigned unexpected = tally->unexpected[kind];
        if (!tried)
            continue;
        ws_buffer_printf(out, "%s: %u tried, ", ws_ablation_name((enum ws_ablation_kind)kind), tried);
        if (ws__is_storm(kind))
            ws_buffer_printf(out, "%u pass, %u known to fail, %u fail unexpectedly", tried - detected,
                             detected - unexpected, unexpected);
        else
            ws_buffer_printf(out, "%u detected, %u known to be harmless, %u not detected", detected,
                             tried - detected - unexpected, unexpected);
        if (!ws__is_storm(kind))
            survived_write(out, tally->survived[kind]);
        ws_buffer_printf(out, "\n");
    }
}
