/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ATA disk, as a driver sees it.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/ata/ata.h"

enum { SECTORS = 2048, WORDS = WS__SECTOR_BYTES / 2, MEMORY = 8192, MASTER_PORTS = 0xc000 };

/*
 * A script: "P=V" writes port P, "P?V" expects V there, all in hexadecimal; "+N" lets N
 * microseconds pass, in decimal; "!0" and "!1" expect the interrupt; "rN" and "wN" read and write
 * the data port's words of a sector with N in it; "dN=M" expects M in the disk's sector N; "x"
 * breaks the disk.  "MA=V" writes V, four bytes, into memory at A, and "mA=V" expects two bytes
 * there.  The bus master's ports begin at c000; its table is at 100 in memory, and has one region at
 * 1000.  All sectors begin with their own number in them.  SELECT, then count and LBA.
 */
#define LBA(count, low, middle, high) "1f6=e0 1f2=" count " 1f3=" low " 1f4=" middle " 1f5=" high " "
#define REGION(bytes)                 "M100=1000 M104=" bytes " c004=100 " LBA("1", "5", "0", "0")

static const struct {
    const char *what;
    const char *script;
} rows[] = {
    {"as firmware leaves it", "1f7?50 3f6?50 1f6?a0 1f2?1 1f3?1 1f4?0 1f5?0 !0"},
    {"read a sector", LBA("1", "5", "0", "0") "1f7=20 1f7?80 !0 +100 !1 3f6?58 !1 1f7?58 !0 r5 1f7?50 !0"},
    {"not before its time", LBA("1", "5", "0", "0") "1f7=20 +99 1f7?80 +1 1f7?58"},
    {"read three", LBA("3", "5", "0", "0") "1f7=20 +100 1f7?58 r5 1f7?80 !0 +10 !1 1f7?58 r6 +10 1f7?58 r7 1f7?50 !0"},
    {"a count of 0 is 256", LBA("0", "0", "1", "0") "1f7=20 +100 r100 +10 r101 1f2?fe"},
    {"LBA 15..8", LBA("1", "1", "2", "0") "1f7=20 +100 r201"},
    {"CHS", "1f6=a1 1f2=1 1f3=2 1f4=1 1f5=0 1f7=20 +100 r430"},
    {"CHS: sectors begin at 1", "1f6=a0 1f2=1 1f3=0 1f4=0 1f5=0 1f7=20 1f7?41 1f1?4 !0"},
    {"CHS: 63 sectors a track", "1f6=a0 1f2=1 1f3=40 1f4=0 1f5=0 1f7=20 1f7?41 1f1?4"},
    {"the last sector", LBA("1", "ff", "7", "0") "1f7=20 +100 1f7?58 r7ff"},
    {"behind the end", LBA("1", "0", "8", "0") "1f7=20 !1 1f7?41 1f1?4 !0 1f7?41"},
    {"across the end", LBA("2", "ff", "7", "0") "1f7=20 1f7?41 1f1?4"},
    {"LBA 27..24 count", "1f6=e1 1f2=1 1f3=0 1f4=0 1f5=0 1f7=20 1f7?41"},
    {"the next command forgets the error", LBA("1", "0", "8", "0") "1f7=20 1f7?41 1f4=0 1f7=20 +100 1f7?58 1f1?0"},
    {"write a sector", LBA("1", "5", "0", "0") "1f7=30 1f7?58 !0 w99 1f7?80 d5=5 +10 !1 1f7?50 !0 d5=99"},
    {"write three",
     LBA("3", "5", "0", "0") "1f7=30 w91 +10 !1 1f7?58 w92 +10 1f7?58 w93 +10 1f7?50 d5=91 d6=92 d7=93 d8=8"},
    {"read what was written", LBA("1", "5", "0", "0") "1f7=30 w99 +10 1f2=1 1f3=5 1f7=20 +100 r99"},
    {"multiple: not set", LBA("2", "5", "0", "0") "1f7=c4 1f7?41 1f1?4 1f7=c5 1f7?41"},
    {"multiple: not a power of two", "1f2=3 1f7=c6 1f7?41 1f2=20 1f7=c6 1f7?41"},
    {"read multiple",
     "1f2=2 1f7=c6 +10 " LBA("3", "5", "0", "0") "1f7=c4 +100 1f7?58 r5 !0 1f7?58 r6 1f7?80 +10 !1 1f7?58 r7 1f7?50"},
    {"write multiple",
     "1f2=2 1f7=c6 +10 1f7?50 " LBA("3", "5", "0",
                                    "0") "1f7=c5 !0 w91 1f7?58 w92 1f7?80 +10 !1 1f7?58 w93 +10 1f7?50 d6=92 d7=93"},
    {"identify", "1f6=a0 1f7=ec !1 1f7?58 !0"},
    {"an unknown command", "1f6=a0 1f7=a1 !1 1f7?41 1f1?4"},
    {"flush", "1f6=a0 1f7=e7 1f7?80 +10 !1 1f7?50"},
    {"verify", LBA("1", "5", "0", "0") "1f7=40 +100 1f7?50 1f4=8 1f7=40 1f7?41"},
    {"diagnostic", "1f6=a0 1f3=9 1f7=90 !1 1f7?50 1f1?1 1f3?1"},
    {"interrupts off", "3f6=2 " LBA("1", "5", "0", "0") "1f7=20 +100 !0 3f6?58 3f6=0 !1 1f7?58 !0"},
    {"soft reset", LBA("1", "5", "0", "0") "1f7=20 3f6=4 3f6?80 3f6=0 3f6?50 1f2?1 1f3?1 1f6?a0 1f1?1 +100 !0 1f7?50"},
    {"soft reset forgets multiple", "1f2=2 1f7=c6 +10 3f6=4 3f6=0 1f7=c4 1f7?41"},
    {"no slave", "1f6=b0 1f7?0 3f6?0 1f7=ec 1f7?0 !0 1f6=a0 1f7?50"},
    {"a busy disk takes no command", LBA("1", "5", "0", "0") "1f7=20 1f7=ec +100 1f7?58 r5"},
    {"a broken disk, read", LBA("1", "5", "0", "0") "x 1f7=20 +100 !1 1f7?41 1f1?40"},
    {"a broken disk, write", LBA("1", "5", "0", "0") "x 1f7=30 w1 +10 !1 1f7?41 1f1?4"},
    {"read DMA", REGION("80000200") "1f7=c8 1f7?58 +500 c000=9 1f7?80 +109 m1000=0 +1 !1 c002?4 m1000=5 1f7?50 !0"},
    {"read DMA, started first", REGION("80000200") "c000=9 c002?1 1f7=c8 1f7?80 +110 !1 c002?4 m1000=5 m11fe=5"},
    {"write DMA", REGION("80000200") "1f7=ca 1f7?58 c000=1 +109 d5=5 +1 !1 1f7?50 d5=0 c002?4"},
    {"DMA: room is left", REGION("80000400") "1f7=c8 c000=9 +110 !1 c002?5 c000=0 c002?4 c002=4 c002?0"},
    {"DMA: 0 is 65536 bytes", REGION("80000000") "1f7=c8 c000=9 +110 !1 c002?5 m1000=5"},
    {"DMA: too little room, then more",
     REGION("80000100") "1f7=c8 c000=9 +110 !0 c002?0 1f7?58 c000=0 M104=80000200 c000=9 +110 !1 c002?4 m1000=5"},
    {"DMA: no memory for the table", REGION("80000200") "c004=7ffffff0 1f7=c8 c000=9 +110 !0 c002?2 m1000=0 1f7?58"},
    {"DMA: no memory for the sector", REGION("80000200") "M100=7ffffff0 1f7=c8 c000=9 +110 !0 c002?2 1f7?58"},
    {"DMA: stopped before its time", REGION("80000200") "1f7=c8 c000=9 +50 c000=0 +60 !0 c002?0 m1000=0 1f7?58"},
    {"DMA: behind the end", REGION("80000200") "1f4=8 1f7=c8 !1 1f7?41 1f1?4"},
    {"DMA: a broken disk", REGION("80000200") "x 1f7=c8 c000=9 +110 !1 c002?5 1f7?41 1f1?40"},
    {"DMA: soft reset", REGION("80000200") "1f7=c8 3f6=4 3f6=0 c000=9 +500 !0 c002?1 m1000=0 1f7?50"},
    {"DMA: an interrupt is noted where it rises", "1f6=a0 1f7=a1 c002?4 c002=4 c002?0 1f7=a1 c002?4"},
    {"transfer modes",
     "1f1=3 1f2=22 1f7=ef +10 1f7?50 1f2=23 1f7=ef 1f7?41 1f2=c 1f7=ef +10 1f7?50 1f2=45 1f7=ef 1f7?41"},
    {"one byte of data is none", LBA("1", "5", "0", "0") "1f7=20 +100 1f0?ff r5"},
};

