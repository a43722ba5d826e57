/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ablate --merge: the parts of a campaign, which may have run on many machines, become one again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>

#include "cli/ablate.h"
#include "front/options.h"
#include "front/output.h"

enum { FILE_LIMIT = 256 << 20 };

/* What is joined; known from the first file on. */
struct merge {
    struct ws__campaign campaign;
    bool *shard_seen; /* owned: by shard, from 1 */
    bool begun;
};

static int file_refuse(const char *path, unsigned long line, const char *what)
{
    ws__complain("give files that \"worldswitch ablate --format jsonl\" has written", "%s:%lu: %s", path, line, what);
    return WS__EXIT_USAGE;
}

/* -- records ----------------------------------------------------------------------------------- */

static int head_take(struct merge *merge, const struct ws__campaign_head *head, const char *path, unsigned long line)
{
    const struct ws__campaign_head *other = &merge->campaign.head;
    if (!merge->begun) {
        int result = ws__campaign_init(&merge->campaign, head);
        merge->shard_seen = calloc(head->shards + 1, sizeof *merge->shard_seen);
        if (result == WS__EXIT_DONE && !merge->shard_seen)
            result = ws__complain_status(WS_NO_MEMORY, path);
        if (result != WS__EXIT_DONE)
            return result;
        merge->begun = true;
    } else if (head->fingerprint != other->fingerprint) {
        return file_refuse(path, line, "a part made with another switch or another program");
    } else if (head->kinds != other->kinds || head->cases != other->cases) {
        return file_refuse(path, line, "a part made with other options");
    } else if (head->shards != other->shards) {
        return file_refuse(path, line, "a part of a campaign cut into another number of parts");
    }
    merge->shard_seen[head->shard] = true;
    return WS__EXIT_DONE;
}

static int record_take(struct merge *merge, json_t *record, const char *path, unsigned long line, bool first)
{
    struct ws__campaign_head head;
    size_t index;
    if (ws__campaign_read(record, &head))
        return head_take(merge, &head, path, line);
    if (first)
        return file_refuse(path, line, "the first record is not that of a campaign");
    if (!ws__verdict_read(record, &index) || index >= merge->campaign.head.cases)
        return file_refuse(path, line, "not the record of an ablation");
    json_t **place = &merge->campaign.verdict[index];
    if (*place && !json_equal(*place, record))
        return file_refuse(path, line, "a case that another part tried with another result");
    if (!*place)
        *place = json_incref(record);
    return WS__EXIT_DONE;
}

/* A part that was cut off in its last line lacks that one case; it will be named as missing. */
static int lines_take(struct merge *merge, const char *path, const char *text, size_t bytes)
{
    const char *end = text + bytes;
    for (unsigned long line = 1; text < end; line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = newline ? (size_t)(newline - text) : (size_t)(end - text);
        json_error_t error; /* a lack of memory stands in errno only */
        errno = 0;
        json_t *record = json_loadb(text, length, 0, &error);
        if (!record && errno == ENOMEM)
            return ws__complain_status(WS_NO_MEMORY, path);
        if (!record && !newline && line > 1)
            break;
        int result =
            record ? record_take(merge, record, path, line, line == 1) : file_refuse(path, line, "not a line of JSON");
        json_decref(record);
        if (result != WS__EXIT_DONE)
            return result;
        text += length + 1;
    }
    return bytes ? WS__EXIT_DONE : file_refuse(path, 1, "the file is empty");
}

static int file_take(struct merge *merge, const char *path)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    errno = 0;
    enum ws_status status = ws_file_read(path, FILE_LIMIT, &file);
    int result = status == WS_OK ? lines_take(merge, path, file.data, file.size) : ws__complain_unread(status, path);
    ws_buffer_release(&file);
    return result;
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
    struct merge merge = {.begun = false};
    struct ws__output output;
    int result = WS__EXIT_DONE;
    if (!options->words) {
        ws__complain("name the files: worldswitch ablate --merge FILE...", "--merge: there is nothing to join");
        return WS__EXIT_USAGE;
    }
    for (unsigned i = 0; i < options->words && result == WS__EXIT_DONE; i++)
        result = file_take(&merge, options->word[i]);
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
