/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware's tables.
 */
#include "machine/firmware.h"

#include <string.h>

#include "machine/board.h"

/* -- the BIOS data area -------------------------------------------------------------------------- */

enum { BDA = 0x400, BDA_BYTES = 0x100, KIB = 1024 };

/* What this board has: a floating-point unit (1), a screen of 80 columns (5..4), one serial port (11..9). */
enum { EQUIPMENT = 0x0222 };

/* A field: its address, how many bytes it has, its value. */
static const struct {
    uint16_t phys;
    uint8_t bytes;
    uint32_t value;
} field_row[] = {
    {0x400, 2, WS__COM1_FIRST},   /* the first serial port */
    {0x40e, 2, WS__EBDA >> 4},    /* the extended area's segment */
    {0x410, 2, EQUIPMENT},        /* what is installed */
    {0x413, 2, WS__EBDA / KIB},   /* memory, in KiB */
    {0x41a, 2, 0x1e},             /* the keyboard buffer is empty: next key to read, ... */
    {0x41c, 2, 0x1e},             /* ... next place to write */
    {0x449, 1, 3},                /* the video mode: text in colour */
    {0x44a, 2, WS_TEXT_COLUMNS},  /* columns */
    {0x44c, 2, 0x1000},           /* bytes of a video page */
    {0x460, 2, 0x0607},           /* the cursor's last and first line */
    {0x463, 2, WS__VGA_INDEX},    /* the CRT controller's port */
    {0x480, 2, 0x1e},             /* where the keyboard buffer begins, ... */
    {0x482, 2, 0x3e},             /* ... and ends */
    {0x484, 1, WS_TEXT_ROWS - 1}, /* rows */
    {0x485, 2, 16},               /* lines of a character */
};

static enum ws_status data_area_write(struct ws_machine *machine)
{
    static const uint8_t extended_kib = (WS__LOW_RAM_END - WS__EBDA) / KIB;
    uint8_t area[BDA_BYTES] = {0};
    for (size_t i = 0; i < sizeof field_row / sizeof *field_row; i++)
        memcpy(area + (field_row[i].phys - BDA), &field_row[i].value, field_row[i].bytes);
    enum ws_status status = ws_machine_write_phys(machine, BDA, area, sizeof area);
    return status == WS_OK ? ws_machine_write_phys(machine, WS__EBDA, &extended_kib, 1) : status;
}

/* -- the loader's GDT ---------------------------------------------------------------------------- */

/* Flat code and data, then code and data of 16 bits.  The Multiboot Specification, §3.2 "Machine state", lets a guest
 * rely on none of them; guests that QEMU boots do. */
static enum ws_status gdt_write(struct ws_machine *machine)
{
    static const uint64_t gdt[] = {
        0, 0x00cf9a000000ffff, 0x00cf93000000ffff, 0x00009e000000ffff, 0x000092000000ffff,
    };
    ws__engine_table_set(machine->cpu.engine, WS_GDTR_BASE, WS__LOADER_GDT, sizeof gdt - 1);
    return ws_machine_write_phys(machine, WS__LOADER_GDT, gdt, sizeof gdt);
}

/* -- the MultiProcessor table -------------------------------------------------------------------- */

enum { REVISION = 4, BUS_PCI = 0, BUS_ISA = 1, TO_ALL = 0xff };
enum { ENTRY_PROCESSOR, ENTRY_BUS, ENTRY_IO_APIC, ENTRY_INTERRUPT, ENTRY_LOCAL_INTERRUPT };
enum { KIND_INT = 0, KIND_NMI = 1, KIND_EXTINT = 3 };
enum { USABLE = 1, BOOTS = 2 };
enum { CPU_SIGNATURE = 0x663, CPU_FEATURES = 0x0781a3bd }; /* as cpuid tells them */

/* §4.1 */
struct mp_pointer {
    char signature[4];
    uint32_t table;
    uint8_t paragraphs;
    uint8_t revision;
    uint8_t sum; /* makes all bytes add up to 0 */
    uint8_t features[5];
};

/* §4.2 */
struct mp_header {
    char signature[4];
    uint16_t bytes;
    uint8_t revision;
    uint8_t sum;
    char maker[8];
    char product[12];
    uint32_t maker_table;
    uint16_t maker_bytes;
    uint16_t entries;
    uint32_t local_apic;
    uint32_t more;
};

