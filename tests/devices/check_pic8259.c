/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 8259A pair, as the CPU, the chips and a driver see it.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/pic8259.h"

/*
 * A script: "P=V" writes port P, "P?V" expects V there, "^N" and "_N" raise and lower line N, "/N"
 * does both, "!0" and "!1" expect the output, "@V" acknowledges and expects vector V.  "%N:W" expects
 * that line N waits for W: - is not requested, c comes, m is masked, s is the slave's mask, a line is
 * what is in service.  All in hexadecimal.  INIT: vectors 20 and 28, as all systems have them.
 */
#define INIT_WITH(icw4) "20=11 21=20 21=4 21=" icw4 " a0=11 a1=28 a1=2 a1=1 "
#define INIT            INIT_WITH("1")

static const struct {
    const char *what;
    const char *script;
} rows[] = {
    {"as firmware leaves it", "21?b8 a1?8e 20?0 a0?0 4d0?0 4d1?c !0 /0 !1 @8 /8 20=20 !1 @70"},
    {"masked by firmware", "/3 !0 20?8 21=0 !1 @b"},
    {"initialized: nothing is masked", INIT "21?0 a1?0 !0 /7 !1 @27"},
    {"initialization forgets requests", "/0 !1 " INIT "!0 20?0"},
    {"a line that stays high must rise again", "^0 " INIT "!0 ^0 !0 _0 ^0 !1 @20"},
    {"an edge is kept when the line falls", INIT "^3 _3 !1 @23 !0"},
    {"one edge, one interrupt", INIT "^3 @23 20=20 !0 ^3 !0"},
    {"two edges before the first is taken are one", INIT "/3 /3 @23 20=20 !0"},
    {"an edge while in service waits", INIT "/3 @23 /3 !0 20?8 20=20 !1 @23"},
    {"lower numbers first", INIT "/5 /1 /3 @21 !0 20=20 @23 20=20 @25"},
    {"a higher one interrupts", INIT "/5 @25 /1 !1 @21 20=b 20?22 20=20 20?20 20=20 20?0"},
    {"a lower one waits", INIT "/1 @21 /5 !0 20=20 !1"},
    {"masks", INIT "21=8 /3 !0 20?8 21=0 !1 @23"},
    {"a mask hides a request that is there", INIT "/3 !1 21=8 !0 21=0 !1"},
    {"a masked one does not hold others", INIT "21=2 /1 /3 @23"},
    {"read IRR and ISR", INIT "/1 /3 20?a @21 20?8 20=b 20?2 20=a 20?8"},
    {"end of interrupt: the highest in service", INIT "/5 @25 /1 @21 20=20 20=b 20?20"},
    {"end of interrupt without service", INIT "20=20 20=b 20?0"},
    {"specific end of interrupt", INIT "/5 @25 /1 @21 20=65 20=b 20?2"},
    {"no operation", INIT "/5 @25 20=45 20=b 20?20"},
    {"automatic end of interrupt", INIT_WITH("3") "/5 @25 20=b 20?0 /6 !1 @26"},
    {"rotate on end: round robin", INIT "/1 /4 @21 20=a0 /1 @24 20=a0 @21"},
    {"rotate on specific end", INIT "/1 /4 @21 20=e1 /1 @24"},
    {"rotate in automatic mode", INIT_WITH("3") "20=80 /1 /4 @21 /1 @24 @21"},
    {"rotate in automatic mode, off", INIT_WITH("3") "20=80 20=0 /1 /4 @21 /1 @21 @24"},
    {"set priority", INIT "20=c3 /3 /4 /0 @24 20=20 @20 20=20 @23"},
    {"special mask mode: others may", INIT "/1 @21 21=2 /5 !0 20=68 !1 @25"},
    {"special mask mode: end passes the masked", INIT "/1 @21 21=2 20=68 /5 @25 20=20 20=b 20?2"},
    {"special mask mode, off", INIT "/1 @21 21=2 20=68 20=48 /5 !0"},
    {"poll", INIT "/5 20=c 20?85 20=b 20?20 20?20 !0"},
    {"poll without a request", INIT "20=c 20?0 20=b 20?0"},
    {"poll is for one read", INIT "/5 20=c 20?85 20?0"},
    {"poll the slave", INIT "/c a0=c a0?84 a0=b a0?10"},
    {"spurious, master", INIT "@27 20=b 20?0"},
    {"spurious, slave", INIT "^9 a1=2 @2f 20=b 20?4 a0=b a0?0"},
    {"slave", INIT "/e !1 @2e 20=b 20?4 a0=b a0?40 a0=20 20=20 20?0 a0?0"},
    {"slave's place among the master's lines", INIT "/3 /8 /1 @21 20=20 @28 20=20 a0=20 @23"},
    {"slave behind a mask of the master", INIT "21=4 /e !0 21=0 !1 @2e"},
    {"slave waits for the master's end", INIT "/e @2e /9 !0 20=20 !1 @29"},
    {"slave's lower one waits for the slave's end", INIT "/9 @29 20=20 /e !0 a0=20 !1 @2e"},
    {"slave's second request is an edge", INIT "/9 /e @29 20=20 a0=20 !1 @2e 20=20 a0=20 !0"},
    {"special fully nested mode", INIT_WITH("11") "/e @2e /9 !1 @29"},
    {"slave with automatic end", "20=11 21=20 21=4 21=1 a0=11 a1=28 a1=2 a1=3 /9 /e @29 20=20 !1 @2e"},
    {"level: as long as it is high", INIT "4d0=20 ^5 @25 20=20 !1 @25 _5 20=20 !0"},
    {"level: gone before it is taken", INIT "4d0=20 ^5 !1 _5 !0 @27"},
    {"level: a shared line", INIT "4d1=8 ^b @2b a0=20 20=20 !1 @2b _b a0=20 20=20 !0"},
    {"level: not for all lines", "4d0=ff 4d0?f8 4d1=ff 4d1?de"},
    {"level: turned on while high", INIT "^5 @25 20=20 !0 4d0=20 !1"},
    {"waits: not, and for nothing", INIT "%3:- /3 %3:c @23 %3:-"},
    {"waits: masked", INIT "21=8 /3 %3:m a1=2 /9 %9:m 21=0 %3:c"},
    {"waits: the slave is masked", INIT "21=4 /9 %9:s a1=2 %9:m"},
    {"waits: behind its own", INIT "/3 @23 /3 %3:3 20=20 %3:c"},
    {"waits: behind one that goes first", INIT "/1 @21 /5 %5:1 /0 %0:c"},
    {"waits: behind its own at the slave", INIT "/8 @28 20=20 /8 %8:8 a0=20 %8:c"},
    {"waits: for the master's end", INIT "/8 @28 a0=20 /9 %9:2 20=20 %9:c"},
    {"waits: special fully nested mode", INIT_WITH("11") "/e @2e /9 %9:c /f %f:e"},
    {"waits: special mask mode", INIT "/1 @21 21=2 20=68 /5 %5:c"},
    {"without ICW4", "20=10 21=40 21=4 /3 @43 !0 20=b 20?8"},
    {"a single one has no ICW3", "20=13 21=40 21=1 21=8 21?8"},
    {"the vector's low bits are the line's", "20=11 21=47 21=4 21=1 /3 @43"},
    {"wide steps: ICW1 in between begins anew", "20=11 21=20 20=11 21=30 21=4 21=1 21=ff 21?ff /3 21=0 @33"},
};