struct bench {
    struct ws__ata chip;
    struct ws__clock clock;
    struct ws__ata_wire wire;
    struct ws__pci pci;
    struct ws__bus_master master;
    struct ws__bus_master_wire master_wire;
    uint8_t memory[MEMORY];
    uint16_t content[SECTORS];
    bool high, broken;
};

static void line_set(void *context, unsigned number, bool high)
{
    (void)number;
    ((struct bench *)context)->high = high;
}

/* A sector is its number, over and over. */
static bool sector_read(void *context, uint32_t lba, uint8_t *sector)
{
    struct bench *bench = context;
    ck_assert_uint_lt(lba, SECTORS);
    for (int i = 0; i < WORDS; i++)
        memcpy(sector + 2 * i, &bench->content[lba], 2);
    return !bench->broken;
}

static bool sector_write(void *context, uint32_t lba, const uint8_t *sector)
{
    struct bench *bench = context;
    ck_assert_uint_lt(lba, SECTORS);
    for (int i = 1; i < WORDS; i++)
        ck_assert(memcmp(sector, sector + 2 * i, 2) == 0);
    memcpy(&bench->content[lba], sector, 2);
    return !bench->broken;
}

static bool memory_read(void *context, uint32_t phys, void *out, uint32_t bytes)
{
    const struct bench *bench = context;
    if (phys > MEMORY || bytes > MEMORY - phys)
        return false;
    memcpy(out, bench->memory + phys, bytes);
    return true;
}

