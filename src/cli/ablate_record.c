/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict as a record: made, checked, and written for people and for scripts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ablate.h"
#include "cli/options.h"

/* -- making ------------------------------------------------------------------------------------ */

static json_t *by_list(const struct ws_ablation_verdict *verdict)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < verdict->by_count; i++)
        json_array_append_new(list, json_string(verdict->by[i]));
    return list;
}

static void number_set(json_t *record, const char *field, uint64_t value)
{
    json_object_set_new(record, field, json_integer((json_int_t)value));
}

json_t *ws__ablation_record(size_t index, const struct ws_ablation_case *tried,
                            const struct ws_ablation_verdict *verdict)
{
    json_t *record =
        json_pack("{ss sI ss si ss sb so sb}", "type", "ablation", "case", (json_int_t)index,
                  "change", ws_ablation_name((enum ws_ablation_kind)tried->kind), "instruction",
                  tried->instruction, "text", verdict->text, "detected", verdict->detected, "by",
                  by_list(verdict), "expected", verdict->as_expected);
    if (!record)
        return NULL;
    if (tried->kind == WS_ABLATION_BIT)
        number_set(record, "bit", tried->bit);
    if (tried->kind == WS_ABLATION_INTERRUPT || tried->kind == WS_ABLATION_NMI)
        number_set(record, "way", tried->way);
    number_set(record, "cause", verdict->cause);
    if (verdict->detected && verdict->at >= verdict->cause) {
        number_set(record, "at", verdict->at);
        number_set(record, "distance", verdict->at - verdict->cause);
        if (verdict->at_instruction)
            number_set(record, "at-instruction", verdict->at_instruction);
    }
    json_object_set_new(record, "explanation", json_string(verdict->explanation));
    return record;
}

json_t *ws__campaign_record(const struct ws__campaign_head *head)
{
    json_t *kinds = json_array();
    for (unsigned kind = 0; kind < WS_ABLATION_KINDS; kind++)
        if (head->kinds >> kind & 1)
            json_array_append_new(kinds,
                                  json_string(ws_ablation_name((enum ws_ablation_kind)kind)));
    json_t *fingerprint = json_sprintf("%016" PRIx64, head->fingerprint);
    return json_pack("{ss so so sI sI sI}", "type", "campaign", "fingerprint", fingerprint,
                     "changes", kinds, "cases", (json_int_t)head->cases, "shard",
                     (json_int_t)head->shard, "shards", (json_int_t)head->shards);
}

/* -- checking ---------------------------------------------------------------------------------- */

static bool kind_of(const json_t *name, unsigned *kind)
{
    for (*kind = 0; json_is_string(name) && *kind < WS_ABLATION_KINDS; ++*kind)
        if (!strcmp(json_string_value(name), ws_ablation_name((enum ws_ablation_kind)*kind)))
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
    if (!is_of_type(record, "campaign") || !fingerprint || cases < 1 || cases > CASES_MOST ||
        shard < 1 || shards < shard || shards > SHARDS_MOST)
        return false;
    *out = (struct ws__campaign_head){
        .fingerprint = strtoull(fingerprint, NULL, 16),
        .cases = (size_t)cases,
        .shard = (unsigned)shard,
        .shards = (unsigned)shards,
    };
    json_array_foreach (json_object_get(record, "changes"), i, name) {
        unsigned kind;
        if (!kind_of(name, &kind))
            return false;
        out->kinds |= 1u << kind;
    }
    return out->kinds != 0;
}

bool ws__verdict_read(const json_t *record, size_t *index)
{
    const json_t *number = json_object_get(record, "case");
    unsigned kind;
    if (!is_of_type(record, "ablation") || !json_is_integer(number) ||
        json_integer_value(number) < 0 || !kind_of(json_object_get(record, "change"), &kind) ||
        !json_is_boolean(json_object_get(record, "detected")) ||
        !json_is_boolean(json_object_get(record, "expected")) ||
        !json_is_integer(json_object_get(record, "instruction")) ||
        !json_is_string(json_object_get(record, "text")) ||
        !json_is_array(json_object_get(record, "by")) ||
        !json_is_string(json_object_get(record, "explanation")))
        return false;
    *index = (size_t)json_integer_value(number);
    return true;
}

