/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record in JSON that remembers whether all of it is there: a field for which there was no memory must not look like
 * one that the record does not have.
 */
#ifndef WS_FRONT_JSON_H
#define WS_FRONT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <worldswitch/buffer.h>
#include <worldswitch/reason.h>

struct ws__json {
    json_t *object; /* owned */
    bool failed;    /* there was no memory for a part of it */
};

/* Begin a record; its first field is its type, NULL: it has none. */
struct ws__json ws__json_begin(const char *type);

/* Add a field.  Texts are made fit for people, see base/printable.h; a reason is written as a sentence, an address
 * as "0x%08x". */
void ws__json_text(struct ws__json *json, const char *field, const char *text);
void ws__json_reason(struct ws__json *json, const char *field, const struct ws_reason *reason);
void ws__json_number(struct ws__json *json, const char *field, uint64_t number);
void ws__json_flag(struct ws__json *json, const char *field, bool flag);
void ws__json_address(struct ws__json *json, const char *field, uint32_t linear);

/* A list of texts or of records: begin it as a field, then append.  It is the record's own. */
json_t *ws__json_list(struct ws__json *json, const char *field);
void ws__json_list_text(struct ws__json *json, json_t *list, const char *text);
void ws__json_list_record(struct ws__json *json, json_t *list, struct ws__json record);

/* Append the record as a line, or set out->failed.  It is given up. */
void ws__json_write(struct ws__json *json, struct ws_buffer *out);
/* Hand it over; NULL: there was no memory.  The caller owns it. */
json_t *ws__json_take(struct ws__json *json);
/* Append any JSON as a line, or set out->failed; NULL counts as no memory. */
void ws__json_line(const json_t *value, struct ws_buffer *out);

#endif
