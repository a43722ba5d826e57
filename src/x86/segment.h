/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a segment reaches.
 */
#ifndef WS_X86_SEGMENT_H
#define WS_X86_SEGMENT_H

#include <worldswitch/segment.h>

/* Does the limit allow to access [offset, offset + bytes)?  An expand-down segment lies above its limit.  SDM 3A §5.3
 * "Limit Checking". */
bool ws__descriptor_limit_allows(const struct ws_descriptor *descriptor, uint32_t offset, uint32_t bytes);

#endif
