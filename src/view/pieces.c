/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cutting two address spaces into pieces: walk both lists of runs at once. */
#include "view/pieces.h"

static const uint64_t space_end = (uint64_t)1 << 32;

bool ws__cutter_init(struct ws__cutter *cutter, const struct ws_view_state *state)
{
    bool whole = true;
    *cutter = (struct ws__cutter){.to = state->to};
    for (unsigned side = 0; side < 2; side++)
        if (state->side[side].known && !state->side[side].gone)
            whole &= ws_page_map_read(&cutter->map[side], &state->memory, &state->side[side].registers) == WS_OK;
    return whole;
}

void ws__cutter_release(struct ws__cutter *cutter)
{
    for (unsigned side = 0; side < 2; side++)
        ws_page_map_release(&cutter->map[side]);
}

/* Where does the state of this side change next, after cutter->at? *run: what is mapped there until
 * then. */
static uint64_t side_until(struct ws__cutter *cutter, unsigned side, const struct ws_mapping **run)
{
    const struct ws_page_map *map = &cutter->map[side];
    size_t *next = &cutter->next[side];
    *run = NULL;
    while (*next < map->count && map->run[*next].linear + map->run[*next].bytes <= cutter->at)
        ++*next;
    if (*next >= map->count)
        return space_end;
    const struct ws_mapping *candidate = &map->run[*next];
    if (candidate->linear > cutter->at)
        return candidate->linear;
    *run = candidate;
    return candidate->linear + candidate->bytes;
}

uint32_t ws__run_phys(const struct ws_mapping *run, uint64_t linear)
{
    return run->phys + (uint32_t)(linear - run->linear);
}

static enum ws__sign piece_sign(const struct ws__piece *piece, unsigned to)
{
    const struct ws_mapping *entered = piece->run[to], *left = piece->run[1 - to];
    if (!left)
        return WS__SIGN_APPEARED;
    if (!entered)
        return WS__SIGN_VANISHED;
    bool same = ws__run_phys(entered, piece->begin) == ws__run_phys(left, piece->begin) &&
                entered->user == left->user && entered->writable == left->writable;
    return same ? WS__SIGN_SAME : WS__SIGN_DIFFERENT;
}

/* The next piece that is mapped on either side; false at the end of the space. */
bool ws__cutter_next(struct ws__cutter *cutter, struct ws__piece *piece)
{
    while (cutter->at < space_end) {
        uint64_t end[2];
        piece->begin = cutter->at;
        for (unsigned side = 0; side < 2; side++)
            end[side] = side_until(cutter, side, &piece->run[side]);
        piece->end = end[0] < end[1] ? end[0] : end[1];
        cutter->at = piece->end;
        if (piece->run[0] || piece->run[1]) {
            piece->sign = piece_sign(piece, cutter->to);
            return true;
        }
    }
    return false;
}

bool ws__piece_is_cross(const struct ws__piece *piece, const struct ws_view_state *state)
{
    return state->has_cross && piece->begin <= state->cross_linear && state->cross_linear < piece->end;
}
