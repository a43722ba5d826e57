/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor: tries what the program needs, rather than believe version numbers, and says what to do about the rest.
 */
#define _POSIX_C_SOURCE 200809L
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <jansson.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/printable.h"
#include "cli/probe.h"
#include "cli/tried.h"
#include "front/system.h"
#include "lesson/confine.h"
#include "lesson/lua/script.h"
#include "lesson/tool.h"
#include "machine/board.h"
#include "tui/terminal.h"
#include "unicorn/engine.h"
#include "x86/disasm_version.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION  "unknown"
#define WS_BUILD_SUMMARY "built without configure"
#endif

/* How an examination ended. */
enum verdict { FINE, MISSING, ILL };

struct patient {
    struct ws__output output;
    bool ill; /* something does not work that must */
};

/* One line a finding; `advice`, if it is not NULL, on a line of its own. */
static void report(struct patient *patient, enum verdict verdict, const char *what, const char *detail,
                   const char *advice)
{
    static const char *const word[] = {"ok", "--", "NOT OK"};
    ws_buffer_printf(&patient->output.pending, "%-8s%-20s  ", word[verdict], what);
    ws__printable_append(&patient->output.pending, detail, strlen(detail)); /* the environment may have any text */
    ws_buffer_printf(&patient->output.pending, "\n");
    if (advice)
        ws_buffer_printf(&patient->output.pending, "%30s%s\n", "", advice);
    patient->ill |= verdict == ILL;
}

/* A version, and whether this program's tests were run with it. */
static void version_report(struct patient *patient, const char *software, const char *what, const char *version)
{
    struct ws_buffer others = WS_BUFFER_INIT, advice = WS_BUFFER_INIT;
    bool tried = ws__version_tried(software, version, &others);
    ws_buffer_printf(&advice, "never tried with this version, but with %s: if something differs, please report it",
                     ws_buffer_text(&others));
    report(patient, tried ? FINE : MISSING, what, version, tried ? NULL : ws_buffer_text(&advice));
    if (others.failed || advice.failed)
        ws__output_fail(&patient->output, WS_NO_MEMORY);
    ws_buffer_release(&others);
    ws_buffer_release(&advice);
}

/* -- libraries ----------------------------------------------------------------------------------------- */

static void libraries_report(struct patient *patient)
{
    unsigned major, minor, patch;
    char text[64];
    ws__engine_version(&major, &minor, &patch);
    snprintf(text, sizeof(text), "%u.%u.%u", major, minor, patch);
    version_report(patient, "unicorn", "unicorn", text);
    ws__disasm_version(&major, &minor);
    snprintf(text, sizeof(text), "%u.%u", major, minor);
    version_report(patient, "capstone", "capstone", text);
    report(patient, FINE, "jansson", jansson_version_str(), NULL);
    const char *zstd = ws_session_zstd();
    report(patient, *zstd ? FINE : MISSING, "zstd", *zstd ? zstd : "recorded sessions are not compressed",
           *zstd ? NULL : "install libzstd-dev and build again, to read compressed ones, too");
    const char *lua = ws__script_version();
    report(patient, *lua ? FINE : MISSING, "lua", *lua ? lua : "there are no scripts, and no labs",
           *lua ? NULL : "install liblua5.4-dev, then configure and build again");
}

/* -- probes -------------------------------------------------------------------------------------------- */

static void probe_report(struct patient *patient, enum ws_status status, const char *what, const char *fine)
{
    if (status == WS_OK)
        report(patient, FINE, what, fine, NULL);
    else if (status == WS_NO_MEMORY)
        ws__output_fail(&patient->output, status); /* it tells nothing about what was to be tried */
    else
        report(patient, ILL, what, ws_status_text(status),
               status == WS_ENGINE ? "worlds need Unicorn 2.1.1 or newer, one that translates addresses; see README.md"
                                   : "please report this, with all that this command prints");
}