/* §4.3.1 */
struct mp_processor {
    uint8_t type, apic, version, flags;
    uint32_t signature, features, reserved[2];
};

/* §4.3.2 to §4.3.5: eight bytes each. */
struct mp_bus {
    uint8_t type, number;
    char name[6];
};
struct mp_io_apic {
    uint8_t type, apic, version, flags;
    uint32_t phys;
};
struct mp_interrupt {
    uint8_t type, kind;
    uint16_t flags;
    uint8_t bus, irq, apic, pin;
};

/* Line 2 is the cascade; 5, 9, 10 and 11 are for PCI's. */
static const uint8_t isa_line[] = {0, 1, 3, 4, 6, 7, 8, 12, 13, 14, 15};
enum { ISA_LINES = sizeof isa_line, LOCAL_LINES = 2 };

struct mp_table {
    struct mp_header header;
    struct mp_processor processor;
    struct mp_bus bus[2];
    struct mp_io_apic io_apic;
    struct mp_interrupt isa[ISA_LINES];
    struct mp_interrupt local[LOCAL_LINES];
};

_Static_assert(sizeof(struct mp_pointer) == 16 && sizeof(struct mp_header) == 44 && sizeof(struct mp_processor) == 20,
               "as the specification has them");

static uint8_t sum_of(const void *bytes, size_t size)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
    return (uint8_t)-sum;
}

/* ISA lines are at the pins of their number; only the timer is at pin 2, where the controllers have their cascade. */
static void interrupts_fill(struct mp_table *table)
{
    for (unsigned i = 0; i < ISA_LINES; i++) {
        table->isa[i] = (struct mp_interrupt){
            .type = ENTRY_INTERRUPT,
            .kind = KIND_INT,
            .bus = BUS_ISA,
            .irq = isa_line[i],
            .pin = (uint8_t)ws__io_apic_pin(isa_line[i]),
        };
    }
    table->local[0] =
        (struct mp_interrupt){.type = ENTRY_LOCAL_INTERRUPT, .kind = KIND_EXTINT, .bus = BUS_ISA, .apic = 0, .pin = 0};
    table->local[1] = (struct mp_interrupt){
        .type = ENTRY_LOCAL_INTERRUPT, .kind = KIND_NMI, .bus = BUS_ISA, .apic = TO_ALL, .pin = 1};
}

static void table_fill(struct mp_table *table)
{
    *table = (struct mp_table){
        .header = {.signature = "PCMP",
                   .bytes = sizeof *table,
                   .revision = REVISION,
                   .maker = "WSWITCH ",
                   .product = "PC          ",
                   .local_apic = WS__LOCAL_APIC_PHYS},
        .processor = {.type = ENTRY_PROCESSOR,
                      .version = WS__LOCAL_APIC_VERSION,
                      .flags = USABLE | BOOTS,
                      .signature = CPU_SIGNATURE,
                      .features = CPU_FEATURES},
        .bus = {{ENTRY_BUS, BUS_PCI, "PCI   "}, {ENTRY_BUS, BUS_ISA, "ISA   "}},
        .io_apic = {.type = ENTRY_IO_APIC, .version = WS__IO_APIC_VERSION, .flags = USABLE, .phys = WS__IO_APIC_PHYS},
    };
    table->header.entries =
        (sizeof *table - sizeof table->header - sizeof table->processor) / sizeof(struct mp_bus) + 1;
    interrupts_fill(table);
    table->header.sum = sum_of(table, sizeof *table);
}

static enum ws_status mp_write(struct ws_machine *machine)
{
    struct mp_table table;
    struct mp_pointer pointer = {
        .signature = "_MP_",
        .table = WS__MP_POINTER + sizeof pointer,
        .paragraphs = 1,
        .revision = REVISION,
    };
    pointer.sum = sum_of(&pointer, sizeof pointer);
    table_fill(&table);
    enum ws_status status = ws_machine_write_phys(machine, WS__MP_POINTER, &pointer, sizeof pointer);
    return status == WS_OK ? ws_machine_write_phys(machine, pointer.table, &table, sizeof table) : status;
}

enum ws_status ws__firmware_write(struct ws_machine *machine)
{
    enum ws_status status = data_area_write(machine);
    if (status == WS_OK)
        status = gdt_write(machine);
    return status == WS_OK ? mp_write(machine) : status;
}