/* -- writing ----------------------------------------------------------------------------------- */

static void line_write(struct ws_buffer *out, const json_t *record)
{
    char *line = record ? json_dumps(record, JSON_COMPACT) : NULL;
    if (line)
        ws_buffer_printf(out, "%s\n", line);
    else
        out->failed = true;
    free(line);
}

static void by_write(struct ws_buffer *out, const json_t *record, const char *separator)
{
    const json_t *list = json_object_get(record, "by"), *who;
    size_t i;
    json_array_foreach (list, i, who)
        ws_buffer_printf(out, "%s%s", i ? separator : "", json_string_value(who));
}

static long long number_get(const json_t *record, const char *field)
{
    return (long long)json_integer_value(json_object_get(record, field));
}

static bool is_storm(unsigned kind)
{
    return kind == WS_ABLATION_INTERRUPT || kind == WS_ABLATION_NMI;
}

static void text_write(struct ws_buffer *out, const json_t *record)
{
    bool detected = json_is_true(json_object_get(record, "detected"));
    bool expected = json_is_true(json_object_get(record, "expected"));
    unsigned kind = 0;
    kind_of(json_object_get(record, "change"), &kind);
    ws_buffer_printf(out, "%s %2lld  %-9s  %-24s  ", expected ? " " : "!",
                     number_get(record, "instruction"), ws_ablation_name((enum ws_ablation_kind)kind),
                     json_string_value(json_object_get(record, "text")));
    if (detected) {
        ws_buffer_printf(out, is_storm(kind) ? "fails: " : "detected: ");
        by_write(out, record, ", ");
    } else {
        ws_buffer_printf(out, "%s", is_storm(kind) ? "passes" : expected ? "harmless" : "NOT DETECTED");
    }
    ws_buffer_printf(out, "\n        %s\n",
                     json_string_value(json_object_get(record, "explanation")));
}

static void csv_write(struct ws_buffer *out, const json_t *record)
{
    ws_buffer_printf(out, "%lld,%s,%lld,%s,%s,", number_get(record, "case"),
                     json_string_value(json_object_get(record, "change")),
                     number_get(record, "instruction"),
                     json_is_true(json_object_get(record, "detected")) ? "yes" : "no",
                     json_is_true(json_object_get(record, "expected")) ? "yes" : "no");
    by_write(out, record, " ");
    if (json_object_get(record, "at"))
        ws_buffer_printf(out, ",%lld,%lld\n", number_get(record, "at"),
                         number_get(record, "distance"));
    else
        ws_buffer_printf(out, ",,\n");
}

void ws__verdict_write(struct ws_buffer *out, unsigned format, bool brief, const json_t *record)
{
    if (format == WS__FORMAT_JSONL)
        line_write(out, record);
    else if (format == WS__FORMAT_CSV)
        csv_write(out, record);
    else if (!brief || !json_is_true(json_object_get(record, "expected")))
        text_write(out, record);
}

void ws__campaign_write(struct ws_buffer *out, unsigned format,
                        const struct ws__campaign_head *head)
{
    json_t *record;
    if (format == WS__FORMAT_CSV)
        ws_buffer_printf(out, "case,change,instruction,detected,expected,by,at,distance\n");
    if (format != WS__FORMAT_JSONL)
        return;
    record = ws__campaign_record(head);
    line_write(out, record);
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
    tally->unexpected[kind] += !json_is_true(json_object_get(record, "expected"));
}

void ws__tally_write(struct ws_buffer *out, const struct ws__tally *tally)
{
    for (unsigned kind = 0; kind < WS_ABLATION_KINDS; kind++) {
        unsigned tried = tally->tried[kind], detected = tally->detected[kind];
        unsigned unexpected = tally->unexpected[kind];
        if (!tried)
            continue;
        ws_buffer_printf(out, "%s: %u tried, ", ws_ablation_name((enum ws_ablation_kind)kind), tried);
        if (is_storm(kind))
            ws_buffer_printf(out, "%u pass, %u known to fail, %u fail unexpectedly\n",
                             tried - detected, detected - unexpected, unexpected);
        else
            ws_buffer_printf(out, "%u detected, %u known to be harmless, %u not detected\n",
                             detected, tried - detected - unexpected, unexpected);
    }
}
