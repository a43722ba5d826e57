/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of `ablate` share: a verdict as a record, and a campaign, which is all of them.
 *
 * A verdict is a line of JSON from the moment it exists: it crosses a pipe from the process that
 * tried it, may cross a network in a file, and is only then made into text.
 */
#ifndef WS_CLI_ABLATE_H
#define WS_CLI_ABLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <worldswitch/ablation.h>
#include <worldswitch/buffer.h>

struct ws__options;
struct ws__output;

/* What all parts of a campaign must agree on, and which part this is. */
struct ws__campaign_head {
    uint64_t fingerprint;
    unsigned kinds; /* WS_ABLATION_MASK bits */
    size_t cases;
    unsigned shard; /* from 1 */
    unsigned shards;
};

struct ws__campaign {
    struct ws__campaign_head head;
    json_t **verdict; /* owned: by case; NULL: not tried, or another shard's */
    size_t written;   /* cases before it are on their way out */
};

/* What a campaign is about: its cases, and how to try one. */
struct ws__subject {
    const void *of;
    bool (*case_get)(const void *of, unsigned kinds, size_t index, struct ws_ablation_case *out);
    enum ws_status (*describe)(const void *of, const struct ws_ablation_case *tried, struct ws_ablation_verdict *out);
    enum ws_status (*try_one)(const void *of, const struct ws_ablation_case *tried, struct ws_ablation_verdict *out);
};

/* Totals by kind. */
struct ws__tally {
    unsigned tried[WS_ABLATION_KINDS];
    unsigned detected[WS_ABLATION_KINDS];
    unsigned unexpected[WS_ABLATION_KINDS];
    unsigned survived[WS_ABLATION_KINDS][WS_ABLATION_SURVIVALS];
};

/* -- ablate_record.c --------------------------------------------------------------------------- */

/* A new record, or NULL: no memory. */
json_t *ws__ablation_record(size_t index, const struct ws_ablation_case *tried,
                            const struct ws_ablation_verdict *verdict);
json_t *ws__campaign_record(const struct ws__campaign_head *head);
/* Is it the record of a campaign, or a verdict with all that is needed to write it?  Then fill
 * *out. */
bool ws__campaign_read(const json_t *record, struct ws__campaign_head *out);
bool ws__verdict_read(const json_t *record, size_t *index);
/* Append it in a format (enum ws__format). `brief`: only what is not as it should be. */
void ws__verdict_write(struct ws_buffer *out, unsigned format, bool brief, const json_t *record);
void ws__campaign_write(struct ws_buffer *out, unsigned format, const struct ws__campaign_head *head);
void ws__tally_add(struct ws__tally *tally, const json_t *record);
/* "remove: 45 tried, 45 detected", a line for each kind. */
void ws__tally_write(struct ws_buffer *out, const struct ws__tally *tally);

/* -- ablate_words.c ---------------------------------------------------------------------------- */

/* What the words mean by which the verdicts say who noticed, a line each. */
void ws__words_write(struct ws_buffer *out, const struct ws__campaign *campaign);

/* -- ablate_merge.c ---------------------------------------------------------------------------- */

/* Join the files that were written by --format jsonl.  Returns the exit status. */
int ws__ablate_merge(const struct ws__options *options);

/* -- ablate_switch.c --------------------------------------------------------------------------- */

/* A switch routine of a guest's own.  Returns the exit status. */
int ws__ablate_switch(const struct ws__options *options);

/* -- cmd_ablate.c ------------------------------------------------------------------------------ */

/* Try all cases of the head's part, and write the verdicts.  Returns the exit status. */
int ws__campaign_make(const struct ws__options *options, const struct ws__subject *subject,
                      const struct ws__campaign_head *head);
/* Make room.  WS__EXIT_DONE, or WS__EXIT_HOST after having complained. */
int ws__campaign_init(struct ws__campaign *campaign, const struct ws__campaign_head *head);
void ws__campaign_release(struct ws__campaign *campaign);
/* Write the verdicts that are there, in the order of cases, up to the first that this shard still
 * has to try; `all`: over gaps as well. */
void ws__campaign_flush(struct ws__campaign *campaign, const struct ws__options *options, struct ws__output *output,
                        bool all);
/* Write the totals; WS__EXIT_DONE or WS__EXIT_WANTING. */
int ws__campaign_finish(const struct ws__campaign *campaign, const struct ws__options *options,
                        struct ws__output *output);

#endif
