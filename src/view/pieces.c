/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cutting two address spaces into pieces: walk both lists of runs at once. */
#include "view/pieces.h"

static const uint64_t space_end = (uint64_t)1 << 32;

bool ws__cutter_init(struct ws__cutter *cutter, const struct ws_view_state *state)
{
    bool whole = true;
    *cutter = (struct ws__cutter){.here = state->here};
    for (unsigned side = 0; side < 2; side++)
        if (state->side[side].known)
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

static enum ws__sign piece_sign(const struct ws__piece *piece, unsigned here)
{
    const struct ws_mapping *now = piece->run[here], *other = piece->run[1 - here];
    if (!other)
        return WS__SIGN_APPEARED;
    if (!now)
        return WS__SIGN_VANISHED;
    bool same = ws__run_phys(now, piece->begin) == ws__run_phys(other, piece->begin) && now->user == other->user &&
                now->writable == other->writable;
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
            piece->sign = piece_sign(piece, cutter->here);
            return true;
        }
    }
    return false;
}
