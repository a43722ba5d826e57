/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O bus, with chips that write down what they are asked.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/bus.h"
#include "devices/debug_exit.h"

struct scribe {
    char log[128];
};

static uint8_t scribe_read(void *chip, uint16_t port)
{
    struct scribe *scribe = chip;
    size_t used = strlen(scribe->log);
    snprintf(scribe->log + used, sizeof scribe->log - used, "r%x ", port);
    return (uint8_t)(port & 0xff);
}

static void scribe_write(void *chip, uint16_t port, uint8_t value)
{
    struct scribe *scribe = chip;
    size_t used = strlen(scribe->log);
    snprintf(scribe->log + used, sizeof scribe->log - used, "w%x=%x ", port, value);
}

static struct scribe first, second;
static const struct ws__bus_row rows[] = {
    {0x60, 0x63, WS__BUS_ISA, &first, scribe_read, scribe_write},
    {0x62, 0x65, WS__BUS_ISA, &second, scribe_read, scribe_write},
    {0x80, 0x80, WS__BUS_ISA, &second, NULL, scribe_write},
    {0x81, 0x81, WS__BUS_ISA, &second, scribe_read, NULL},
    {0x90, 0x90, WS__BUS_ISA, &first, scribe_read, scribe_write},
    {0x91, 0x91, WS__BUS_BYTES, &second, scribe_read, scribe_write},
    {0x92, 0x92, WS__BUS_ISA, &first, scribe_read, scribe_write},
    {0xa1, 0xa1, WS__BUS_BYTES, &first, scribe_read, scribe_write},
    {0xa8, 0xa9, WS__BUS_BYTES, &first, scribe_read, scribe_write},
    {0xffff, 0xffff, WS__BUS_ISA, &first, scribe_read, scribe_write},
};

static uint32_t scribe_read_wide(void *chip, uint16_t port, unsigned bytes)
{
    struct scribe *scribe = chip;
    size_t used = strlen(scribe->log);
    snprintf(scribe->log + used, sizeof scribe->log - used, "R%x/%u ", port, bytes);
    return 0x12345678;
}

static void scribe_write_wide(void *chip, uint16_t port, unsigned bytes, uint32_t value)
{
    struct scribe *scribe = chip;
    size_t used = strlen(scribe->log);
    snprintf(scribe->log + used, sizeof scribe->log - used, "W%x/%u=%x ", port, bytes, value);
}

static const struct ws__bus_wide wides[] = {
    {0xa0, 0xa0, 4, &second, NULL, scribe_read_wide, scribe_write_wide},
    {0xa4, 0xa7, 1 | 2 | 4, &second, NULL, scribe_read_wide, scribe_write_wide},
    {0xa8, 0xa8, 2, &second, NULL, NULL, scribe_write_wide},
};
static const struct ws__bus bus = {rows, sizeof rows / sizeof *rows, wides, sizeof wides / sizeof *wides};

static const struct {
    const char *what;
    uint16_t port;
    unsigned bytes;
    uint32_t value;
    const char *first_log, *second_log;
} reads[] = {
    {"a byte", 0x60, 1, 0x60, "r60 ", ""},
    {"nothing there", 0x50, 1, 0xff, "", ""},
    {"nothing there, wide", 0x50, 4, 0xffffffff, "", ""},
    {"a word, low byte first", 0x60, 2, 0x6160, "r60 r61 ", ""},
    {"across two chips", 0x63, 2, 0x6463, "r63 ", "r64 "},
    {"the first row wins", 0x62, 1, 0x62, "r62 ", ""},
    {"over the edge of a chip", 0x65, 2, 0xff65, "", "r65 "},
    {"a port that only takes", 0x80, 1, 0xff, "", ""},
    {"a chip for bytes", 0x91, 1, 0x91, "", "r91 "},
    {"a chip for bytes, a word", 0x91, 2, 0x92ff, "r92 ", ""},
    {"a chip for bytes amid others", 0x90, 4, 0xff92ff90, "r90 r92 ", ""},
    {"a wide port is one access", 0xa0, 4, 0x12345678, "", "Ra0/4 "},
    {"a wide port, a byte of it", 0xa1, 1, 0xa1, "ra1 ", ""},
    {"a wide port, of another width", 0xa0, 2, 0xffff, "", ""},
    {"wide ports, not the first", 0xa6, 2, 0x12345678, "", "Ra6/2 "},
    {"a wide port that only takes", 0xa8, 2, 0xffff, "", ""},
    {"beside it, a byte", 0xa8, 1, 0xa8, "ra8 ", ""},
    {"the last port", 0xffff, 2, 0xffff, "rffff ", ""},
};

