/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration space.
 */
#include "devices/pci.h"

#include <string.h>

#define ENABLED      0x80000000u
#define ADDRESS_KEPT 0x80fffffcu /* the other bits are reserved */
#define NOTHING      0xffffffffu

/* Function IDE, and its registers: BMIBA, and IDETIM with SIDETIM behind it.  82371SB data sheet, "IDE Configuration
 * Registers" */
enum { IDE = 2, COMMAND = 1, COMMAND_PORTS = 1 << 0, COMMAND_MASTER = 1 << 2, BUS_MASTER_BASE = 8, TIMING = 16 };

/* What firmware leaves: vendor and device; command and status; class and revision; kind of header.  The rest is 0. */
static const struct {
    uint8_t place; /* device (7..3) and function (2..0), on bus 0 */
    uint32_t config[WS__PCI_REGISTERS];
} function_row[WS__PCI_FUNCTIONS] = {
    {0 << 3 | 0, {0x12378086, 0x00000103, 0x06000002, 0x00000000}}, /* 82441FX: host bridge */
    {1 << 3 | 0, {0x70008086, 0x02000103, 0x06010000, 0x00800000}}, /* PIIX3: ISA bridge, of several functions */
    {1 << 3 | 1,
     {0x70108086, 0x02800103, 0x01018000, 0x00000000, [BUS_MASTER_BASE] = 0xc001, [TIMING] = 0x80008000}}, /* its IDE */
};

/* Which bits of a register a guest can write, at all functions: of command I/O, memory, bus master, system error and
 * interrupts; the cache line's size; the interrupt's line. */
static const uint32_t kept[WS__PCI_REGISTERS] = {[1] = 0x00000507, [3] = 0x000000ff, [15] = 0x000000ff};
/* And those of the IDE function alone: where its ports are; how fast it may talk to the disk, which is kept and changes
 * nothing. */
static const uint32_t kept_ide[WS__PCI_REGISTERS] = {
    [BUS_MASTER_BASE] = 0x0000fff0, [TIMING] = NOTHING, [TIMING + 1] = 0x000000ff};

void ws__pci_reset(struct ws__pci *chip)
{
    memset(chip, 0, sizeof *chip);
    for (int i = 0; i < WS__PCI_FUNCTIONS; i++)
        memcpy(chip->config[i], function_row[i].config, sizeof function_row[i].config);
}

/* The function that the address names; -1: there is none. */
static int function_find(const struct ws__pci *chip)
{
    for (int i = 0; i < WS__PCI_FUNCTIONS; i++) {
        if ((chip->address & ~0xffu) == (ENABLED | (uint32_t)function_row[i].place << 8))
            return i;
    }
    return -1;
}

static unsigned register_of(const struct ws__pci *chip)
{
    return chip->address >> 2 & 0x3f;
}

uint32_t ws__pci_address_read(void *context, uint16_t port, unsigned bytes)
{
    (void)port;
    (void)bytes;
    return ((struct ws__pci *)context)->address;
}

void ws__pci_address_write(void *context, uint16_t port, unsigned bytes, uint32_t value)
{
    (void)port;
    (void)bytes;
    ((struct ws__pci *)context)->address = value & ADDRESS_KEPT;
}

/* The bits of a register that an access from its byte `port` on reaches. */
static uint32_t reach_of(uint16_t port, unsigned bytes)
{
    return NOTHING >> (32 - 8 * bytes) << 8 * (port - WS__PCI_DATA);
}

uint32_t ws__pci_data_read(void *context, uint16_t port, unsigned bytes)
{
    const struct ws__pci *chip = context;
    unsigned number = register_of(chip), shift = 8u * (port - WS__PCI_DATA);
    int function = function_find(chip);
    uint32_t value = function < 0 ? NOTHING : number < WS__PCI_REGISTERS ? chip->config[function][number] : 0;
    return (value & reach_of(port, bytes)) >> shift;
}

void ws__pci_data_write(void *context, uint16_t port, unsigned bytes, uint32_t value)
{
    struct ws__pci *chip = context;
    unsigned number = register_of(chip);
    int function = function_find(chip);
    if (function < 0 || number >= WS__PCI_REGISTERS)
        return;
    uint32_t changes = (kept[number] | (function == IDE ? kept_ide[number] : 0)) & reach_of(port, bytes);
    uint32_t *config = &chip->config[function][number];
    *config = (*config & ~changes) | (value << 8 * (port - WS__PCI_DATA) & changes);
}

uint16_t ws__pci_ide_ports(const struct ws__pci *chip)
{
    return chip->config[IDE][COMMAND] & COMMAND_PORTS ? (uint16_t)(chip->config[IDE][BUS_MASTER_BASE] & ~1u) : 0;
}

bool ws__pci_ide_is_master(const struct ws__pci *chip)
{
    return chip->config[IDE][COMMAND] & COMMAND_MASTER;
}
