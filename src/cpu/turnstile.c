/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Setting turnstiles and wickets up: copies of the pieces in turnstile_code.S, and what leads to them.
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
    COMPARED_BYTES = 144,  /* of a stretch, at most */
    TURNSTILE_BYTES = 512, /* that a turnstile takes at most, in each area of the room */
    ROOM_BYTES = 16 << 20, /* the system gives memory only to what is used */
    PART = 16,             /* bytes that are compared at once */
    FETCHED = 32           /* bytes that a processor fetches at once: what is executed often is aligned so */
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

/* Does the call that ends at `end` begin at `at`?  Returns its last instruction, or NULL. */
static const uint8_t *call_match(const uint8_t *at, const uint8_t *end, const struct ws__turnstile_call *call)
{
    enum { RCX = 1, RDX = 2, RSI = 6, RDI = 7 };
    static const uint8_t where[] = {RDI, RSI, RDX, RCX};
    const uint64_t wanted[] = {call->uc, call->linear, call->bytes, call->context};
    for (size_t i = 0; i < sizeof where; i++) {
        uint64_t value;
        at = constant_load(at, where[i], &value);
        if (!at || value != wanted[i])
            return NULL;
    }
    return is_call(at, end) ? at : NULL;
}

/* Where does it begin?  NULL: it is not the call that is expected. */
static uint8_t *call_find(const uint8_t *end, const struct ws__turnstile_call *call, const uint8_t **last)
{
    enum { SHORTEST = 4 * 5 + 5, LONGEST = 4 * 10 + 6 };
    for (int bytes = SHORTEST; bytes <= LONGEST; bytes++) {
        *last = call_match(end - bytes, end, call);
        if (*last)
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
    if (turnstiles->pace)
        memset(turnstiles->pace->flat, 0xff, sizeof turnstiles->pace->flat);
    turnstiles->hidden = -1;
    return turnstiles->pace;
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

/* What is executed again and again stands close together, for the sake of the processor's caches; so do the copies,
 * which are read; and what is executed now and then is elsewhere. */
static const uint32_t area_begin[WS__TURNSTILE_AREAS + 1] = {
    [WS__TURNSTILE_OFTEN] = WS_PAGE_BYTES,
    [WS__TURNSTILE_SELDOM] = 8 << 20,
    [WS__TURNSTILE_COPIES] = 12 << 20,
    [WS__TURNSTILE_AREAS] = ROOM_BYTES,
};

/* Can something be set up for a call that ends there? */
static bool has_room(const struct ws__turnstiles *turnstiles, const uint8_t *end)
{
    bool has = turnstiles->room && turnstiles->hidden >= 0 && is_near(turnstiles, end);
    for (unsigned area = 0; area < WS__TURNSTILE_AREAS; area++)
        has = has && turnstiles->used[area] <= area_begin[area + 1] - TURNSTILE_BYTES;
    return has;
}

static uint8_t *area_end(const struct ws__turnstiles *turnstiles, enum ws__turnstile_area area)
{
    return turnstiles->room + turnstiles->used[area];
}

static uint8_t *align(uint8_t *at, uintptr_t to)
{
    return at + (to - (uintptr_t)at % to) % to;
}

static void area_take(struct ws__turnstiles *turnstiles, enum ws__turnstile_area area, const uint8_t *end)
{
    turnstiles->used[area] = (uint32_t)(end - turnstiles->room);
}

/* -- putting the pieces together --------------------------------------------------------------- */

struct making {
    uint8_t *at;               /* the end of what is there */
    uint64_t value[WS__HOLES]; /* what is filled in */
};

static void piece_add(struct making *making, unsigned piece)
{
    static const uint8_t bytes[WS__HOLES] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 1,
                                             8, 8, 8, 8, 4, 4, 4, 1, 4, 4, 4, 4, 4, 4}; /* by WS__HOLE_ */
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
    return !code->second && code->bytes <= COMPARED_BYTES && is_near(turnstiles, code->first);
}

/* The way to the call; and to it from where the stretch has been counted. */
static void ask_make(struct ws__turnstiles *turnstiles, struct making *making)
{
    making->at = area_end(turnstiles, WS__TURNSTILE_SELDOM);
    making->value[WS__HOLE_ASK] = (uintptr_t)making->at;
    piece_add(making, WS__PIECE_ASK);
    making->value[WS__HOLE_UNDO] = (uintptr_t)making->at;
    piece_add(making, WS__PIECE_UNDO);
    area_take(turnstiles, WS__TURNSTILE_SELDOM, making->at);
}

/* It stands elsewhere, and comes back behind touches. */
static void touches_make(struct ws__turnstiles *turnstiles, struct making *making)
{
    struct making look = *making;
    look.at = area_end(turnstiles, WS__TURNSTILE_SELDOM);
    making->value[WS__HOLE_LOOK] = (uintptr_t)look.at;
    piece_add(making, WS__PIECE_TOUCHES);
    look.value[WS__HOLE_BACK] = (uintptr_t)making->at;
    piece_add(&look, WS__PIECE_LOOK);
    area_take(turnstiles, WS__TURNSTILE_SELDOM, look.at);
}

static void compare_make(struct ws__turnstiles *turnstiles, struct making *making, const struct ws__stretch_code *code)
{
    uint8_t *copies = area_end(turnstiles, WS__TURNSTILE_COPIES);
    area_take(turnstiles, WS__TURNSTILE_COPIES, copies + parts(code) * PART);
    for (unsigned offset = 0; offset < code->bytes; offset += PART)
        compare_add(making, code, offset, copies + offset);
}

/* Returns where it is to be entered. */
static const uint8_t *turnstile_make(struct ws__turnstiles *turnstiles, struct making *making,
                                     const struct ws__stretch *stretch, bool comparable)
{
    ask_make(turnstiles, making);
    const uint8_t *entry = making->at = align(area_end(turnstiles, WS__TURNSTILE_OFTEN), FETCHED);
    if (!stretch->code->writes)
        piece_add(making, WS__PIECE_SAME);
    if (comparable) {
        touches_make(turnstiles, making);
        compare_make(turnstiles, making, stretch->code);
        piece_add(making, WS__PIECE_COUNT);
        if (stretch->loads)
            piece_add(making, WS__PIECE_LOADS);
        piece_add(making, WS__PIECE_PASS);
    } else {
        piece_add(making, WS__PIECE_ELSE);
    }
    area_take(turnstiles, WS__TURNSTILE_OFTEN, making->at);
    return entry;
}

/* -- setting them up --------------------------------------------------------------------------- */

static void jump_write(uint8_t *at, const uint8_t *target)
{
    int32_t distance = (int32_t)(target - (at + 5));
    at[0] = 0xe9; /* SDM 2A "JMP—Jump" */
    memcpy(at + 1, &distance, sizeof distance);
}

/* What is the same in all of them, for a call whose last instruction is at `last`. */
static struct making making_of(const struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call,
                               const uint8_t *end, const uint8_t *last)
{
    const struct ws__pace *pace = turnstiles->pace;
    return (struct making){
        .value = {
            [WS__HOLE_CALL] = (uintptr_t)last,
            [WS__HOLE_PASS] = (uintptr_t)end,
            [WS__HOLE_SHORT] = (uintptr_t)end,
            [WS__HOLE_LEFT] = (uintptr_t)&pace->left,
            [WS__HOLE_PRESENT] = (uintptr_t)&pace->present,
            [WS__HOLE_WATCHED] = (uintptr_t)&pace->watched,
            [WS__HOLE_CLOSELY] = (uintptr_t)&pace->closely,
            [WS__HOLE_KNOWN] = (uintptr_t)turnstiles->room + area_begin[WS__TURNSTILE_OFTEN],
            [WS__HOLE_FLAT] = (uintptr_t)pace->flat,
            [WS__HOLE_KEPT] = (uintptr_t)&pace->kept,
            [WS__HOLE_HIDDEN] = (uint32_t)turnstiles->hidden,
            [WS__HOLE_UC] = call->uc,
            [WS__HOLE_LINEAR] = call->linear,
            [WS__HOLE_BYTES] = call->bytes,
            [WS__HOLE_CONTEXT] = call->context,
        },
    };
}

/* Begin something for the call that ends at `end`.  Returns where it begins; NULL: it stays. */
static uint8_t *making_begin(const struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call,
                             const uint8_t *end, struct making *making)
{
    const uint8_t *last;
    uint8_t *begin = has_room(turnstiles, end) ? call_find(end, call, &last) : NULL;
    if (begin)
        *making = making_of(turnstiles, call, end, last);
    return begin;
}

/* What is there once comes first. */
void ws__turnstiles_clear(struct ws__turnstiles *turnstiles)
{
    static const struct ws__turnstile_call none;
    turnstiles->count = 0;
    memcpy(turnstiles->used, area_begin, sizeof turnstiles->used);
    if (!turnstiles->room || turnstiles->hidden < 0)
        return;
    struct making making = making_of(turnstiles, &none, NULL, NULL);
    making.at = area_end(turnstiles, WS__TURNSTILE_OFTEN);
    piece_add(&making, WS__PIECE_KNOWN);
    area_take(turnstiles, WS__TURNSTILE_OFTEN, making.at);
}

void ws__turnstiles_open(struct ws__turnstiles *turnstiles, size_t hidden)
{
    turnstiles->hidden = (int32_t)hidden;
    ws__turnstiles_clear(turnstiles);
}

bool ws__turnstile_set(struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call,
                       const struct ws__stretch *stretch)
{
    struct making making;
    bool comparable = is_comparable(turnstiles, stretch->code);
    if (stretch->instructions > INT8_MAX || (!comparable && stretch->code->writes))
        return false;
    uint8_t *begin = making_begin(turnstiles, call, (const uint8_t *)stretch->translation, &making);
    if (!begin)
        return false;
    making.value[WS__HOLE_NAME] = ws__pace_name(turnstiles->pace, stretch);
    making.value[WS__HOLE_TOUCHES] = stretch->touches;
    making.value[WS__HOLE_LOADS] = stretch->loads;
    making.value[WS__HOLE_INSTRUCTIONS] = stretch->instructions;
    jump_write(begin, turnstile_make(turnstiles, &making, stretch, comparable));
    turnstiles->count++;
    return true;
}

bool ws__wicket_set(struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call, const uint8_t *end)
{
    struct making making;
    uint8_t *begin = making_begin(turnstiles, call, end, &making);
    if (!begin)
        return false;
    ask_make(turnstiles, &making);
    making.at = begin; /* all its operands take more room than the piece does */
    piece_add(&making, WS__PIECE_WICKET);
    return true;
}

bool ws__wicket_set_for_load(struct ws__turnstiles *turnstiles, const struct ws__turnstile_call *call,
                             const uint8_t *end, const struct ws__load *load, uint32_t from, uint32_t code_selector)
{
    struct making making;
    uint8_t *begin = making_begin(turnstiles, call, end, &making);
    if (!begin)
        return false;
    making.value[WS__HOLE_FROM] = from;
    making.value[WS__HOLE_SELECTOR] = code_selector;
    making.value[WS__HOLE_MASK] = load->mask;
    making.value[WS__HOLE_PLAIN] = load->plain;
    making.value[WS__HOLE_LOADS] = load->loads;
    ask_make(turnstiles, &making);
    making.at = area_end(turnstiles, WS__TURNSTILE_OFTEN);
    jump_write(begin, making.at);
    piece_add(&making, WS__PIECE_LOAD);
    if (load->kept)
        piece_add(&making, WS__PIECE_KEEP);
    piece_add(&making, WS__PIECE_LOADS);
    piece_add(&making, WS__PIECE_PASS);
    area_take(turnstiles, WS__TURNSTILE_OFTEN, making.at);
    return true;
}

bool ws__turnstile_redirect(const struct ws__turnstile_call *from_call, const uint8_t *from,
                            const struct ws__turnstile_call *to_call, const uint8_t *to)
{
    const uint8_t *last;
    uint8_t *from_begin = call_find(from, from_call, &last);
    const uint8_t *to_begin = call_find(to, to_call, &last);
    if (!from_begin || !to_begin)
        return false;
    intptr_t distance = to_begin - from_begin;
    if (distance != (int32_t)distance)
        return false;
    jump_write(from_begin, to_begin);
    return true;
}
