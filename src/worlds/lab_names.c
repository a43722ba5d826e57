/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of worlds and processes, and how an image carries them: as symbols whose values are CR3.
 *
 *      ws.world.host           a world
 *      ws.process.host.A       a process in it
 *
 * A system that makes its processes itself has a table instead, at the symbol ws_names.
 */
#include <string.h>

#include "image/symbols.h"
#include "worlds/lab.h"

static const char world_prefix[] = "ws.world.";
static const char process_prefix[] = "ws.process.";

/* Letters, digits, '-', '_': a name is part of symbols and of trace records. */
static bool is_word(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t length = name ? strlen(name) : 0;

    return length && length < WS_NAME_BYTES && strspn(name, allowed) == length;
}

enum ws_status ws__name_check(const struct ws_lab *lab, const char *name)
{
    const struct ws_process *process;
    unsigned i;

    if (!is_word(name))
        return WS_BAD_ARGUMENT;
    for (i = 0; i < lab->worlds; i++) {
        if (strcmp(lab->world[i]->name, name) == 0)
            return WS_OVERLAP;
        for (process = lab->world[i]->process; process; process = process->next)
            if (strcmp(process->name, name) == 0)
                return WS_OVERLAP;
    }
    return WS_OK;
}

enum ws_status ws__name_publish(struct ws_lab *lab, const char *world, const char *process, uint32_t cr3)
{
    struct ws_buffer full = WS_BUFFER_INIT;
    enum ws_status status;

    if (process)
        ws_buffer_printf(&full, "%s%s.%s", process_prefix, world, process);
    else
        ws_buffer_printf(&full, "%s%s", world_prefix, world);
    status = full.failed ? WS_NO_MEMORY : ws_symbols_add(lab->symbols, ws_buffer_text(&full), cr3, 1);
    ws_buffer_release(&full);
    return status;
}

/* A symbol's name behind a prefix, or NULL. */
static const char *behind(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(name, prefix, length) == 0 ? name + length : NULL;
}

enum ws_status ws_lab_name_place(struct ws_lab *lab, const char *name, uint32_t linear)
{
    uint32_t taken;

    if (!ws__lab_is_open(lab) || !name || !*name)
        return WS_BAD_ARGUMENT;
    if (strchr(name, '.') || behind(name, "ws_") || ws_symbols_find(lab->symbols, name, &taken) == WS_OK)
        return WS_OVERLAP;
    return ws_symbols_add(lab->symbols, name, linear, 0);
}

/* "host.A": the world is what stands before the dot. */
static enum ws_status name_process(struct ws_watcher *watcher, uint32_t cr3, const char *full)
{
    char world[WS_NAME_BYTES];
    const char *dot = strchr(full, '.');

    if (!dot || (size_t)(dot - full) >= sizeof world)
        return WS_OK;
    memcpy(world, full, (size_t)(dot - full));
    world[dot - full] = 0;
    return ws_watcher_name(watcher, cr3, world, dot + 1);
}

enum ws_status ws_watcher_name_symbols(struct ws_watcher *watcher, const struct ws_symbols *symbols)
{
    size_t count, i;
    const struct ws__symbol *symbol = ws__symbols_list(symbols, &count);
    enum ws_status status = WS_OK;
    uint32_t table;

    if (ws_symbols_find(symbols, "ws_names", &table) == WS_OK)
        ws_watcher_name_table(watcher, table);
    for (i = 0; i < count && status == WS_OK; i++) {
        const char *world = behind(symbol[i].name, world_prefix);
        const char *process = behind(symbol[i].name, process_prefix);

        if (world)
            status = ws_watcher_name(watcher, symbol[i].linear, world, "");
        else if (process)
            status = name_process(watcher, symbol[i].linear, process);
    }
    return status;
}
