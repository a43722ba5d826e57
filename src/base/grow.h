/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrays that grow by one element at a time.
 */
#ifndef WS_BASE_GROW_H
#define WS_BASE_GROW_H

#include <stddef.h>

/* Make room for one more of `bytes` behind the first `count`; *capacity, in elements, is 0 at first.  The caller owns
 * what is returned: the array, moved perhaps.  NULL: there is no memory, and the array is as it was. */
void *ws__grow(void *array, size_t count, size_t *capacity, size_t bytes);

#endif
