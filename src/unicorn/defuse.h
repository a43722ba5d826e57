/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code that Unicorn must not see.
 *
 * bt, bts, btr and btc of a register with a lock prefix are #UD.  Unicorn's translator ends the process at them
 * ("tcg fatal error"), while it translates the block that holds them: before an instruction of it has begun, and even
 * if that one is never reached.  So a frame that seems to hold one is executed from a copy in which the lock prefix is
 * another one.  The instruction is as long as before, and is #UD when it begins: the CPU decodes what is in RAM.
 *
 * The bytes may be something else: `and $-16, %esp; bt %eax, %ecx` holds f0 0f a3 c1, too.  A block that the copy
 * changes is executed in step mode, and there an instruction that begins is found to have another byte in the copy.
 * Then it is *trusted*: the copy gets its bytes as they are, the engine forgets the code of the frame and is entered
 * anew in front of the instruction, which it translates first.  As soon as the instruction begins, the copy is changed
 * back.  So only a translation that begins in front of the instruction ever sees these bytes, and none that begins in
 * its midst.
 * SDM 2A "LOCK—Assert LOCK# Signal Prefix"
 */
#ifndef WS_UNICORN_DEFUSE_H
#define WS_UNICORN_DEFUSE_H

#include <stdint.h>

enum { WS__DEFUSED = 0x26 }; /* the prefix instead: ES, of an operand in memory, which there is none of */

/* The next lock prefix from `at` on that seems to belong to one; NULL: none.  One that goes on behind `end`, where the
 * frame ends, counts, whatever stands there. */
const uint8_t *ws__defuse_find(const uint8_t *at, const uint8_t *end);

#endif
