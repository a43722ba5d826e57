/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI's configuration space, by mechanism 1: a host bridge, and the ISA bridge and the IDE controller of a PIIX3.
 *
 * PCI Local Bus Specification 2.1, chapter 6 "Configuration Space"; 82441FX data sheet (Intel, order number
 * 290549-001); 82371FB (PIIX) and 82371SB (PIIX3) data sheet (Intel, order number 290550-002).
 *
 *   0xcf8   four bytes: enabled (31), bus (23..16), device (15..11), function (10..8), register (7..2)
 *   0xcfc   to 0xcff: one, two or four bytes of that register
 *
 * The disk's own ports are where ISA has them.  Those of the bus master, ata/bus_master.h, are where the IDE function's
 * fifth base address says.  Where no function is, reads give all ones.
 */
#ifndef WS_DEVICES_PCI_H
#define WS_DEVICES_PCI_H

#include <stdbool.h>
#include <stdint.h>

enum {
    WS__PCI_ADDRESS = 0xcf8,
    WS__PCI_DATA = 0xcfc,
    WS__PCI_DATA_LAST = 0xcff,
    WS__PCI_FUNCTIONS = 3,
    WS__PCI_REGISTERS = 18 /* four bytes each; those behind them read as 0 */
};

struct ws__pci {
    uint32_t address;
    uint32_t config[WS__PCI_FUNCTIONS][WS__PCI_REGISTERS];
};

/* As firmware leaves it. */
void ws__pci_reset(struct ws__pci *chip);

/* For the bus, as wide ports; `chip` is a struct ws__pci. */
uint32_t ws__pci_address_read(void *chip, uint16_t port, unsigned bytes);
void ws__pci_address_write(void *chip, uint16_t port, unsigned bytes, uint32_t value);
uint32_t ws__pci_data_read(void *chip, uint16_t port, unsigned bytes);
void ws__pci_data_write(void *chip, uint16_t port, unsigned bytes, uint32_t value);

/* The first of the IDE bus master's ports; 0: it has none now. */
uint16_t ws__pci_ide_ports(const struct ws__pci *chip);
/* May it access memory? */
bool ws__pci_ide_is_master(const struct ws__pci *chip);

#endif
