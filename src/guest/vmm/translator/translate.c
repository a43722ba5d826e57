/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instruction of the VM → what stands for it in the cache.
 *
 * What is in no table below, and for what emulate.c has no handler, is copied as it is: most instructions do in ring 1
 * what they do in ring 0, and if they fault, the VM gets that very fault.  EIP is what a copy has wrong, so jumps,
 * calls and returns are made anew.  Where a jump goes may not be known yet: then it goes to a *stub* at the unit's
 * end, where the VMM is asked, finds the target, and changes the jump.
 */
#include "guest/vmm/translator/translator.h"

enum { EXITS = UNIT_INSTRUCTIONS + 4 };
enum { PREFIX_GS = 0x65, PUSH_NUMBER = 0x68, NOP = 0x90 };
enum { SHORTEST = 5 /* bytes of a unit: units.c puts a jump there */ };

/* sequences.S */
struct sequence {
    const uint8_t *begin, *callout, *end;
};
extern const struct sequence sequence_cli, sequence_sti, sequence_pushf, sequence_popf;

/* Where making a unit stands. */
static struct {
    struct ws_unit *unit;
    uint8_t *to;    /* in the cache */
    uint32_t eip;   /* of the instruction */
    uint32_t next;  /* of the one behind it */
    bool protected; /* sti was before it */
    uint8_t bytes[INSTRUCTION_BYTES];
    unsigned exits;
    struct {
        uint8_t *site; /* a jump's displacement */
        uint32_t target;
    } exit[EXITS];
} make;

/* -- putting ----------------------------------------------------------------------------------- */

static void put(uint8_t byte)
{
    *make.to++ = byte;
}

static void put_bytes(const void *from, unsigned bytes)
{
    memcpy(make.to, from, bytes);
    make.to += bytes;
}

static void put_long(uint32_t value)
{
    put_bytes(&value, sizeof value);
}

static struct ws_unit_record *note(enum ws_unit_kind kind, uint32_t eip)
{
    struct ws_unit_record *record = record_add(make.unit);

    *record = (struct ws_unit_record){
        .eip = eip,
        .at = (uint16_t)(make.to - cache - make.unit->start),
        .kind = (uint8_t)kind,
        .protected = make.protected,
    };
    return record;
}

/* An instruction whose operand is a word: opcode, and the register or opcode extension. */
static void put_word(uint8_t opcode, unsigned reg, uint32_t word)
{
    put(PREFIX_GS);
    put(opcode);
    put((uint8_t)(reg << 3 | 5));
    put_long(word);
}

static void put_push(uint32_t value)
{
    put(PUSH_NUMBER);
    put_long(value);
}

enum { EAX = 0, STORE = 0x89, LOAD = 0x8b, POP = 0x8f, PUSH = 0xff, PUSH_EXTENSION = 6 };

/* A displacement that a stub at the unit's end will fill. */
static void put_exit(uint32_t target)
{
    make.exit[make.exits].site = make.to;
    make.exit[make.exits++].target = target;
    put_long(0);
}

static void put_jump(uint32_t target)
{
    put(JMP);
    put_exit(target);
}

static void put_lookup(void)
{
    put(JMP);
    displacement_set(make.to, 0);
    make.to += 4;
}

static void put_sequence(const struct sequence *sequence)
{
    unsigned first = (unsigned)(sequence->callout - sequence->begin);

    note(WS_UNIT_FLAGS, make.eip);
    put_bytes(sequence->begin, first);
    if (sequence->callout == sequence->end)
        return;
    note(WS_UNIT_CALLOUT, make.eip);
    put_bytes(sequence->callout, 1);
    note(WS_UNIT_INSIDE, make.eip);
    put_bytes(sequence->callout + 1, (unsigned)(sequence->end - sequence->callout) - 1);
}

static void put_callout(enum ws_unit_kind kind)
{
    note(kind, make.eip);
    put(HLT);
}

/* -- one instruction: each function returns whether the unit ends ------------------------------ */

typedef bool maker(const struct instruction *in);

static bool make_jmp(const struct instruction *in)
{
    note(WS_UNIT_COPY, make.eip);
    put_jump(make.next + in->immediate);
    return true;
}

/* The VM's return address, not that of the copy. */
static bool make_call(const struct instruction *in)
{
    note(WS_UNIT_SEQUENCE, make.eip);
    put_push(make.next);
    note(WS_UNIT_JUMP, make.next + in->immediate);
    put_jump(make.next + in->immediate);
    return true;
}

/* Not taken, it goes on behind, so a unit may have many of them. */
static bool make_jcc(const struct instruction *in)
{
    note(WS_UNIT_COPY, make.eip);
    put(0x0f);
    put((uint8_t)(0x80 | (in->opcode & 15)));
    put_exit(make.next + in->immediate);
    return false;
}

