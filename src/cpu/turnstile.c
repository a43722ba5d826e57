/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Setting turnstiles up: copies of the pieces in turnstile_code.S, and a jump to the first of them.
 *
 * Unicorn's translator loads the hook's four operands, each by one of three instructions, whichever is shortest, and
 * calls.  A call is recognized by just that, and by its operands: anything else is left alone.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "cpu/turnstile.h"

#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include <worldswitch/paging.h>

/* See there. */
extern const uint8_t ws__turnstile_code[];
extern const uint16_t ws__turnstile_piece[WS__PIECES + 1];
extern const struct {
    uint16_t end, behind, what;
} ws__turnstile_hole[];

enum {
    TURNSTILE_BYTES = 256, /* that one takes, copies of the stretch's bytes at its end */
    ROOM_BYTES = WS_PAGE_BYTES + WS__STRETCHES * TURNSTILE_BYTES, /* the system gives memory only to what is used */
    PART = 16              /* bytes that are compared at once */
};

static unsigned piece_bytes(unsigned piece)
{
    return ws__turnstile_piece[piece + 1] - ws__turnstile_piece[piece];
}

/* -- recognizing the call ---------------------------------------------------------------------- */

/* What loads a constant into one of the first eight registers: SDM 2B "MOV—Move", SDM 2A "LEA—Load Effective Address".
 * Returns the next instruction, or NULL if it is none. */
static const uint8_t *constant_load(const uint8_t *at, unsigned which, uint64_t *value)
{
    enum { REX_W = 0x48, MOV = 0xb8, LEA = 0x8d, RIP_RELATIVE = 0x05 };
    int32_t low;
    if (at[0] == (MOV | which)) {
        memcpy(&low, at + 1, sizeof low);
        *value = (uint32_t)low;
        return at + 5;
    }
    if (at[0] == REX_W && at[1] == (MOV | which)) {
        memcpy(value, at + 2, sizeof *value);
        return at + 10;
    }
    if (at[0] == REX_W && at[1] == LEA && at[2] == (RIP_RELATIVE | which << 3)) {
        memcpy(&low, at + 3, sizeof low);
        *value = (uintptr_t)(at + 7) + (uint64_t)(int64_t)low;
        return at + 7;
    }
    return NULL;
}

/* SDM 2A "CALL—Call Procedure": near, or through memory relative to RIP. */
static bool is_call(const uint8_t *at, const uint8_t *end)
{
    return (end - at == 5 && at[0] == 0xe8) || (end - at == 6 && at[0] == 0xff && at[1] == 0x15);
}

/* Does the call that ends at `end` begin at `at`?  Returns its second instruction, or NULL. */
static const uint8_t *call_match(const uint8_t *at, const uint8_t *end, const struct ws__turnstile_call *call)
{
    enum { RCX = 1, RDX = 2, RSI = 6, RDI = 7 };
    static const uint8_t where[] = {RDI, RSI, RDX, RCX};
    const uint64_t wanted[] = {call->uc, call->linear, call->bytes, call->context};
    const uint8_t *second = NULL;
    for (size_t i = 0; i < sizeof where; i++) {
        uint64_t value;
        at = constant_load(at, where[i], &value);
        if (!at || value != wanted[i])
            return NULL;
        if (!second)
            second = at;
    }
    return is_call(at, end) ? second : NULL;
}

/* Where does it begin?  NULL: it is not the call that is expected. */
static uint8_t *call_find(const uint8_t *end, const struct ws__turnstile_call *call, const uint8_t **second)
{
    enum { SHORTEST = 4 * 5 + 5, LONGEST = 4 * 10 + 6 };
    for (int bytes = SHORTEST; bytes <= LONGEST; bytes++) {
        *second = call_match(end - bytes, end, call);
        if (*second)
            return (uint8_t *)(uintptr_t)(end - bytes);
    }
    return NULL;
}

/* -- the room ---------------------------------------------------------------------------------- */

/* The pace has a page of its own: processors do not like data beside code. */
bool ws__turnstiles_init(struct ws__turnstiles *turnstiles)
{
    void *room = MAP_FAILED;
    if (piece_bytes(WS__PIECE_COUNT))
        room = mmap(NULL, ROOM_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    *turnstiles = (struct ws__turnstiles){.room = room == MAP_FAILED ? NULL : room};
    turnstiles->pace = turnstiles->room ? room : calloc(1, sizeof *turnstiles->pace);
    return turnstiles->pace;
}

void ws__turnstiles_clear(struct ws__turnstiles *turnstiles)
{
    turnstiles->count = 0;
}

void ws__turnstiles_release(struct ws__turnstiles *turnstiles)
{
    if (turnstiles->room)
        munmap(turnstiles->room, ROOM_BYTES);
    else
        free(turnstiles->pace);
    *turnstiles = (struct ws__turnstiles){0};
}

/* Can all of the room be told from there as a distance of 32 bits, and the other way round? */
static bool is_near(const struct ws__turnstiles *turnstiles, const uint8_t *there)
{
    intptr_t distance = there - turnstiles->room;
    return distance > INT32_MIN + 2 * ROOM_BYTES && distance < INT32_MAX - ROOM_BYTES;
}

/* -- putting the pieces together --------------------------------------------------------------- */

struct making {
    uint8_t *at;               /* the end of what is there */
    uint64_t value[WS__HOLES]; /* what is filled in */
};

static void piece_add(struct making *making, unsigned piece)
{
    static const uint8_t bytes[WS__HOLES] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 8, 4, 1, 1, 4}; /* by WS__HOLE_ */
    unsigned begin = ws__turnstile_piece[piece], end = ws__turnstile_piece[piece + 1];
    memcpy(making->at, ws__turnstile_code + begin, end - begin);
    for (unsigned i = 0; ws__turnstile_hole[i].end; i++) {
        unsigned hole = ws__turnstile_hole[i].end, what = ws__turnstile_hole[i].what;
        if (hole <= begin || hole > end)
            continue;
        uint8_t *there = making->at + (hole - begin);
        uint64_t value = making->value[what] - (what < WS__HOLES_RELATIVE ? (uintptr_t)there : 0);
        memcpy(there - ws__turnstile_hole[i].behind - bytes[what], &value, bytes[what]);
    }
    making->at += end - begin;
}

