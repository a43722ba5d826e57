/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trap.c for a laboratory with a switch of its own: contexts have a form that only this switch knows.  The builder says
 * what of them is to be zero while their world runs. */
#define OWN_FORMAT
#include "trap.c"

void world_context_wipe(void)
{
    volatile uint32_t *word = (uint32_t *)resident.self + resident.wipe_first;
    unsigned i;

    for (i = 0; i < resident.wipe_words; i++)
        word[i] = 0;
}