static bool memory_write(void *context, uint32_t phys, const void *in, uint32_t bytes)
{
    struct bench *bench = context;
    if (phys > MEMORY || bytes > MEMORY - phys)
        return false;
    memcpy(bench->memory + phys, in, bytes);
    return true;
}

/* As firmware leaves PCI, but for the right to be a master. */
static void master_init(struct bench *bench)
{
    ws__pci_reset(&bench->pci);
    ws__pci_address_write(&bench->pci, WS__PCI_ADDRESS, 4, 0x80000904);
    ws__pci_data_write(&bench->pci, WS__PCI_DATA, 2, 5);
    bench->master_wire = (struct ws__bus_master_wire){&bench->master, &bench->pci, bench, memory_read, memory_write};
    ck_assert(ws__bus_master_has(&bench->master_wire, MASTER_PORTS));
    ck_assert(!ws__bus_master_has(&bench->master_wire, MASTER_PORTS + WS__BUS_MASTER_PORTS));
}

static void bench_init(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->clock.ips = 1000000;
    master_init(bench);
    bench->wire = (struct ws__ata_wire){&bench->chip,
                                        &bench->clock,
                                        {SECTORS, bench, sector_read, sector_write},
                                        {line_set, bench, 0},
                                        &bench->master_wire};
    for (int i = 0; i < SECTORS; i++)
        bench->content[i] = (uint16_t)i;
    ws__ata_reset(&bench->chip);
}

static void sector_expect(struct bench *bench, unsigned value, const char *what, const char *step)
{
    for (int i = 0; i < WORDS; i++) {
        uint16_t word = (uint16_t)ws__ata_data_read(&bench->wire, WS__ATA_FIRST, 2);
        ck_assert_msg(word == value, "%s: word %d is 0x%x, at \"%s\"", what, i, word, step);
    }
}

