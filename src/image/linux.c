/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loader of a Linux kernel.
 *
 * A bzImage has two parts.  The first begins with 16-bit code, which asks a BIOS for what the kernel wants to know, and
 * has the setup header in it.  The second is 32-bit code.  This loader enters the second one, and answers in the BIOS's
 * place: in a page that boot.rst calls struct boot_params, or the zero page.
 *
 *   0x10000    the zero page
 *   0x20000    the command line
 *   0x100000   the second part
 *   top        the initial RAM disk ends here, on a page of its own
 */
#include "image/linux.h"

#include <stdbool.h>
#include <string.h>

#include "image/boot_information.h"
#include "machine/firmware.h"

/* Fields of the setup header: where they are in the file, and in the zero page.  boot.rst "THE REAL-MODE KERNEL
 * HEADER" */
enum {
    SETUP_SECTS = 0x1f1,
    SYSSIZE = 0x1f4, /* in paragraphs */
    JUMP_OFFSET = 0x201,
    JUMP_END = 0x202, /* the header ends that many bytes behind */
    MAGIC = 0x202,
    VERSION = 0x206,
    TYPE_OF_LOADER = 0x210,
    LOADFLAGS = 0x211,
    CODE32_START = 0x214,
    RAMDISK_IMAGE = 0x218,
    RAMDISK_SIZE = 0x21c,
    CMD_LINE_PTR = 0x228,
    INITRD_ADDR_MAX = 0x22c, /* version 2.03 */
    XLOADFLAGS = 0x236,      /* 2.12 */
    CMDLINE_SIZE = 0x238,    /* 2.06 */
    PREF_ADDRESS = 0x258,    /* 2.10 */
    INIT_SIZE = 0x260,       /* 2.10 */
    HEADER_LEAST = 0x22c,    /* where it ends in version 2.02 */
    HEADER_MOST = 0x290      /* where the next field of the zero page begins */
};

/* Other fields of the zero page.  zero-page.rst; struct screen_info of include/uapi/linux/screen_info.h */
enum {
    SCREEN_EXT_MEM_K = 0x02,
    SCREEN_MODE = 0x06,
    SCREEN_COLUMNS = 0x07,
    SCREEN_LINES = 0x0e,
    SCREEN_IS_VGA = 0x0f,
    SCREEN_POINTS = 0x10,
    ALT_MEM_K = 0x1e0,
    E820_ENTRIES = 0x1e8,
    E820_TABLE = 0x2d0,
    E820_BYTES = 20
};

enum {
    ZERO_PAGE_PHYS = 0x10000,
    COMMAND_LINE_PHYS = 0x20000,
    COMMAND_LINE_LIMIT = 0x10000, /* bytes there */
    HEADER_MAGIC = 0x53726448,    /* "HdrS" */
    SECTOR = 512,
    PARAGRAPH = 16,
    SETUP_SECTS_OLD = 4, /* what 0 in that field means */
    LOADED_HIGH = 1 << 0,
    KERNEL_64 = 1 << 0,          /* in XLOADFLAGS */
    LOADER_OTHER = 0xff,         /* none that boot.rst has a number for */
    INITRD_MAX_OLD = 0x37ffffff, /* before version 2.03 */
    COMMAND_LINE_OLD = 255,      /* before version 2.06 */
    MODE_TEXT = 3,
    CHARACTER_LINES = 16,
    KIB = 1024
};

/* What the header says, checked against the file. */
struct kernel {
    const uint8_t *code; /* the second part, borrowed */
    uint32_t code_bytes;
    uint64_t end;        /* behind all memory that it takes before it reads the map of memory */
    uint32_t initrd_max; /* the highest address of the initial RAM disk's last byte */
    uint32_t line_most;  /* bytes of the command line, without its NUL */
};

static uint32_t field(const uint8_t *page, unsigned at, unsigned bytes)
{
    uint32_t value = 0;
    memcpy(&value, page + at, bytes);
    return value;
}

static void field_set(uint8_t *page, unsigned at, unsigned bytes, uint32_t value)
{
    memcpy(page + at, &value, bytes);
}

bool ws_image_is_linux(const void *image, size_t bytes)
{
    return bytes >= HEADER_LEAST && field(image, MAGIC, 4) == HEADER_MAGIC;
}

/* -- reading ------------------------------------------------------------------------------------------- */

