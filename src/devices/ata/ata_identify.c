/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IDENTIFY DEVICE.  ATA/ATAPI-6 §8.15 "IDENTIFY DEVICE", table 27.
 */
#include "devices/ata/ata_identify.h"

#include <stddef.h>
#include <string.h>

#include "devices/ata/ata.h"

enum { CYLINDERS_MOST = 16383, WORDS = 256, SERIAL = 10, FIRMWARE = 23, MODEL = 27, BLANK = ' ' };

/* What does not depend on the disk. */
static const struct {
    uint8_t word;
    uint16_t value;
} fixed[] = {
    {0, 0x0040},                     /* a fixed disk */
    {3, WS__ATA_HEADS},              /* */
    {6, WS__ATA_TRACK},              /* */
    {47, 0x8000 | WS__ATA_MULTIPLE}, /* most sectors a block */
    {49, 0x0300},                    /* LBA, DMA */
    {51, 0x0200},                    /* PIO mode 2 */
    {53, 0x0003},                    /* words 54 to 58 and 64 to 70 are valid */
    {55, WS__ATA_HEADS},             /* */
    {56, WS__ATA_TRACK},             /* */
    {64, 0x0003},                    /* PIO modes 3 and 4; then nanoseconds a word, at least: */
    {65, 120},                       /* multiword DMA */
    {66, 120},                       /* as recommended */
    {67, 120},                       /* PIO */
    {68, 120},                       /* with flow control */
    {80, 0x0070},                    /* ATA-4 to ATA-6 */
    {82, 0x4000},                    /* NOP */
    {83, 0x5000},                    /* FLUSH CACHE */
    {84, 0x4000},                    /* */
    {85, 0x4000},                    /* the same three, turned on */
    {86, 0x1000},                    /* */
    {87, 0x4000},                    /* */
};

static void word_set(uint8_t *sector, unsigned word, uint32_t value)
{
    sector[2 * word] = (uint8_t)value;
    sector[2 * word + 1] = (uint8_t)(value >> 8);
}

static void long_set(uint8_t *sector, unsigned word, uint32_t value)
{
    word_set(sector, word, value);
    word_set(sector, word + 1, value >> 16);
}

/* The first of two characters is in the upper byte. */
static void text_set(uint8_t *sector, unsigned word, unsigned words, const char *text)
{
    size_t size = strlen(text);
    for (unsigned i = 0; i < 2 * words; i++)
        sector[2 * word + (i ^ 1)] = (uint8_t)(i < size ? text[i] : BLANK);
}

void ws__ata_identify(uint8_t *sector, uint32_t sectors, uint8_t multiple, uint8_t dma_mode)
{
    uint32_t cylinders = sectors / (WS__ATA_HEADS * WS__ATA_TRACK);
    if (cylinders > CYLINDERS_MOST)
        cylinders = CYLINDERS_MOST;
    memset(sector, 0, 2 * WORDS);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        word_set(sector, fixed[i].word, fixed[i].value);
    text_set(sector, SERIAL, 10, "WS00001");
    text_set(sector, FIRMWARE, 4, "1.0");
    text_set(sector, MODEL, 20, "worldswitch disk");
    word_set(sector, 1, cylinders);
    word_set(sector, 54, cylinders);
    long_set(sector, 57, cylinders * WS__ATA_HEADS * WS__ATA_TRACK);
    word_set(sector, 59, multiple ? 0x0100u | multiple : 0);
    long_set(sector, 60, sectors);
    word_set(sector, 63, 0x0007u | (uint32_t)dma_mode << 8); /* multiword DMA modes 0 to 2, and the chosen one */
}
