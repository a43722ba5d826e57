/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading an image from files: what a boot loader does, with the options for its configuration.
 */
#include "front/load.h"

#include <errno.h>
#include <string.h>

#include <worldswitch/hosted.h>

#include "front/record.h"
#include "image/multiboot.h"

enum {
    FILE_LIMIT = 1 << 30, /* bytes: no machine has room for more */
    LINUX_MEMORY = 256 << 20,
    MODULES_MAX = WS__TEXTS_MAX + 1 /* those of --module, and the one of --initrd */
};

/* Everything that is read and kept until the image is loaded. */
struct loading {
    struct ws_buffer image;
    struct ws_buffer command_line;
    struct ws_buffer module[MODULES_MAX];
    struct ws_boot_module row[MODULES_MAX];
    struct ws_buffer why;
};

static void loading_release(struct loading *loading)
{
    ws_buffer_release(&loading->image);
    ws_buffer_release(&loading->command_line);
    for (size_t i = 0; i < MODULES_MAX; i++)
        ws_buffer_release(&loading->module[i]);
    ws_buffer_release(&loading->why);
}

static int file_read(const char *path, struct ws_buffer *out)
{
    errno = 0;
    enum ws_status status = ws_file_read(path, FILE_LIMIT, out);
    return status == WS_OK ? WS__EXIT_DONE : ws__complain_unread(status, path);
}

size_t ws__load_modules(const struct ws__options *options)
{
    return options->module.count + (options->initrd ? 1 : 0);
}

const char *ws__load_module(const struct ws__options *options, size_t number, struct ws_buffer *path)
{
    bool initrd = number == options->module.count;
    const char *text = initrd ? options->initrd : options->module.text[number];
    size_t length = initrd ? strlen(text) : strcspn(text, "=");
    ws_buffer_append(path, text, length);
    return text[length] ? text + length + 1 : text;
}

static int module_read(struct loading *loading, const struct ws__options *options, size_t number)
{
    struct ws_buffer path = WS_BUFFER_INIT;
    const char *string = ws__load_module(options, number, &path);
    int result = path.failed ? ws__complain_status(WS_NO_MEMORY, string)
                             : file_read(ws_buffer_text(&path), &loading->module[number]);
    ws_buffer_release(&path);
    loading->row[number] = (struct ws_boot_module){
        .content = ws_buffer_text(&loading->module[number]),
        .bytes = loading->module[number].size,
        .string = string,
    };
    return result;
}

/* The image's name comes first, and a blank, with nothing behind it too: boot loaders do so, QEMU among them.  For
 * Linux they do not. */
void ws__load_command_line(struct ws_buffer *out, const struct ws__options *options, const struct ws_buffer *image)
{
    if (!ws_image_is_linux(image->data, image->size))
        ws_buffer_printf(out, "%s ", options->image);
    ws_buffer_printf(out, "%s", options->append ? options->append : "");
}

static int files_read(struct loading *loading, const struct ws__options *options)
{
    int result = file_read(options->image, &loading->image);
    for (size_t i = 0; i < ws__load_modules(options) && result == WS__EXIT_DONE; i++)
        result = module_read(loading, options, i);
    ws__load_command_line(&loading->command_line, options, &loading->image);
    return result;
}