/* The header goes into the zero page, and is read from there: a field behind its end is 0. */
static enum ws_status header_read(uint8_t *page, const uint8_t *image, size_t bytes, struct ws_buffer *why)
{
    unsigned end = JUMP_END + image[JUMP_OFFSET];
    if (end > bytes)
        return ws__image_refuse(why, WS_BAD_IMAGE, "the file ends inside the Linux kernel's header; was it cut off?");
    memcpy(page + SETUP_SECTS, image + SETUP_SECTS, (end < HEADER_MOST ? end : HEADER_MOST) - SETUP_SECTS);
    if (field(page, VERSION, 2) < 0x202 || !(field(page, LOADFLAGS, 1) & LOADED_HIGH))
        return ws__image_refuse(why, WS_UNSUPPORTED,
                                "a Linux kernel with boot protocol %u.%02u%s; give a bzImage of version 2.02 or newer",
                                image[VERSION + 1], image[VERSION],
                                field(page, LOADFLAGS, 1) & LOADED_HIGH ? "" : " that starts below 1 MiB");
    if (field(page, XLOADFLAGS, 2) & KERNEL_64)
        return ws__image_refuse(why, WS_UNSUPPORTED,
                                "a Linux kernel for 64-bit mode; give one for 32 bits, "
                                "such as Debian's linux-image-686");
    return WS_OK;
}

/* Where the two parts are in the file. */
static enum ws_status kernel_read(struct kernel *kernel, const uint8_t *page, const uint8_t *image, size_t bytes,
                                  struct ws_buffer *why)
{
    uint32_t version = field(page, VERSION, 2), sectors = field(page, SETUP_SECTS, 1);
    size_t setup = (size_t)((sectors ? sectors : SETUP_SECTS_OLD) + 1) * SECTOR;
    uint64_t system = (uint64_t)field(page, SYSSIZE, 4) * PARAGRAPH;
    if (setup >= bytes || (system > bytes - setup && system - (bytes - setup) >= PARAGRAPH))
        return ws__image_refuse(why, WS_BAD_IMAGE,
                                "the file ends inside the Linux kernel, which has %llu bytes behind its first %zu; "
                                "was it cut off?",
                                (unsigned long long)system, setup);
    if (bytes - setup > UINT32_MAX)
        return ws__image_refuse(why, WS_NO_ROOM, "the file is larger than any machine's memory");
    kernel->code = image + setup;
    kernel->code_bytes = (uint32_t)(bytes - setup); /* a signature may follow; QEMU loads it, too */
    kernel->end = WS__HIGH_MEMORY_BEGIN + (uint64_t)kernel->code_bytes;
    if (version >= 0x20a) {
        uint64_t wanted = field(page, PREF_ADDRESS, 4), size = field(page, INIT_SIZE, 4);
        uint64_t begin = wanted > WS__HIGH_MEMORY_BEGIN ? wanted : WS__HIGH_MEMORY_BEGIN;
        if (begin + size > kernel->end)
            kernel->end = begin + size;
    }
    kernel->initrd_max = version >= 0x203 ? field(page, INITRD_ADDR_MAX, 4) : INITRD_MAX_OLD;
    kernel->line_most = version >= 0x206 ? field(page, CMDLINE_SIZE, 4) : COMMAND_LINE_OLD;
    if (kernel->line_most > COMMAND_LINE_LIMIT - 1)
        kernel->line_most = COMMAND_LINE_LIMIT - 1;
    return WS_OK;
}

/* -- the zero page ------------------------------------------------------------------------------------- */

static void screen_fill(uint8_t *page)
{
    field_set(page, SCREEN_MODE, 1, MODE_TEXT);
    field_set(page, SCREEN_COLUMNS, 1, WS_TEXT_COLUMNS);
    field_set(page, SCREEN_LINES, 1, WS_TEXT_ROWS);
    field_set(page, SCREEN_IS_VGA, 1, 1);
    field_set(page, SCREEN_POINTS, 2, CHARACTER_LINES);
}

/* The map of memory, as a BIOS's function 0xe820 would tell it. */
static void memory_fill(uint8_t *page, uint32_t memory_bytes)
{
    struct ws__memory_range range[WS__MEMORY_RANGES_MOST];
    uint32_t count = ws__memory_map(range, memory_bytes);
    uint32_t extended = (ws__memory_top(memory_bytes) - WS__HIGH_MEMORY_BEGIN) / KIB;
    for (uint32_t i = 0; i < count; i++)
        memcpy(page + E820_TABLE + (size_t)i * E820_BYTES, &range[i].base_low, E820_BYTES);
    field_set(page, E820_ENTRIES, 1, count);
    field_set(page, ALT_MEM_K, 4, extended);
    field_set(page, SCREEN_EXT_MEM_K, 2, extended < UINT16_MAX ? extended : UINT16_MAX);
}

