/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ordinary small kernel: what its C and its assembly agree on. */
#ifndef VMM_ORDINARY_H
#define VMM_ORDINARY_H

#define CODE      0x08
#define DATA      0x10
#define USER_CODE 0x1b
#define USER_DATA 0x23
#define TASK      0x28
#define LOCAL     0x30
#define LOCAL_FS  0x07 /* in the local table: data for ring 3, from PRIVATE on */

#define VECTOR_CALL    0x80
#define ORDINARY_TURNS 4
#define PRIVATE        0x40000000 /* a page of each process */
#define USER_STACK     0x40002000 /* its end */

#endif
