/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laboratory system on our machine, for comparison with another one; see lab_peer.sh.
 *
 *      lab_report image       the multiboot image
 *      lab_report serial      what the guest prints
 *      lab_report crossings   for each switch its kind, its instructions, and the registers at its end
 *      lab_report routine     where the host's context_switch() begins and ends, linear
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/crossing.h>
#include <worldswitch/lab.h>

static void print_crossing(void *context, const struct ws_crossing *crossing)
{
    /* In the order in which QEMU shows them. */
    static const uint8_t shown[] = {WS_EAX,        WS_EBX, WS_ECX,    WS_EDX, WS_ESI,       WS_EDI,        WS_EBP,
                                    WS_ESP,        WS_EIP, WS_EFLAGS, WS_ES,  WS_CS,        WS_SS,         WS_DS,
                                    WS_FS,         WS_GS,  WS_LDTR,   WS_TR,  WS_GDTR_BASE, WS_GDTR_LIMIT, WS_IDTR_BASE,
                                    WS_IDTR_LIMIT, WS_CR0, WS_CR2,    WS_CR3, WS_CR4};
    size_t i;

    (void)context;
    printf("%s %llu\n", ws_crossing_kind_name(crossing->kind), (unsigned long long)crossing->instructions);
    for (i = 0; i < sizeof shown; i++)
        printf("%s %08x\n", ws_register_info(shown[i])->name, crossing->after.value[shown[i]]);
}

static enum ws_status report_image(struct ws_lab *lab)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    enum ws_status status = ws_lab_write_image(lab, ws_lab_system_first(lab), &image);

    if (status == WS_OK)
        status = ws_file_write("-", image.data, image.size);
    ws_buffer_release(&image);
    return status;
}

/* world_call() follows context_switch() in switch.S. */
static enum ws_status report_routine(struct ws_lab *lab)
{
    uint32_t begin, end;
    enum ws_status status = ws_symbols_find(ws_lab_symbols(lab), "host.context_switch", &begin);

    if (status == WS_OK)
        status = ws_symbols_find(ws_lab_symbols(lab), "host.world_call", &end);
    if (status == WS_OK)
        printf("0x%08x 0x%08x\n", begin, end);
    return status;
}

static enum ws_status report_run(struct ws_lab *lab, bool serial)
{
    struct ws_machine *machine = ws_lab_machine(lab);
    struct ws_watcher *watcher;
    enum ws_status status = ws_watcher_new(&watcher, machine);
    const char *text;
    size_t bytes;

    if (status == WS_OK && !serial)
        status = ws_watcher_listen(watcher, print_crossing, NULL);
    if (status == WS_OK && ws_machine_run(machine, 10000000) != WS_STOP_HALT)
        status = WS_TIMEOUT;
    text = ws_machine_serial(machine, &bytes);
    if (serial)
        fwrite(text, 1, bytes, stdout);
    ws_watcher_free(watcher);
    return status;
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    struct ws_lab *lab;
    enum ws_status status = ws_lab_system_new(&lab, NULL);

    if (status != WS_OK)
        goto out;
    if (strcmp(what, "image") == 0)
        status = report_image(lab);
    else if (strcmp(what, "routine") == 0)
        status = report_routine(lab);
    else
        status = report_run(lab, strcmp(what, "serial") == 0);
out:
    ws_lab_free(lab);
    if (status != WS_OK)
        fprintf(stderr, "lab_report: %s\n", ws_status_text(status));
    return status == WS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
