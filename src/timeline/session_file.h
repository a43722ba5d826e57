/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of a session file.
 *
 *   20 bytes  "worldswitch session\n"
 *   u32       version: another one if the file's form is another one, or if equal runs have other hashes than before
 *   u32       1: the content is compressed
 *   u64       bytes of the content as it stands here
 *   u64       bytes of the content when it is expanded
 *   u64       checksum of everything else in the file
 *   content   chunks: four letters, u64 size, so many bytes
 *
 * Numbers are little-endian.  The chunks: OPTS options; TLBK how long the CPU keeps translations; NAME, CMDL the
 * image's name and command line; IMAG the image; MODC, MODS a module's content and string; DISK; INPT, KEYS time and
 * bytes; CHCK mark and hash, again and again; CKPT a checkpoint's mark, hash and state (machine/saved.h); MARK mark,
 * name, note.  Each stands where its field stands in struct ws_session; what is empty is left out.  How many there may
 * be of a kind is in the table of session_decode.c.
 */
#ifndef WS_TIMELINE_SESSION_FILE_H
#define WS_TIMELINE_SESSION_FILE_H

#include <worldswitch/session.h>

#define WS__SESSION_MAGIC "worldswitch session\n"

enum {
    WS__SESSION_MAGIC_BYTES = sizeof WS__SESSION_MAGIC - 1,
    WS__SESSION_HEAD_BYTES = WS__SESSION_MAGIC_BYTES + 4 + 4 + 8 + 8 + 8,
    WS__SESSION_CHECKSUM_AT = WS__SESSION_HEAD_BYTES - 8,
    WS__SESSION_COMPRESSED = 1,
    WS__SESSION_BYTES_MOST = 1 << 30, /* of the content, expanded */
    WS__SESSION_TAG_BYTES = 4
};

/* The checksum of a whole file, whatever stands in its own place. */
uint64_t ws__session_checksum(const uint8_t *file, size_t size);

/* Make room for one more behind `count` in the array that the pointer at `array` points to: at 0 and at each power of
 * two there is room for twice as many.  false: no memory. */
bool ws__session_grow(void *array, size_t count, size_t size);

/* session_checkpoint.c */
void ws__session_checkpoints_release(struct ws_session *session);

/* session_pack.c: the only user of zstd.  WS_OK, WS_NO_MEMORY, WS_UNSUPPORTED (there is no zstd). */
enum ws_status ws__session_compress(const struct ws_buffer *content, struct ws_buffer *out);
/* `expanded` is what the file says that it will be.
 * WS_OK, WS_NO_MEMORY, WS_BAD_IMAGE (it is damaged), WS_UNSUPPORTED (there is no zstd). */
enum ws_status ws__session_expand(const void *bytes, size_t size, size_t expanded, struct ws_buffer *out);

/* The inverse; *session is empty before, and after a failure.
 * WS_OK, WS_NO_MEMORY; WS_BAD_IMAGE or WS_UNSUPPORTED, and then `why` gets one line. */
enum ws_status ws__session_decode(struct ws_session *session, const void *bytes, size_t size, struct ws_buffer *why);

/* The file's content.  What *out held is lost.  WS_OK, WS_NO_MEMORY, WS_NO_ROOM (it is too large). */
enum ws_status ws__session_encode(const struct ws_session *session, struct ws_buffer *out);

/* Does it begin as a session does? */
bool ws__session_is(const void *bytes, size_t size);

#endif
