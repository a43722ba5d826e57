/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the VM's next code runs: the binary translator's place.
 *
 * A translator would make copies of the VM's code in which what misbehaves is replaced.  There is none
 * yet: all code runs directly, in ring 1.  That is right for what is not privileged and for what traps.
 * It is wrong for instructions that do something else in ring 1 than in ring 0 and do not trap.  So the
 * VMM looks ahead: from each place where the VM goes on after a trap it follows the code, straight on
 * and along both sides of each branch and call, and stops the VM if it meets such an instruction.
 *
 * What this scan cannot see: where indirect jumps and calls go (until a trap comes from there); code
 * that is written, or mapped, after it was looked at; what a `ret` to a made-up address finds; and
 * instructions that decode.c does not know, behind which it gives up a path, as it does
 * after PATH_LENGTH of them.  It may also stop a
 * VM for an instruction that would never have been reached.  Only translation is exact.
 */
#include "guest/shared/memory.h"
#include "vmm.h"

enum { ANY = 8 };
enum { PLACES = 2048, HASH = 4096 }; /* where paths began, at most; a power of two, larger */
enum { PATH_LENGTH = 4096 };         /* instructions without an end are no program */
enum { LOOKS_AT_ONCE = 8192 };       /* with about 200 instructions each: a tick or two */

static const struct silent {
    uint16_t opcode;
    uint8_t reg; /* of the modrm byte, or ANY */
    const char *name;
    const char *why; /* it cannot be trapped */
} silents[] = {
    {0x9c, ANY, "pushf", "it stores the real IF and does not trap"},
    {0x9d, ANY, "popf", "in ring 1 it leaves IF as it is and does not trap"},
    {0x0f01, 0, "sgdt", "it stores the VMM's table and does not trap"},
    {0x0f01, 1, "sidt", "it stores the VMM's table and does not trap"},
    {0x0f01, 4, "smsw", "it stores the VMM's cr0 and does not trap"},
    {0x0f00, 0, "sldt", "it stores the VMM's selector and does not trap"},
    {0x0f00, 1, "str", "it stores the VMM's selector and does not trap"},
    {0x0f00, 4, "verr", "it sees the shadow descriptor and does not trap"},
    {0x0f00, 5, "verw", "it sees the shadow descriptor and does not trap"},
    {0x0f02, ANY, "lar", "it sees the shadow descriptor and does not trap"},
    {0x0f03, ANY, "lsl", "it sees the truncated limit and does not trap"},
    {0x0e, ANY, "push of cs", "it stores ring 1 and does not trap"},
    {0x16, ANY, "push of ss", "it stores ring 1 and does not trap"},
    {0x8c, SEGMENT_CS, "mov from cs", "it stores ring 1 and does not trap"},
    {0x8c, SEGMENT_SS, "mov from ss", "it stores ring 1 and does not trap"},
    {0x9a, ANY, "far call", "it stores ring 1 and does not trap"},
    {0xff, 3, "far call", "it stores ring 1 and does not trap"},
};

/* Places from which paths begin; those before `done` have been followed. */
static uint32_t places[PLACES];
static unsigned place_count, places_done;
static uint16_t hashed[HASH]; /* index in `places` plus 1 */

void code_forget(void)
{
    memset(hashed, 0, sizeof hashed);
    place_count = places_done = 0;
}

/* Where it is in `hashed`, or where it would be. */
static uint16_t *place_find(uint32_t linear)
{
    unsigned at = (linear ^ linear >> 12) % HASH;

    while (hashed[at] && places[hashed[at] - 1] != linear)
        at = (at + 1) % HASH;
    return &hashed[at];
}

static void place_add(uint32_t linear)
{
    uint16_t *at = place_find(linear);

    if (*at || place_count == PLACES)
        return;
    places[place_count++] = linear;
    *at = (uint16_t)place_count;
}

static void silent_check(uint32_t linear, const struct instruction *in)
{
    for (unsigned i = 0; i < sizeof silents / sizeof silents[0]; i++)
        if (silents[i].opcode == in->opcode && (silents[i].reg == ANY || silents[i].reg == in->reg))
            vm_stop("%s at %x: %s; only a binary translator could replace it", silents[i].name, linear, silents[i].why);
}

/* Does the path end here?  Where it branches, the other side is a place of its own. */
static bool path_ends(uint32_t linear, const struct instruction *in)
{
    uint32_t next = linear + in->length;
    bool conditional =
        (in->opcode & 0xf0) == 0x70 || (in->opcode >= 0xe0 && in->opcode <= 0xe3) || (in->opcode & 0xfff0) == 0x0f80;

    switch (in->opcode) {
    case 0xe9: /* jmp */
    case 0xeb:
        place_add(next + in->immediate);
        return true;
    case 0xe8: /* call */
        place_add(next + in->immediate);
        return false;
    case 0xc2: /* ret, far ret, iret, far jmp, ud2 */
    case 0xc3:
    case 0xca:
    case 0xcb:
    case 0xcf:
    case 0xea:
    case 0x0f0b:
        return true;
    case 0xff: /* an indirect jmp, near or far */
        return in->reg == 4 || in->reg == 5;
    default:
        if (conditional)
            place_add(next + in->immediate);
        return false;
    }
}

/* However much code there is, the host gets its turns, and its interrupts. */
static void looked_at_one(void)
{
    static uint32_t looked;

    if (++looked % LOOKS_AT_ONCE == 0)
        host_call(HOSTED_IDLE, 0);
}

static void path_follow(uint32_t linear)
{
    struct instruction in;

    for (unsigned count = 0; count < PATH_LENGTH && decode_at(linear, &in); count++) {
        looked_at_one();
        silent_check(linear, &in);
        if (path_ends(linear, &in))
            return;
        linear += in.length;
        if (*place_find(linear))
            return;
    }
}

void code_next(void)
{
    if (place_count == PLACES)
        code_forget();
    place_add(segment_base(SEGMENT_CS) + vcpu.frame->eip);
    while (places_done < place_count)
        path_follow(places[places_done++]);
}