static void register_step(struct bench *bench, const char *step, const char *what)
{
    unsigned port, value;
    if (sscanf(step, "%x=%x", &port, &value) == 2) {
        if (port < MASTER_PORTS)
            ws__ata_write(&bench->wire, (uint16_t)port, (uint8_t)value);
        else
            ws__bus_master_write(&bench->master_wire, (uint16_t)port, port % 8 < 4 ? 1 : 4, value);
        ws__ata_dma_consider(&bench->wire);
        return;
    }
    ck_assert_int_eq(sscanf(step, "%x?%x", &port, &value), 2);
    uint32_t seen = port < MASTER_PORTS ? ws__ata_read(&bench->wire, (uint16_t)port)
                                        : ws__bus_master_read(&bench->master_wire, (uint16_t)port, 1);
    ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
}

static void step_run(struct bench *bench, const char *step, const char *what)
{
    unsigned value, sector, at;
    ws__ata_run(&bench->wire);
    if (sscanf(step, "+%u", &value) == 1) {
        bench->clock.now += value;
    } else if (*step == '!') {
        ck_assert_msg(bench->high == (step[1] == '1'), "%s: interrupt, at \"%s\"", what, step);
    } else if (sscanf(step, "r%x", &value) == 1) {
        sector_expect(bench, value, what, step);
    } else if (sscanf(step, "w%x", &value) == 1) {
        for (int i = 0; i < WORDS; i++)
            ws__ata_data_write(&bench->wire, WS__ATA_FIRST, 2, value);
    } else if (sscanf(step, "d%x=%x", &sector, &value) == 2) {
        ck_assert_msg(bench->content[sector] == value, "%s: at \"%s\"", what, step);
    } else if (sscanf(step, "M%x=%x", &at, &value) == 2) {
        memcpy(bench->memory + at, &value, sizeof value);
    } else if (sscanf(step, "m%x=%x", &at, &value) == 2) {
        unsigned seen = bench->memory[at] | (unsigned)bench->memory[at + 1] << 8;
        ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
    } else if (*step == 'x') {
        bench->broken = true;
    } else {
        register_step(bench, step, what);
    }
}

START_TEST(the_disk_does_what_the_standard_says)
{
    struct bench bench;
    bench_init(&bench);
    for (const char *step = rows[_i].script; *step;) {
        step_run(&bench, step, rows[_i].what);
        step += strcspn(step, " ");
        step += strspn(step, " ");
    }
}
END_TEST

START_TEST(it_says_what_it_is)
{
    struct bench bench;
    uint16_t word[WORDS];
    bench_init(&bench);
    ws__ata_write(&bench.wire, 0x1f7, 0xec);
    for (int i = 0; i < WORDS; i++)
        word[i] = (uint16_t)ws__ata_data_read(&bench.wire, WS__ATA_FIRST, 2);
    ck_assert_uint_eq(word[60] | (uint32_t)word[61] << 16, SECTORS);
    ck_assert_uint_eq(word[1], SECTORS / 16 / 63);
    ck_assert(word[49] & 0x0200);
    ck_assert_uint_eq(word[47], 0x8010);
    ck_assert_uint_eq(word[27], 'w' << 8 | 'o');
    ck_assert_uint_eq((uint16_t)ws__ata_data_read(&bench.wire, WS__ATA_FIRST, 2), 0);
}
END_TEST

START_TEST(without_a_disk_nothing_is_there)
{
    struct bench bench;
    bench_init(&bench);
    bench.wire.platters.sectors = 0;
    ws__ata_write(&bench.wire, 0x1f7, 0xec);
    for (uint16_t port = WS__ATA_FIRST; port <= WS__ATA_LAST; port++)
        ck_assert_uint_eq(ws__ata_read(&bench.wire, port), 0);
    ck_assert(!bench.high && ws__ata_due(&bench.wire) == WS__NEVER);
}
END_TEST

Suite *ata_suite(void)
{
    Suite *suite = suite_create("ata");
    TCase *disk = tcase_create("disk");
    tcase_add_loop_test(disk, the_disk_does_what_the_standard_says, 0, sizeof rows / sizeof *rows);
    tcase_add_test(disk, it_says_what_it_is);
    tcase_add_test(disk, without_a_disk_nothing_is_there);
    suite_add_tcase(suite, disk);
    return suite;
}
