/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is there instead of scripts in a copy that was built without Lua. */
#include "lesson/lua/script.h"

const char *ws__script_version(void)
{
    return "";
}

enum ws_status ws__script_new(struct ws__script **out, enum ws__script_kind kind, uint64_t seed)
{
    (void)kind;
    (void)seed;
    *out = NULL;
    return WS_UNSUPPORTED;
}

void ws__script_free(struct ws__script *script)
{
    (void)script;
}

void ws__script_reseed(struct ws__script *script, uint64_t seed)
{
    (void)script;
    (void)seed;
}

enum ws_status ws__script_run(struct ws__script *script, const char *path, char *const *words, unsigned count,
                              struct ws_buffer *why)
{
    (void)script;
    (void)path;
    (void)words;
    (void)count;
    (void)why;
    return WS_UNSUPPORTED;
}

enum ws_status ws__script_text(struct ws__script *script, const char *name, struct ws_buffer *out,
                               struct ws_buffer *why)
{
    (void)script;
    (void)name;
    (void)out;
    (void)why;
    return WS_UNSUPPORTED;
}

enum ws_status ws__script_list(struct ws__script *script, const char *name, struct ws_buffer *out, size_t most,
                               size_t *count, struct ws_buffer *why)
{
    *count = 0;
    (void)most;
    return ws__script_text(script, name, out, why);
}

enum ws_status ws__script_set_text(struct ws__script *script, const char *name, const char *text)
{
    (void)text;
    return ws__script_text(script, name, NULL, NULL);
}

enum ws_status ws__script_prepare(struct ws__script *script, struct ws_buffer *why)
{
    return ws__script_text(script, NULL, NULL, why);
}

enum ws_status ws__script_files(struct ws__script *script, const char *name, struct ws__handout *out, size_t *count,
                                struct ws_buffer *why)
{
    *count = 0;
    (void)out;
    return ws__script_text(script, name, NULL, why);
}

enum ws__build_result ws__script_check(struct ws__script *script, const struct ws__submission *submission,
                                       enum ws_status *status, struct ws_buffer *why)
{
    (void)submission;
    *status = ws__script_text(script, NULL, NULL, why);
    return WS__BUILT;
}

enum ws_status ws__script_quiz(struct ws__script *script, uint64_t seed, size_t number, unsigned attempt,
                               struct ws__quiz_question *out, struct ws_buffer *why)
{
    (void)seed;
    (void)number;
    (void)attempt;
    (void)out;
    return ws__script_text(script, NULL, NULL, why);
}

const struct ws__report *ws__script_report(const struct ws__script *script)
{
    (void)script;
    return NULL;
}
