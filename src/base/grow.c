/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/grow.h"

#include <stdlib.h>

void *ws__grow(void *array, size_t count, size_t *capacity, size_t bytes)
{
    enum { FIRST = 32 };
    if (count < *capacity)
        return array;
    size_t wanted = *capacity ? *capacity * 2 : FIRST;
    void *grown = realloc(array, wanted * bytes);
    if (grown)
        *capacity = wanted;
    return grown;
}