static char wait_letter(const struct ws__pic_pair *pair, unsigned irq)
{
    unsigned behind = 0;
    switch (ws__pic8259_wait(pair, irq, &behind)) {
    case WS__PIC_NONE:
        return '-';
    case WS__PIC_COMES:
        return 'c';
    case WS__PIC_MASKED:
        return 'm';
    case WS__PIC_SLAVE_MASKED:
        return 's';
    default:
        ck_assert(ws__pic8259_serves(pair, behind));
        return "0123456789abcdef"[behind];
    }
}

static void step_run(struct ws__pic_pair *pair, const char *step, const char *what)
{
    unsigned port, value;
    char verb = *step;
    if (strchr("^_/", verb)) {
        ck_assert_int_eq(sscanf(step + 1, "%x", &value), 1);
        if (verb != '_')
            ws__pic8259_line(pair, value, true);
        if (verb != '^')
            ws__pic8259_line(pair, value, false);
    } else if (verb == '!') {
        ck_assert_msg(ws__pic8259_interrupts(pair) == (step[1] == '1'), "%s: output, at \"%s\"", what, step);
    } else if (verb == '%') {
        char wanted;
        ck_assert_int_eq(sscanf(step + 1, "%x:%c", &value, &wanted), 2);
        char is = wait_letter(pair, value);
        ck_assert_msg(is == wanted, "%s: it is %c, at \"%s\"", what, is, step);
    } else if (verb == '@') {
        ck_assert_int_eq(sscanf(step + 1, "%x", &value), 1);
        uint8_t vector = ws__pic8259_acknowledge(pair);
        ck_assert_msg(vector == value, "%s: vector 0x%x, at \"%s\"", what, vector, step);
    } else if (sscanf(step, "%x=%x", &port, &value) == 2) {
        ws__pic8259_write(pair, (uint16_t)port, (uint8_t)value);
    } else {
        ck_assert_int_eq(sscanf(step, "%x?%x", &port, &value), 2);
        uint8_t seen = ws__pic8259_read(pair, (uint16_t)port);
        ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
    }
}