/* loop, loope, loopne, jecxz have short displacements only. */
static bool make_loop(const struct instruction *in)
{
    static const uint8_t over[] = {2, 0xeb, 5}; /* its displacement: to behind the jump; jmp short over the next */

    note(WS_UNIT_COPY, make.eip);
    put_bytes(make.bytes, in->length - 1u);
    put_bytes(over, sizeof over);
    note(WS_UNIT_JUMP, make.next + in->immediate);
    put_jump(make.next + in->immediate);
    return false;
}

static bool make_ret(const struct instruction *in)
{
    note(WS_UNIT_SEQUENCE, make.eip);
    put_word(POP, 0, WORDS_TARGET);
    if (in->opcode == 0xc2) { /* lea n(%esp), %esp: addl would change flags */
        put_bytes((const uint8_t[]){0x8d, 0xa4, 0x24}, 3);
        put_long(in->immediate);
    }
    note(WS_UNIT_INSIDE, make.eip);
    put_lookup();
    return true;
}

/* WORDS_TARGET becomes the operand: a register's value, or memory's. */
static void put_target(const struct instruction *in)
{
    unsigned opcode_at = 0;

    if (in->mod == 3) {
        put_word(STORE, in->rm, WORDS_TARGET);
        return;
    }
    while (make.bytes[opcode_at] != (uint8_t)in->opcode) /* behind the prefixes; none of them is 0xff */
        opcode_at++;
    put_word(STORE, EAX, WORDS_EAX);
    put_bytes(make.bytes, opcode_at);
    put(LOAD);
    put(make.bytes[opcode_at + 1] & 0xc7);
    put_bytes(make.bytes + opcode_at + 2, in->length - opcode_at - 2u);
    put_word(STORE, EAX, WORDS_TARGET);
    put_word(LOAD, EAX, WORDS_EAX);
}

/* jmp and call to what the operand says. */
static bool make_indirect(const struct instruction *in)
{
    enum { CALLS = 2 };

    note(WS_UNIT_SEQUENCE, make.eip);
    put_target(in);
    if (in->reg == CALLS)
        put_push(make.next);
    note(WS_UNIT_INSIDE, make.eip);
    put_lookup();
    return true;
}

/* What the CPU has in SS, GS and CS is not what the VM has put there. */
static bool make_push_segment(const struct instruction *in)
{
    note(WS_UNIT_SEQUENCE, make.eip);
    if (in->opcode == 0x0e)
        put_push(make.unit->code.selector & ~(uint32_t)WS_SELECTOR_RPL);
    else
        put_word(PUSH, PUSH_EXTENSION, in->opcode == 0x16 ? WORDS_SS : WORDS_GS);
    return false;
}

static const struct rule {
    struct opcodes opcodes;
    maker *make;                     /* or */
    const struct sequence *sequence; /* to be copied */
} rules[] = {
    {{0x70, 0x7f, ANY_REG}, make_jcc, NULL},
    {{0x0f80, 0x0f8f, ANY_REG}, make_jcc, NULL},
    {{0xe0, 0xe3, ANY_REG}, make_loop, NULL},
    {{0xe9, 0xe9, ANY_REG}, make_jmp, NULL},
    {{0xeb, 0xeb, ANY_REG}, make_jmp, NULL},
    {{0xe8, 0xe8, ANY_REG}, make_call, NULL},
    {{0xc2, 0xc3, ANY_REG}, make_ret, NULL},
    {{0xff, 0xff, 1 << 2 | 1 << 4}, make_indirect, NULL},
    {{0xfa, 0xfa, ANY_REG}, NULL, &sequence_cli},
    {{0xfb, 0xfb, ANY_REG}, NULL, &sequence_sti},
    {{0x9c, 0x9c, ANY_REG}, NULL, &sequence_pushf},
    {{0x9d, 0x9d, ANY_REG}, NULL, &sequence_popf},
    {{0x0e, 0x0e, ANY_REG}, make_push_segment, NULL},
    {{0x16, 0x16, ANY_REG}, make_push_segment, NULL},
    {{0x0fa8, 0x0fa8, ANY_REG}, make_push_segment, NULL},
};

/* -- copies ------------------------------------------------------------------------------------ */

static bool borrows(const struct instruction *in)
{
    return in->segment == SEGMENT_GS || in->segment == SEGMENT_CS;
}

/* An operand in GS, or in CS: no copy can reach it while GS is the translator's and CS the cache.  The VMM lends the
 * copy a GS, for this one instruction: enter.c. */