START_TEST(reads_reach_their_chips)
{
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        first.log[0] = second.log[0] = '\0';
        uint32_t value = ws__bus_read(&bus, reads[i].port, reads[i].bytes);
        ck_assert_msg(value == reads[i].value, "%s: 0x%x", reads[i].what, value);
        ck_assert_msg(strcmp(first.log, reads[i].first_log) == 0 && strcmp(second.log, reads[i].second_log) == 0,
                      "%s: \"%s\", \"%s\"", reads[i].what, first.log, second.log);
    }
}
END_TEST

static const struct {
    const char *what;
    uint16_t port;
    unsigned bytes;
    uint32_t value;
    const char *first_log, *second_log;
} writes[] = {
    {"a byte, the rest ignored", 0x60, 1, 0x1234, "w60=34 ", ""},
    {"nothing there", 0x50, 4, 0x12345678, "", ""},
    {"four, low byte first", 0x60, 4, 0x12345678, "w60=78 w61=56 w62=34 w63=12 ", ""},
    {"across two chips", 0x63, 2, 0x1234, "w63=34 ", "w64=12 "},
    {"a chip for bytes", 0x91, 1, 0x12, "", "w91=12 "},
    {"a chip for bytes, a word", 0x91, 2, 0x1234, "w92=12 ", ""},
    {"a chip for bytes amid others", 0x90, 4, 0x12345678, "w90=78 w92=34 ", ""},
    {"a wide port is one access", 0xa0, 4, 0x12345678, "", "Wa0/4=12345678 "},
    {"a wide port, of another width", 0xa0, 2, 0x1234, "", ""},
    {"wide ports, not the first", 0xa7, 1, 0x12, "", "Wa7/1=12 "},
    {"a port that only gives", 0x81, 1, 1, "", ""},
    {"beyond the last port", 0xffff, 4, 0x12345678, "wffff=78 ", ""},
};

START_TEST(writes_reach_their_chips)
{
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        first.log[0] = second.log[0] = '\0';
        ws__bus_write(&bus, writes[i].port, writes[i].bytes, writes[i].value);
        ck_assert_msg(strcmp(first.log, writes[i].first_log) == 0 && strcmp(second.log, writes[i].second_log) == 0,
                      "%s: \"%s\", \"%s\"", writes[i].what, first.log, second.log);
    }
}
END_TEST

START_TEST(a_chip_answers_to_its_widths)
{
    for (unsigned bytes = 1; bytes <= 4; bytes *= 2) {
        ck_assert(ws__bus_has(&bus, 0x60, bytes));
        ck_assert(ws__bus_has(&bus, 0x91, bytes) == (bytes == 1));
        ck_assert(!ws__bus_has(&bus, 0x50, bytes));
    }
}
END_TEST

START_TEST(the_exit_port_keeps_the_first_value)
{
    struct ws__debug_exit chip = {0};
    const struct ws__bus_row row = {WS__DEBUG_EXIT_PORT, WS__DEBUG_EXIT_PORT, WS__BUS_ISA, &chip,
                                    ws__debug_exit_read, ws__debug_exit_write};
    const struct ws__bus exit_bus = {.row = &row, .count = 1};
    ck_assert_uint_eq(ws__bus_read(&exit_bus, 0xf4, 1), 0);
    ck_assert(!chip.written);
    ws__bus_write(&exit_bus, 0xf4, 4, 0x12345621);
    ck_assert(chip.written);
    ck_assert_uint_eq(chip.value, 0x21);
    ws__bus_write(&exit_bus, 0xf4, 1, 0x42);
    ck_assert_uint_eq(chip.value, 0x21);
}
END_TEST

Suite *bus_suite(void)
{
    Suite *suite = suite_create("bus");
    TCase *ports = tcase_create("ports");
    tcase_add_test(ports, reads_reach_their_chips);
    tcase_add_test(ports, writes_reach_their_chips);
    tcase_add_test(ports, a_chip_answers_to_its_widths);
    tcase_add_test(ports, the_exit_port_keeps_the_first_value);
    suite_add_tcase(suite, ports);
    return suite;
}