START_TEST(the_pair_does_what_the_data_sheet_says)
{
    struct ws__pic_pair pair;
    ws__pic8259_reset(&pair);
    for (const char *step = rows[_i].script; *step;) {
        step_run(&pair, step, rows[_i].what);
        step += strcspn(step, " ");
        step += strspn(step, " ");
    }
}
END_TEST

START_TEST(it_listens_to_what_can_interrupt)
{
    struct ws__pic_pair pair;
    ws__pic8259_reset(&pair);
    ck_assert(ws__pic8259_listens(&pair, 0));
    ck_assert(!ws__pic8259_listens(&pair, 3));
    ck_assert(ws__pic8259_listens(&pair, 14));
    ws__pic8259_line(&pair, 0, true);
    ck_assert(!ws__pic8259_listens(&pair, 0));
    ws__pic8259_acknowledge(&pair);
    ck_assert(ws__pic8259_listens(&pair, 0));
    ws__pic8259_write(&pair, 0x21, 4);
    ck_assert(!ws__pic8259_listens(&pair, 14));
}
END_TEST

START_TEST(a_vector_has_its_line)
{
    struct ws__pic_pair pair;
    ws__pic8259_reset(&pair);
    ck_assert_int_eq(ws__pic8259_irq(&pair, 0x08), 0);
    ck_assert_int_eq(ws__pic8259_irq(&pair, 0x0f), 7);
    ck_assert_int_eq(ws__pic8259_irq(&pair, 0x10), -1);
    ck_assert_int_eq(ws__pic8259_irq(&pair, 0x70), 8);
    ck_assert_int_eq(ws__pic8259_irq(&pair, 0x77), 15);
    ck_assert_int_eq(ws__pic8259_irq(&pair, 0xff), -1);
}
END_TEST

Suite *pic8259_suite(void)
{
    Suite *suite = suite_create("pic8259");
    TCase *pair = tcase_create("pair");
    tcase_add_loop_test(pair, the_pair_does_what_the_data_sheet_says, 0, sizeof rows / sizeof *rows);
    tcase_add_test(pair, it_listens_to_what_can_interrupt);
    tcase_add_test(pair, a_vector_has_its_line);
    suite_add_tcase(suite, pair);
    return suite;
}