/* The laboratory's run has all in it: paging, tables, tasks, rings, exceptions, both kinds of switches. */
static enum ws_status laboratory_probe(uint32_t *jumps)
{
    struct ws_machine_options options = {.max_instructions = 100 * 1000 * 1000};
    struct ws_lab *lab;
    enum ws_status status = ws_lab_system_new(&lab, &options);
    if (status != WS_OK)
        return status;
    ws_machine_run(ws_lab_machine(lab), 0);
    const struct ws_halt *halt = ws_machine_halt(ws_lab_machine(lab));
    status = ws_machine_failure(ws_lab_machine(lab));
    if (status == WS_OK && (halt->reason != WS_HALT_EXIT || halt->exit_value))
        status = WS_TIMEOUT;
    *jumps = ws__engine_jumps(ws_lab_machine(lab)->cpu.engine);
    ws_lab_free(lab);
    return status;
}

/* Written by libelf on one side, read by it on the other. */
static enum ws_status image_probe(void)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    struct ws_machine *machine = NULL;
    struct ws_lab *lab = NULL;
    enum ws_status status = ws_lab_system_new(&lab, NULL);
    if (status == WS_OK)
        status = ws_lab_write_image(lab, ws_lab_system_first(lab), &image);
    if (status == WS_OK)
        status = ws_machine_new(&machine, NULL);
    if (status == WS_OK)
        status = ws_image_load(machine, image.data, image.size, "", NULL, NULL);
    ws_machine_free(machine);
    ws_lab_free(lab);
    ws_buffer_release(&image);
    return status;
}

static void probes_report(struct patient *patient)
{
    uint32_t jumps = 0;
    struct ws_machine *machine = NULL;
    enum ws_status status = ws_machine_new(&machine, NULL);
    ws_machine_free(machine);
    probe_report(patient, status, "machine", "can be made: this Unicorn does what worlds need");
    probe_report(patient, laboratory_probe(&jumps), "laboratory", "runs from start to end");
    report(patient, jumps ? FINE : MISSING, "speed",
           jumps ? "privileged instructions run at full speed" : "privileged instructions run one by one",
           jumps ? NULL : "some loops are slower: for more, x86-64 is needed, and a Unicorn that calls as 2.1.1 does");
    probe_report(patient, image_probe(), "images", "are written and read (libelf)");
    for (size_t i = 0; i < WS__PROBES; i++)
        probe_report(patient, ws__probe_run(i), ws__probe_name(i), ws__probe_text(i));
}

/* -- terminal ------------------------------------------------------------------------------------------ */

static void window_report(struct patient *patient)
{
    struct winsize window;
    char text[64];
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) < 0 || !window.ws_col) {
        report(patient, MISSING, "window", "standard output is no terminal",
               "the visualizer needs one; trace does not");
        return;
    }
    bool fits = window.ws_col >= 80 && window.ws_row >= 24;
    snprintf(text, sizeof(text), "%u columns, %u lines", window.ws_col, window.ws_row);
    report(patient, fits ? FINE : MISSING, "window", text,
           fits ? NULL : "the visualizer wants 80 columns and 24 lines: make the window larger");
}

static void terminal_report(struct patient *patient, const struct ws__options *options)
{
    struct ws__terminal terminal;
    char text[160];
    const char *name = getenv("TERM"), *codeset = nl_langinfo(CODESET);
    ws__terminal_look(&terminal, STDOUT_FILENO);
    report(patient, FINE, "ncurses", terminal.library, NULL);
    snprintf(text, sizeof(text), "TERM=%.60s, %d colours%s", name ? name : "", terminal.colors,
             ws__options_colored(options, STDOUT_FILENO) ? "" : ", not used here");
    report(patient, terminal.can_place ? FINE : MISSING, "terminal", text,
           terminal.can_place ? NULL : "the visualizer needs a terminal that can place its cursor: set TERM");
    window_report(patient);
    bool utf8 = !strcmp(codeset, "UTF-8");
    snprintf(text, sizeof(text), "%.40s: lines are drawn with %s", codeset,
             utf8 && !options->ascii ? "UTF-8" : "ASCII characters");
    report(patient, utf8 ? FINE : MISSING, "locale", text, utf8 ? NULL : "for finer lines, set LC_ALL=C.UTF-8");
}

/* -- other programs ------------------------------------------------------------------------------------ */

