/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ablate --merge: the parts of a campaign, which may have run on many machines, become one again.
 */
#include <stdlib.h>

#include "cli/ablate.h"
#include "front/options.h"
#include "front/output.h"
#include "front/parts.h"

/* What is joined; known from the first file on. */
struct merge {
    struct ws__campaign campaign;
    bool *shard_seen; /* owned: by shard, from 1 */
    bool begun;
};

/* -- records ----------------------------------------------------------------------------------- */

static int head_take(struct merge *merge, const struct ws__campaign_head *head, const struct ws__parts_line *line)
{
    const struct ws__campaign_head *other = &merge->campaign.head;
    if (!merge->begun) {
        int result = ws__campaign_init(&merge->campaign, head);
        merge->shard_seen = calloc(head->shards + 1, sizeof *merge->shard_seen);
        if (result == WS__EXIT_DONE && !merge->shard_seen)
            result = ws__complain_status(WS_NO_MEMORY, line->path);
        if (result != WS__EXIT_DONE)
            return result;
        merge->begun = true;
    } else if (head->fingerprint != other->fingerprint) {
        return ws__parts_differ(line, "a part made with another switch or another program");
    } else if (head->kinds != other->kinds || head->cases != other->cases) {
        return ws__parts_differ(line, "a part made with other options");
    } else if (head->shards != other->shards) {
        return ws__parts_differ(line, "a part of a campaign cut into another number of parts");
    }
    merge->shard_seen[head->shard] = true;
    return WS__EXIT_DONE;
}

static int record_take(void *context, json_t *record, const struct ws__parts_line *line)
{
    struct merge *merge = context;
    struct ws__campaign_head head;
    size_t index;
    if (ws__campaign_read(record, &head))
        return head_take(merge, &head, line);
    if (line->number == 1)
        return ws__parts_refuse(line, "the first record is not that of a campaign");
    if (!ws__verdict_read(record, &index) || index >= merge->campaign.head.cases)
        return ws__parts_refuse(line, "not the record of an ablation");
    json_t **place = &merge->campaign.verdict[index];
    if (*place && !json_equal(*place, record))
        return ws__parts_differ(line, "a case that another part tried with another result");
    if (!*place)
        *place = json_incref(record);
    return WS__EXIT_DONE;
}

/* -- what is missing --------------------------------------------------------------------------- */

static size_t shard_missing(const struct ws__campaign *campaign, unsigned shard)
{
    size_t missing = 0;
    for (size_t i = shard - 1; i < campaign->head.cases; i += campaign->head.shards)
        missing += !campaign->verdict[i];
    return missing;
}

static int missing_tell(const struct merge *merge)
{
    const struct ws__campaign_head *head = &merge->campaign.head;
    int result = WS__EXIT_DONE;
    for (unsigned shard = 1; shard <= head->shards; shard++) {
        size_t missing = shard_missing(&merge->campaign, shard);
        if (!missing)
            continue;
        result = WS__EXIT_USAGE;
        if (merge->shard_seen[shard])
            ws__complain("run it again with the same options", "part %u/%u is not whole: %zu cases are missing", shard,
                         head->shards, missing);
        else
            ws__complain("run it, or name its file", "part %u/%u is missing: %zu cases", shard, head->shards, missing);
    }
    return result;
}

int ws__ablate_merge(const struct ws__options *options)
{
    static const char *const hint = "give files that \"worldswitch ablate --format jsonl\" has written";
    struct merge merge = {.begun = false};
    struct ws__output output;
    int result = WS__EXIT_DONE;
    if (!options->words) {
        ws__complain("name the files: worldswitch ablate --merge FILE...", "--merge: there is nothing to join");
        return WS__EXIT_USAGE;
    }
    for (unsigned i = 0; i < options->words && result == WS__EXIT_DONE; i++)
        result = ws__parts_read(options->word[i], hint, record_take, &merge);
    if (result == WS__EXIT_DONE)
        result = ws__output_open(&output, options->output);
    if (result == WS__EXIT_DONE) {
        struct ws__campaign_head whole = merge.campaign.head;
        whole.shard = whole.shards = 1;
        ws__campaign_write(&output.pending, options->format, &whole);
        ws__campaign_flush(&merge.campaign, options, &output, true);
        result = ws__campaign_finish(&merge.campaign, options, &output);
        int missing = missing_tell(&merge);
        result = ws__output_close(&output, missing != WS__EXIT_DONE ? missing : result);
    }
    ws__campaign_release(&merge.campaign);
    free(merge.shard_seen);
    return result;
}
