/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grade --merge: the parts of a class, which may have been graded on many machines, become one report.  A class that
 * was graded as a whole is one part: this is also how another report of it is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/grade.h"
#include "front/options.h"
#include "front/parts.h"

/* What is joined; known from the first file on. */
struct merge {
    struct ws__class_head head;
    struct ws__graded *graded; /* owned: by number */
    bool *there;               /* owned: by number */
    bool *shard_seen;          /* owned: by shard, from 1 */
    bool begun;
};

static int merge_begin(struct merge *merge, const struct ws__class_head *head)
{
    merge->head = *head;
    merge->graded = calloc(head->count, sizeof *merge->graded);
    merge->there = calloc(head->count, sizeof *merge->there);
    merge->shard_seen = calloc(head->shards + 1, sizeof *merge->shard_seen);
    merge->begun = merge->graded && merge->there && merge->shard_seen;
    return merge->begun ? WS__EXIT_DONE : ws__complain_status(WS_NO_MEMORY, "grade");
}

static void merge_release(struct merge *merge)
{
    for (size_t i = 0; merge->begun && i < merge->head.count; i++)
        ws__graded_release(&merge->graded[i]);
    free(merge->graded);
    free(merge->there);
    free(merge->shard_seen);
}

/* -- records ------------------------------------------------------------------------------------------- */

static int head_take(struct merge *merge, const struct ws__class_head *head, const struct ws__parts_line *line)
{
    const struct ws__class_head *other = &merge->head;
    int result = WS__EXIT_DONE;
    if (!merge->begun)
        result = merge_begin(merge, head);
    else if (strcmp(head->lesson, other->lesson) != 0)
        result = ws__parts_differ(line, "a part of another lab's class");
    else if (strcmp(head->version, other->version) != 0)
        result = ws__parts_differ(line, "a part graded by another version of this program");
    else if (head->lab != other->lab || strcmp(head->file, other->file) != 0)
        result = ws__parts_differ(line, "a part graded with other files of the lab, or with another --student");
    else if (head->submissions != other->submissions || head->count != other->count)
        result = ws__parts_differ(line, "a part of other submissions");
    else if (head->shards != other->shards)
        result = ws__parts_differ(line, "a part of a class cut into another number of parts");
    if (result == WS__EXIT_DONE)
        merge->shard_seen[head->shard] = true;
    return result;
}

/* Are they the same, as far as records tell?  WS_BAD_FILE: they are not. */
static enum ws_status same_check(const struct ws__graded *left, const struct ws__graded *right)
{
    enum ws_status status = WS_OK;
    struct ws_buffer first = WS_BUFFER_INIT, second = WS_BUFFER_INIT;
    ws__graded_write(left, &first);
    ws__graded_write(right, &second);
    if (first.failed || second.failed)
        status = WS_NO_MEMORY;
    else if (strcmp(ws_buffer_text(&first), ws_buffer_text(&second)) != 0)
        status = WS_BAD_FILE;
    ws_buffer_release(&first);
    ws_buffer_release(&second);
    return status;
}

static int submission_take(struct merge *merge, struct ws__graded *graded, const struct ws__parts_line *line)
{
    size_t number = graded->number;
    if (!merge->there[number]) {
        merge->graded[number] = *graded;
        merge->there[number] = true;
        return WS__EXIT_DONE;
    }
    enum ws_status status = same_check(&merge->graded[number], graded);
    ws__graded_release(graded);
    if (status == WS_NO_MEMORY)
        return ws__complain_status(status, line->path);
    return status == WS_OK
               ? WS__EXIT_DONE
               : ws__parts_differ(line, "a submission that another part has with another result: one was changed");
}

static int record_take(void *context, json_t *record, const struct ws__parts_line *line)
{
    struct merge *merge = context;
    struct ws__class_head head;
    struct ws__graded graded;
    if (ws__class_head_read(&head, record)) /* files may have been joined by cat */
        return head_take(merge, &head, line);
    if (line->number == 1)
        return ws__parts_refuse(line, "the first record is not that of a class");
    errno = 0; /* only it tells a lack of memory from damage */
    if (ws__graded_read(&graded, record) && graded.number < merge->head.count)
        return submission_take(merge, &graded, line);
    int error = errno;
    ws__graded_release(&graded);
    return error == ENOMEM ? ws__complain_status(WS_NO_MEMORY, line->path)
                           : ws__parts_refuse(line, "not the record of a submission");
}

/* -- what is missing ----------------------------------------------------------------------------------- */

static int missing_tell(const struct merge *merge)
{
    const struct ws__class_head *head = &merge->head;
    int result = WS__EXIT_DONE;
    for (unsigned shard = 1; shard <= head->shards; shard++) {
        size_t missing = 0;
        for (size_t i = shard - 1; i < head->count; i += head->shards)
            missing += !merge->there[i];
        if (!missing)
            continue;
        result = WS__EXIT_USAGE;
        if (merge->shard_seen[shard])
            ws__complain("run it again with the same options", "part %u/%u is not whole: %zu submission%s missing",
                         shard, head->shards, missing, missing == 1 ? " is" : "s are");
        else
            ws__complain("run it, or name its file", "part %u/%u is missing: %zu submission%s", shard, head->shards,
                         missing, missing == 1 ? "" : "s");
    }
    return result;
}

/* A report that lacks students would be taken for a whole one: there is none then. */
static int report_write(const struct ws__options *options, struct merge *merge)
{
    struct ws__output output;
    int result = missing_tell(merge);
    if (result == WS__EXIT_DONE)
        result = ws__grade_report_fits(options, merge->head.count);
    if (result == WS__EXIT_DONE)
        result = ws__output_open(&output, options->output);
    if (result != WS__EXIT_DONE)
        return result;
    merge->head.shard = merge->head.shards = 1;
    ws__grade_report(options, &merge->head, merge->graded, merge->head.count, &output.pending);
    return ws__output_close(&output, result);
}

int ws__grade_merge(const struct ws__options *options)
{
    static const char *const hint = "give files that \"worldswitch grade --report records\" has written";
    struct merge merge = {.begun = false};
    int result = WS__EXIT_DONE;
    if (!options->words || options->lesson || options->shard) {
        ws__complain("such as: worldswitch grade --merge part-1 part-2 --report class",
                     options->words ? "--merge: the lab, and the parts, are those of the files"
                                    : "--merge: there is nothing to join");
        return WS__EXIT_USAGE;
    }
    for (unsigned i = 0; i < options->words && result == WS__EXIT_DONE; i++)
        result = ws__parts_read(options->word[i], hint, record_take, &merge);
    if (result == WS__EXIT_DONE)
        result = report_write(options, &merge);
    merge_release(&merge);
    return result;
}