/* Linux does not fit into the default memory, and asks for no size that it would fit into. */
static int linux_check(const struct loading *loading, const struct ws__options *options,
                       struct ws_machine_options *machine_options)
{
    if (ws_image_is_linux(loading->image.data, loading->image.size)) {
        if (!machine_options->memory_bytes)
            machine_options->memory_bytes = LINUX_MEMORY;
    } else if (options->linux_kernel) {
        ws__complain("give the kernel's bzImage, often called vmlinuz", "--linux: \"%s\" has no Linux kernel's header",
                     options->image);
        return WS__EXIT_USAGE;
    } else if (options->initrd) {
        ws__complain("give the modules of a multiboot image with --module",
                     "--initrd: \"%s\" has no Linux kernel's header", options->image);
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

static enum ws_status image_put(struct ws__system *system, struct loading *loading, const struct ws__options *options)
{
    const struct ws_boot_options boot = {
        .command_line = ws_buffer_text(&loading->command_line),
        .module = loading->row,
        .modules = ws__load_modules(options),
    };
    const struct ws_buffer *image = &loading->image;
    if (loading->command_line.failed)
        return WS_NO_MEMORY;
    if (options->flat != WS__NO_ADDRESS)
        return ws_image_load_flat(system->machine, image->data, image->size, (uint32_t)options->flat, &loading->why);
    return ws_image_boot(system->machine, image->data, image->size, &boot, system->own, &loading->why);
}

/* -- what else is known of it --------------------------------------------------------------------------- */

static int symbols_add(struct ws__system *system, const char *path)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    int result = file_read(path, &file);
    if (result == WS__EXIT_DONE) {
        enum ws_status status = ws_symbols_read(system->own, file.data, file.size);
        if (status == WS_BAD_IMAGE)
            status = ws_symbols_read_map(system->own, file.data, file.size);
        if (status == WS_BAD_IMAGE)
            ws__complain("name the ELF file that the kernel was linked to, or its System.map",
                         "--symbols: \"%s\" has none", path);
        if (status != WS_OK)
            result = status == WS_BAD_IMAGE ? WS__EXIT_USAGE : ws__complain_status(status, path);
    }
    ws_buffer_release(&file);
    return result;
}

/* The loader's table says it: the guest has not run. */
static void modules_tell(struct ws__system *system, const struct ws__options *options)
{
    struct ws_registers registers;
    struct ws__boot_information information;
    struct ws__module_row row;
    ws_machine_registers(system->machine, &registers);
    if (!options->module.count || registers.value[WS_EAX] != WS__MULTIBOOT_LOADER_MAGIC ||
        ws_machine_read_phys(system->machine, registers.value[WS_EBX], &information, sizeof information) != WS_OK)
        return;
    for (size_t i = 0; i < options->module.count; i++) {
        uint32_t phys = information.modules + (uint32_t)(i * sizeof row);
        if (ws_machine_read_phys(system->machine, phys, &row, sizeof row) == WS_OK)
            ws__complain(NULL, "module %zu: 0x%08x, %u bytes, \"%s\"", i + 1, row.begin, row.end - row.begin,
                         options->module.text[i]);
    }
}

int ws__load_names(struct ws__system *system, const struct ws__options *options)
{
    int result = WS__EXIT_DONE;
    for (size_t i = 0; i < options->symbols.count && result == WS__EXIT_DONE; i++)
        result = symbols_add(system, options->symbols.text[i]);
    if (options->verbose)
        modules_tell(system, options);
    return result;
}

int ws__load(struct ws__system *system, const struct ws__options *options,
             const struct ws_machine_options *machine_options)
{
    struct loading loading = {0};
    if (ws__record_is(options->image))
        return ws__record_open(system, options, machine_options);
    int result = files_read(&loading, options);
    struct ws_machine_options fitting = *machine_options;
    if (result == WS__EXIT_DONE)
        result = linux_check(&loading, options, &fitting);
    if (result == WS__EXIT_DONE) {
        enum ws_status status = ws_machine_new(&system->machine, &fitting);
        if (status == WS_OK)
            status = ws_symbols_new(&system->own);
        if (status == WS_OK)
            status = image_put(system, &loading, options);
        if (status == WS_OK)
            status = ws_hosted_symbols(system->own, loading.image.data, loading.image.size);
        system->symbols = system->own;
        system->is_linux = options->flat == WS__NO_ADDRESS && ws_image_is_linux(loading.image.data, loading.image.size);
        if (status != WS_OK)
            result = ws__complain_file(status, options->image, &loading.why);
    }
    loading_release(&loading);
    return result;
}
