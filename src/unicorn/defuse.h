/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code that Unicorn's translator must not read.
 *
 * bt, bts, btr and btc of a register raise #UD if they have a lock prefix.  When Unicorn's translator meets such an
 * instruction, it ends the process ("tcg fatal error").  This happens while it translates the block, so even if the
 * guest never executes the instruction.  Such an instruction is called *fatal* here.
 *
 * So if a frame seems to contain a fatal instruction, the engine executes a copy of the frame in which another prefix
 * replaces the lock prefix: the copy is *defused*.  The instruction keeps its length.  It raises #UD when it begins,
 * because src/cpu/ decodes the bytes in RAM, not those of the copy.
 *
 * The bytes that seem fatal may belong to other instructions: `and $-16, %esp; bt %eax, %ecx` contains f0 0f a3 c1,
 * too.  There the defused copy is wrong.  A block in which the copy differs from RAM is therefore executed in step
 * mode.  When an instruction with such a byte is about to begin, it becomes *trusted*:
 *   - the copy gets the instruction's bytes from RAM,
 *   - the engine forgets the translations of the frame, and is entered anew in front of the instruction,
 *   - it translates the instruction as it is in RAM,
 *   - and when the instruction begins, the copy is defused again.
 * So only a translation that begins with the instruction itself reads these bytes.  A translation that begins inside
 * the instruction, where they could be fatal, does not.
 * SDM 2A "LOCK—Assert LOCK# Signal Prefix"
 */
#ifndef WS_UNICORN_DEFUSE_H
#define WS_UNICORN_DEFUSE_H

#include <stdint.h>

enum { WS__DEFUSED = 0x26 }; /* the prefix in the copy: ES; without an operand in memory it has no effect */

/* The next lock prefix from `at` on that seems to belong to a fatal instruction; NULL: there is none.  `end` is the end
 * of the frame.  If the frame ends before this can be decided, the answer is yes, whatever the next frame contains. */
const uint8_t *ws__defuse_find(const uint8_t *at, const uint8_t *end);

#endif
