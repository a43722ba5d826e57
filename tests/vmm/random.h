/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that runs random programs: what its C and its assembly agree on. */
#ifndef VMM_RANDOM_H
#define VMM_RANDOM_H

#define CODE       0x08
#define DATA       0x10
#define CODE_1     0x19
#define DATA_1     0x21
#define CODE_2     0x2a
#define DATA_2     0x32
#define CODE_3     0x3b
#define DATA_3     0x43
#define TASK       0x48
#define LOCAL      0x50
#define CONFORMING 0x58
#define GATE_3     0x63 /* a call gate for all rings, to ring 0 */
#define GATE_1     0x68 /* for ring 0 only, with a parameter */
#define READ_ONLY  0x73
#define ABSENT     0x7b
#define SMALL      0x83 /* the first page of MEMORY */
#define NARROW     0x88 /* code that begins at narrow_entry */
#define GDT_SLOTS  18
#define LOCAL_DATA 0x07

#define VECTOR_CALL   0x80 /* returns */
#define VECTOR_OVER   0x81 /* the program's end */
#define VECTOR_GATE   0x82 /* where the call gates lead */
#define VECTOR_DPL0   0x83 /* not for ring 3 */
#define VECTOR_NARROW 0x84 /* a gate for 16 bits */

/* Linear addresses.  A program is SLOTS pieces of code of SLOT_BYTES each, so that there is always a next one. */
#define MEMORY       0x40000000 /* pages: writable; read-only; absent; for ring 3; read-only for ring 3 */
#define MEMORY_PAGES 5
#define TABLE        0x40010000 /* the page table of MEMORY itself */
#define PROGRAM      0x50000000
#define PROGRAM_TOO  0x50001000 /* the same page again */
#define SLOTS        64
#define SLOT_BYTES   64
#define STACK_3      0x40003f00 /* in MEMORY's page for ring 3 */

/* What becomes another number in each copy of a piece: any; an address in MEMORY; a selector; flags; the beginning of a
 * later piece; the same from behind this place; a place in a later piece, by its other address. */
#define ANY           0x5eed0001
#define ADDRESS       0x5eed0002
#define SELECTOR      0x5eed0003
#define FLAGS         0x5eed0004
#define LATER         0x5eed0005
#define LATER_REL     0x5eed0006
#define LATER_CODE    0x5eed0007
#define NEXT          0x5eed0008 /* the next piece */
#define SELECTOR_WORD 0x5e1e
#define FLAGS_WORD    0x5e1f

#endif