static void make_borrow(const struct instruction *in)
{
    enum { PREFIX_CS = 0x2e };
    bool prefix = true;

    put_callout(WS_UNIT_BORROW);
    note(WS_UNIT_BORROWED, make.eip);
    for (unsigned i = 0; i < in->length; i++) {
        uint8_t byte = make.bytes[i];

        prefix = prefix && byte != (uint8_t)in->opcode && byte != 0x0f;
        put(prefix && byte == PREFIX_CS ? PREFIX_GS : byte);
    }
}

static bool instruction_make(const struct instruction *in)
{
    enum asking asking = emulate_asks(in);

    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *rule = &rules[i];

        if (!is_among(in, &rule->opcodes))
            continue;
        if (in->operand_16 || (in->opcode == 0xff && borrows(in)))
            break;
        vcpu.counters.replaced++;
        if (rule->make)
            return rule->make(in);
        put_sequence(rule->sequence);
        return false;
    }
    if (asking != ASKS_NOT) {
        put_callout(WS_UNIT_CALLOUT);
        vcpu.counters.callouts++;
        return asking == ASKS_AND_ENDS;
    }
    if (borrows(in)) {
        vcpu.counters.replaced++;
        make_borrow(in);
        return false;
    }
    note(WS_UNIT_COPY, make.eip);
    put_bytes(make.bytes, in->length);
    vcpu.counters.copies++;
    return false;
}

/* -- one unit ---------------------------------------------------------------------------------- */

/* The bytes at make.eip, as the CPU would fetch them: within the segment, from pages that are there, marked accessed.
 * false: a fault is set. */
static bool fetch(struct instruction *in, enum decoded *how)
{
    uint32_t limit = limit_of(segment_descriptor(SEGMENT_CS)), linear = segment_base(SEGMENT_CS) + make.eip,
             left = limit - make.eip;
    unsigned room = left < INSTRUCTION_BYTES ? left + 1 : INSTRUCTION_BYTES, there;
    struct walk found;

    if (make.eip > limit)
        return fault_set(WS_VECTOR_GP, 0);
    if (!walk_access(linear, false, false, &found))
        return false;
    there = linear_peek(linear, make.bytes, room);
    *how = decode(in, make.bytes, there);
    if (*how == DECODE_SHORT && there < room) /* the next page is missing */
        return walk_access(linear + there, false, false, &found);
    if (*how == DECODE_SHORT)
        return fault_set(WS_VECTOR_GP, 0); /* beyond the limit, or more than 15 bytes */
    return walk_access(linear + in->length - 1u, false, false, &found);
}

/* Each jump's displacement leads to a stub of one byte. */
static void stubs_make(void)
{
    for (unsigned i = 0; i < make.exits; i++) {
        displacement_set(make.exit[i].site, (uint32_t)(make.to - cache));
        note(WS_UNIT_STUB, make.exit[i].target)->site = (uint16_t)(make.exit[i].site - cache - make.unit->start);
        put(HLT);
    }
}

/* Behind sti there is one instruction more: they belong together. */
static bool unit_full(unsigned count)
{
    return count >= UNIT_INSTRUCTIONS && !make.protected;
}

/* The next page may not be there, and is not accessed before its code runs. */
static bool is_page_end(void)
{
    uint32_t linear = make.unit->linear;

    return (linear + make.next - make.unit->eip) / WS_PAGE_BYTES != linear / WS_PAGE_BYTES;
}

uint32_t unit_translate(struct ws_unit *unit)
{
    uint32_t eip = vcpu.frame->eip, cr2 = vcpu.cr2;
    bool over = false;

    make.unit = unit;
    make.to = cache + unit->start;
    make.eip = eip;
    make.exits = 0;
    make.protected = false;
    for (unsigned count = 0; !over && !unit_full(count); count++) {
        struct instruction in;
        enum decoded how = DECODED;

        if (!fetch(&in, &how)) {
            if (count == 0)
                return 0;
            vcpu.cr2 = cr2; /* that fault may come when its time has come */
            break;
        }
        make.next = make.eip + in.length;
        over = how != DECODED;
        if (breakpoint_at(segment_base(SEGMENT_CS) + make.eip))
            put_callout(WS_UNIT_BREAKPOINT);
        if (over)
            put_callout(WS_UNIT_UNKNOWN);
        else
            over = instruction_make(&in);
        make.protected = how == DECODED && in.opcode == 0xfb;
        unit->bytes = (uint8_t)(make.next - eip);
        make.eip = make.next;
        if (is_page_end())
            break;
    }
    if (!over) {
        note(WS_UNIT_JUMP, make.eip);
        put_jump(make.eip);
    }
    stubs_make();
    while (make.to - cache - unit->start < SHORTEST)
        put(NOP);
    return (uint32_t)(make.to - cache);
}