/* As high as it goes: the kernel unpacks itself into memory below. */
static enum ws_status initrd_write(struct ws_machine *machine, uint8_t *page, const struct kernel *kernel,
                                   const struct ws_boot_module *initrd, struct ws_buffer *why)
{
    uint64_t top = ws__memory_top(ws_machine_memory(machine).bytes);
    uint64_t limit = top < (uint64_t)kernel->initrd_max + 1 ? top : (uint64_t)kernel->initrd_max + 1;
    if (initrd->bytes > limit || (limit - initrd->bytes) / WS_PAGE_BYTES * WS_PAGE_BYTES < kernel->end)
        return ws__image_refuse(why, WS_NO_ROOM,
                                "the initial RAM disk of %zu bytes does not fit between the kernel, which takes memory "
                                "up to 0x%08llx, and 0x%08llx; give the machine more memory",
                                initrd->bytes, (unsigned long long)kernel->end, (unsigned long long)limit);
    uint32_t phys = (uint32_t)((limit - initrd->bytes) / WS_PAGE_BYTES * WS_PAGE_BYTES);
    field_set(page, RAMDISK_IMAGE, 4, phys);
    field_set(page, RAMDISK_SIZE, 4, (uint32_t)initrd->bytes);
    return ws_machine_write_phys(machine, phys, initrd->content, initrd->bytes);
}

static enum ws_status command_line_write(struct ws_machine *machine, uint8_t *page, const struct kernel *kernel,
                                         const char *line, struct ws_buffer *why)
{
    size_t length = strlen(line);
    if (length > kernel->line_most)
        return ws__image_refuse(why, WS_NO_ROOM, "the command line has %zu bytes, and this kernel takes %u; shorten it",
                                length, kernel->line_most);
    field_set(page, CMD_LINE_PTR, 4, COMMAND_LINE_PHYS);
    return ws_machine_write_phys(machine, COMMAND_LINE_PHYS, line, length + 1);
}

/* -- the whole ----------------------------------------------------------------------------------------- */

static enum ws_status kernel_write(struct ws_machine *machine, uint8_t *page, const struct kernel *kernel,
                                   const struct ws_boot_options *options, struct ws_buffer *why)
{
    uint32_t memory_bytes = ws_machine_memory(machine).bytes;
    if (kernel->end > ws__memory_top(memory_bytes))
        return ws__image_refuse(why, WS_NO_ROOM,
                                "the Linux kernel takes memory up to 0x%08llx, and the machine has %u KiB; "
                                "give it more",
                                (unsigned long long)kernel->end, memory_bytes / KIB);
    if (options->modules > 1)
        return ws__image_refuse(why, WS_UNSUPPORTED, "a Linux kernel takes one initial RAM disk, and no other module");
    enum ws_status status = ws__firmware_write(machine);
    if (status == WS_OK)
        status = ws_machine_write_phys(machine, WS__HIGH_MEMORY_BEGIN, kernel->code, kernel->code_bytes);
    if (status == WS_OK && options->modules)
        status = initrd_write(machine, page, kernel, options->module, why);
    if (status == WS_OK)
        status = command_line_write(machine, page, kernel, options->command_line, why);
    return status;
}

enum ws_status ws__linux_boot(struct ws_machine *machine, const uint8_t *image, size_t bytes,
                              const struct ws_boot_options *options, struct ws_buffer *why)
{
    uint8_t page[WS_PAGE_BYTES] = {0};
    struct kernel kernel = {0};
    enum ws_status status = header_read(page, image, bytes, why);
    if (status == WS_OK)
        status = kernel_read(&kernel, page, image, bytes, why);
    if (status == WS_OK)
        status = kernel_write(machine, page, &kernel, options, why);
    if (status != WS_OK)
        return status;
    field_set(page, TYPE_OF_LOADER, 1, LOADER_OTHER);
    field_set(page, CODE32_START, 4, WS__HIGH_MEMORY_BEGIN);
    screen_fill(page);
    memory_fill(page, ws_machine_memory(machine).bytes);
    status = ws_machine_write_phys(machine, ZERO_PAGE_PHYS, page, sizeof page);
    return status == WS_OK ? ws_machine_start_linux(machine, WS__HIGH_MEMORY_BEGIN, ZERO_PAGE_PHYS) : status;
}