/* Compare its bytes from `offset` on.  A whole part is always read, but not beyond the page: what does not count of it
 * may be on either side. */
static void compare_add(struct making *making, const struct ws__stretch_code *code, unsigned offset, uint8_t *copy)
{
    const uint8_t *ram = code->first + offset;
    unsigned bytes = code->bytes - offset < PART ? code->bytes - offset : PART;
    unsigned in_front = (uintptr_t)ram % WS_PAGE_BYTES > WS_PAGE_BYTES - PART ? PART - bytes : 0;
    memcpy(copy, ram - in_front, PART);
    making->value[WS__HOLE_RAM] = (uintptr_t)ram - in_front;
    making->value[WS__HOLE_COPY] = (uintptr_t)copy;
    making->value[WS__HOLE_COUNTS] = ((1u << bytes) - 1) << in_front;
    piece_add(making, WS__PIECE_COMPARE);
}

static unsigned parts(const struct ws__stretch_code *code)
{
    return (code->bytes + PART - 1u) / PART;
}

/* Can all its bytes be compared?  They are to be in one page, and within reach. */
static bool is_comparable(const struct ws__turnstiles *turnstiles, const struct ws__stretch_code *code)
{
    unsigned all = parts(code) * PART;
    for (unsigned piece = 0; piece < WS__PIECES; piece++)
        all += piece_bytes(piece) * (piece == WS__PIECE_COMPARE ? parts(code) : 1);
    return !code->second && all <= TURNSTILE_BYTES && is_near(turnstiles, code->first);
}

/* Returns where it is to be entered. */
static const uint8_t *turnstile_make(struct making *making, const struct ws__stretch_code *code, bool comparable)
{
    uint8_t *copies = making->at + TURNSTILE_BYTES - parts(code) * PART;
    making->value[WS__HOLE_ASK] = (uintptr_t)making->at;
    piece_add(making, WS__PIECE_ASK);
    making->value[WS__HOLE_UNDO] = (uintptr_t)making->at;
    piece_add(making, WS__PIECE_UNDO);
    const uint8_t *entry = making->at;
    if (!code->writes)
        piece_add(making, WS__PIECE_SAME);
    if (!comparable) {
        piece_add(making, WS__PIECE_ELSE);
        return entry;
    }
    piece_add(making, WS__PIECE_TOUCHES);
    for (unsigned offset = 0; offset < code->bytes; offset += PART)
        compare_add(making, code, offset, copies + offset);
    piece_add(making, WS__PIECE_COUNT);
    return entry;
}

static void jump_write(uint8_t *at, const uint8_t *target)
{
    int32_t distance = (int32_t)(target - (at + 5));
    at[0] = 0xe9; /* SDM 2A "JMP—Jump" */
    memcpy(at + 1, &distance, sizeof distance);
}

bool ws__turnstile_set(struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call,
                       const struct ws__stretch *stretch)
{
    const uint8_t *second, *end = (const uint8_t *)stretch->translation;
    struct ws__pace *pace = turnstiles->pace;
    if (!turnstiles->room || turnstiles->count == WS__STRETCHES || !is_near(turnstiles, end) ||
        stretch->instructions > INT8_MAX)
        return false;
    bool comparable = is_comparable(turnstiles, stretch->code);
    if (!comparable && stretch->code->writes)
        return false;
    uint8_t *begin = call_find(end, call, &second);
    if (!begin)
        return false;
    struct making making = {
        .at = turnstiles->room + WS_PAGE_BYTES + (size_t)turnstiles->count++ * TURNSTILE_BYTES,
        .value = {
            [WS__HOLE_BACK] = (uintptr_t)second,
            [WS__HOLE_PASS] = (uintptr_t)end,
            [WS__HOLE_LEFT] = (uintptr_t)&pace->left,
            [WS__HOLE_PRESENT] = (uintptr_t)&pace->present,
            [WS__HOLE_WATCHED] = (uintptr_t)&pace->watched,
            [WS__HOLE_UC] = call->uc,
            [WS__HOLE_NAME] = ws__pace_name(pace, stretch),
            [WS__HOLE_TOUCHES] = stretch->touches,
            [WS__HOLE_INSTRUCTIONS] = stretch->instructions,
        },
    };
    jump_write(begin, turnstile_make(&making, stretch->code, comparable));
    return true;
}
