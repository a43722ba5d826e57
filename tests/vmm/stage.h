/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stage.c and stage_start.S agree on. */
#ifndef VMM_STAGE_H
#define VMM_STAGE_H

#define STAGE_CODE        0x08
#define STAGE_DATA        0x10
#define STAGE_TASK        0x18
#define STAGE_LOCAL       0x20
#define STAGE_STACK_BYTES 0x2000

#endif