static const struct {
    const char *program;
    const char *package; /* as Debian calls it */
    const char *use;
} tool_row[] = {
    {"qemu-system-i386", "qemu-system-x86", "boots the same images, for comparison"},
    {"gdb", "gdb", "debugs guests under QEMU"},
    {"bochs", "bochs", "boots the same images, slowly and exactly"},
    {"jq", "jq", "reads trace records"},
    {"tmux", "tmux", "lets the tests use the visualizer"},
};

static bool program_find(const char *program)
{
    const char *path = getenv("PATH");
    char file[4096];
    while (path) {
        size_t length = strcspn(path, ":");
        snprintf(file, sizeof(file), "%.*s/%s", (int)(length < 3000 ? length : 3000), path, program);
        if (access(file, X_OK) == 0)
            return true;
        path = path[length] ? path + length + 1 : NULL;
    }
    return false;
}

static void tools_report(struct patient *patient)
{
    for (size_t i = 0; i < sizeof(tool_row) / sizeof(tool_row[0]); i++) {
        char advice[96];
        bool found = program_find(tool_row[i].program);
        snprintf(advice, sizeof(advice), "not needed; on Debian and Ubuntu: apt install %s", tool_row[i].package);
        report(patient, found ? FINE : MISSING, tool_row[i].program, tool_row[i].use, found ? NULL : advice);
    }
}

/* What keeps a submission's tools from other files: tried, for a bubblewrap that is installed need not work. */
static void walls_report(struct patient *patient)
{
    bool wrapped = ws__tool_walls_work(WS__TOOL_BUBBLEWRAP), locked = ws__tool_walls_work(WS__TOOL_LANDLOCK);
    struct ws_buffer limits = WS_BUFFER_INIT;
    char text[96];
    report(patient, wrapped ? FINE : MISSING, "bubblewrap",
           wrapped ? "works, and confines the tools that build submissions" : "does not work here",
           wrapped ? NULL : "on Debian and Ubuntu: apt install bubblewrap; it needs unprivileged user namespaces");
    snprintf(text, sizeof text, "version %d of its interface works, %s", ws__landlock_version(),
             wrapped ? "and would do if bubblewrap did not" : "and confines the tools that build submissions");
    report(patient, locked ? FINE : MISSING, "landlock", locked ? text : "does not work here",
           locked ? NULL : "it is a part of Linux since 5.13, and a system may leave it away");
    ws__tool_limits(&limits);
    report(patient, wrapped || locked ? FINE : MISSING, "tools' limits", ws_buffer_text(&limits),
           wrapped || locked ? NULL : "these, and a judge of sources, are all that there is: grade wants --unconfined");
    if (limits.failed)
        ws__output_fail(&patient->output, WS_NO_MEMORY);
    ws_buffer_release(&limits);
}

/* What "qemu-system-i386 --version" says. */
static void qemu_report(struct patient *patient)
{
    char line[128] = "", version[32] = "";
    if (!program_find("qemu-system-i386"))
        return;
    errno = 0;
    FILE *said = popen("qemu-system-i386 --version 2> /dev/null", "r");
    if (!said && errno == ENOMEM)
        ws__output_fail(&patient->output, WS_NO_MEMORY);
    if (said && fgets(line, sizeof line, said) && sscanf(line, "QEMU emulator version %31[0-9.]", version) == 1)
        version_report(patient, "qemu", "QEMU's version", version);
    else
        report(patient, MISSING, "QEMU's version", "it does not say which it is", NULL);
    if (said)
        pclose(said);
}

int ws__cmd_doctor(const struct ws__options *options)
{
    struct patient patient = {.ill = false};
    int status = ws__output_open(&patient.output, NULL);
    if (status != WS__EXIT_DONE)
        return status;
    report(&patient, FINE, "worldswitch", PACKAGE_VERSION, NULL);
    if (!options->quiet)
        ws_buffer_printf(&patient.output.pending, "        %s\n", WS_BUILD_SUMMARY);
    libraries_report(&patient);
    probes_report(&patient);
    terminal_report(&patient, options);
    walls_report(&patient);
    tools_report(&patient);
    qemu_report(&patient);
    return ws__output_close(&patient.output, patient.ill ? WS__EXIT_WANTING : WS__EXIT_DONE);
}
