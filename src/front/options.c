/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options: a table says how each is spelled, which commands have it, and where its value goes.
 */
#define _POSIX_C_SOURCE 200809L

#include "front/options.h"
#include "front/wrapped.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/disasm.h>
#include <worldswitch/hosted.h>

/* -- the table ------------------------------------------------------------------------------------- */

#define ON(name)  WS__ON(name)
#define GUEST     WS__ON_GUEST
#define OF_SWITCH (1u << WS__COMMANDS) /* `ablate` has it for a guest's switch only, not for the built-in one */
#define MACHINES  (GUEST | ON(ABLATE) | OF_SWITCH)
#define RECORDS   (ON(TRACE) | ON(LINT) | ON(COMPARE) | ON(AUDIT) | ON(DIFF) | ON(ABLATE) | ON(TRANSLATE))
#define SCRIPTS   (ON(LUA) | ON(LESSON) | ON(GRADE))
#define ALL       ((1u << WS__COMMANDS) - 1)
#define TO(field) offsetof(struct ws__options, field)

const struct ws__option_row ws__option_row[] = {
    {"lab", 0, WS__KIND_FLAG, TO(lab), NULL, MACHINES | ON(IMAGE),
     "the laboratory of two worlds, not the hosted system"},
    {"memory", 0, WS__KIND_SIZE, TO(memory_bytes), "SIZE", MACHINES, "RAM of the machine, such as 16M"},
    {"append", 0, WS__KIND_TEXT, TO(append), "TEXT", MACHINES, "a command line for the guest, behind the image's name"},
    {"module", 0, WS__KIND_TEXTS, TO(module), "FILE[=STRING]", MACHINES,
     "a multiboot module; may be given several times"},
    {"linux", 0, WS__KIND_TEXT, TO(linux_kernel), "KERNEL", MACHINES, "boot this Linux kernel (bzImage) of 32 bits"},
    {"initrd", 0, WS__KIND_TEXT, TO(initrd), "FILE", MACHINES, "the Linux kernel's initial RAM disk"},
    {"symbols", 0, WS__KIND_TEXTS, TO(symbols), "FILE", MACHINES,
     "names of addresses: an ELF file, or a System.map; may be given several times"},
    {"flat", 0, WS__KIND_ADDRESS, TO(flat), "ADDRESS", MACHINES, "IMAGE has no format: load and start it there"},
    {"disk", 0, WS__KIND_TEXT, TO(disk), "FILE", MACHINES, "an ATA disk; run writes to it, the others never do"},
    {"disk", 0, WS__KIND_FLAG, TO(initial_disk), NULL, ON(IMAGE), "the disk that the hosted system is delivered with"},
    {"vm", 0, WS__KIND_TEXT, TO(vm), "IMAGE", GUEST, "a kernel for the hosted system's virtual machine; host: its own"},
    {"vm-disk", 0, WS__KIND_TEXT, TO(vm_disk), "FILE", GUEST,
     "a disk for that virtual machine; nothing is written to it"},
    {"vms", 0, WS__KIND_NUMBER, TO(vms), "N", GUEST | ON(IMAGE), "so many virtual machines, from 1 to 4"},
    {"snapshot", 0, WS__KIND_FLAG, TO(snapshot), NULL, GUEST, "run, too, leaves the disk's file as it is"},
    {"serial-in", 0, WS__KIND_TEXT, TO(serial_in), "FILE", GUEST,
     "what COM1 receives; -: standard input, or the keyboard"},
    {"keys", 0, WS__KIND_TEXT, TO(keys), "FILE", MACHINES, "type this text on the PC's keyboard; -: standard input"},
    {"ips", 0, WS__KIND_NUMBER, TO(ips), "N", MACHINES, "instructions that make a second of the guest's time"},
    {"tlb", 0, WS__KIND_CHOICE, TO(tlb), "coherent|keep", GUEST | ON(ABLATE),
     "keep: an old translation stays until the guest invalidates it"},
    {"max-insns", 0, WS__KIND_NUMBER, TO(max_instructions), "N", MACHINES, "stop after that many instructions"},
    {"instructions", 0, WS__KIND_FLAG, TO(instructions), NULL, ON(TRACE), "also the instructions inside crossings"},
    {"all", 0, WS__KIND_FLAG, TO(all), NULL, ON(TRACE), "every instruction"},
    {"all", 0, WS__KIND_FLAG, TO(all), NULL, ON(WHY), "also what matters less, on more than one screen"},
    {"io", 0, WS__KIND_FLAG, TO(io), NULL, ON(TRACE), "also accesses to ports; jsonl has them always"},
    {"no-fold", 0, WS__KIND_FLAG, TO(no_fold), NULL, ON(TRACE),
     "write events that repeat each time; jsonl always does"},
    {"eip", 0, WS__KIND_ADDRESS, TO(eip), "ADDRESS", ON(TRANSLATE),
     "only what has the instruction at that EIP of the VM"},
    {"history", 0, WS__KIND_SIZE, TO(history_bytes), "SIZE", ON(VIEW), "memory for going back, such as 256M"},
    {"plain", 0, WS__KIND_FLAG, TO(plain), NULL, ON(VIEW),
     "line mode: requests and answers as lines, for screen readers"},
    {"theme", 0, WS__KIND_CHOICE, TO(theme), "terminal|contrast|colorblind", ON(VIEW), "how the visualizer looks"},
    {"mouse", 0, WS__KIND_FLAG, TO(mouse), NULL, ON(VIEW), "click and scroll; selecting text takes Shift then"},
    {"script", 0, WS__KIND_TEXT, TO(script), "KEYS", ON(VIEW), "press these keys, such as 'w s s', without a terminal"},
    {"dump", 0, WS__KIND_TEXT, TO(dump), "FILE", ON(VIEW), "then write the screen there, *.svg: as a picture"},
    {"size", 0, WS__KIND_TEXT, TO(size), "COLUMNSxROWS", ON(VIEW), "of that screen; 80x24 if not given"},
    {"record", 0, WS__KIND_TEXT, TO(record), "FILE.wsr", ON(RUN) | ON(VIEW), "write a session, to have this run again"},
    {"mark", 0, WS__KIND_TEXTS, TO(mark), "NAME=MARK[=NOTE]", ON(RUN) | ON(VIEW),
     "name a mark in that session, for FILE.wsr@NAME"},
    {"checkpoints", 0, WS__KIND_NUMBER, TO(checkpoints), "N", ON(RUN) | ON(VIEW),
     "whole states in that session, to open it far from its start"},
    {"pairs", 0, WS__KIND_FLAG, TO(pairs), NULL, ON(ABLATE), "also let neighbours change places"},
    {"bits", 0, WS__KIND_FLAG, TO(bits), NULL, ON(ABLATE), "also invert each bit of the code"},
    {"storm", 0, WS__KIND_FLAG, TO(storm), NULL, ON(ABLATE), "also interrupt the sound switch at each boundary"},
    {"switch", 0, WS__KIND_TEXT, TO(switch_routine), "SYMBOL", ON(ABLATE), "of IMAGE: the routine there that switches"},
    {"html", 0, WS__KIND_FLAG, TO(html), NULL, ON(LESSON), "show the lab as a page of HTML"},
    {"seed", 0, WS__KIND_TEXT, TO(seed), "SEED", ON(LESSON), "quiz: a number or a text; another one, other questions"},
    {"count", 0, WS__KIND_NUMBER, TO(count), "N", ON(LESSON), "quiz: so many questions; 10 if not given"},
    {"answers", 0, WS__KIND_FLAG, TO(answers), NULL, ON(LESSON), "quiz: with the answers, and the way to each"},
    {"lesson", 0, WS__KIND_TEXT, TO(lesson), "N", ON(GRADE), "the lab that the submissions belong to"},
    {"student", 0, WS__KIND_TEXT, TO(student), "NAME", ON(LESSON) | ON(GRADE), "that student's variant of the lab"},
    {"students", 0, WS__KIND_FLAG, TO(students), NULL, ON(GRADE), "each submission's name is its student's"},
    {"report", 0, WS__KIND_CHOICE, TO(report),
     "text|class|csv|records|junit|tap|gradescope|prairielearn|github|autolab|coderunner|vpl|gradelib", ON(GRADE),
     "the report's format, one of:"},
    {"unconfined", 0, WS__KIND_FLAG, TO(unconfined), NULL, ON(GRADE),
     "grade even where neither bubblewrap nor Landlock works"},
    {"jobs", 'j', WS__KIND_NUMBER, TO(jobs), "N", ON(ABLATE) | ON(GRADE), "so many trials, or submissions, at once"},
    {"shard", 0, WS__KIND_TEXT, TO(shard), "I/N", ON(ABLATE) | ON(GRADE), "only the I-th of N parts"},
    {"merge", 0, WS__KIND_FLAG, TO(merge), NULL, ON(ABLATE) | ON(GRADE),
     "join the parts in these files; say what is missing"},
    {"format", 0, WS__KIND_CHOICE, TO(format), "text|jsonl|csv", RECORDS, "how records are written"},
    {"format", 0, WS__KIND_CHOICE, TO(quiz_format), "text|markdown|gift|text2qti", ON(LESSON),
     "quiz: for people, for Moodle, for Canvas"},
    {"color", 0, WS__KIND_CHOICE, TO(color), "auto|always|never", ALL, "when to use colour"},
    {"ascii", 0, WS__KIND_FLAG, TO(ascii), NULL, ALL, "ASCII characters only"},
    {"syntax", 0, WS__KIND_CHOICE, TO(syntax), "att|intel", ON(VIEW) | ON(TRACE) | ON(WHY) | ON(TRANSLATE),
     "assembly syntax"},
    {"output", 'o', WS__KIND_TEXT, TO(output), "FILE", ON(RUN) | ON(FIGURE) | ON(WHY) | RECORDS | ON(IMAGE) | SCRIPTS,
     "write there instead of standard output"},
    {"screen", 0, WS__KIND_FLAG, TO(screen), NULL, ON(RUN), "the guest's text screen, when the run has ended"},
    {"verbose", 'v', WS__KIND_FLAG, TO(verbose), NULL, GUEST, "say more: where modules lie"},
    {"quiet", 'q', WS__KIND_FLAG, TO(quiet), NULL, ALL, "say less"},
    {"help", 'h', WS__KIND_FLAG, TO(help), NULL, ALL, "how to use the command, or the program"},
    {"version", 'V', WS__KIND_FLAG, TO(version), NULL, ALL, "the version, and how this copy was built"},
};

const size_t ws__option_rows = sizeof ws__option_row / sizeof ws__option_row[0];

_Static_assert(sizeof ws__option_row / sizeof ws__option_row[0] <= 64, "which are used is kept in 64 bits");

#define IPS_LEAST 1000ull
#define IPS_MOST  1000000000000ull

/* Commands of the finished program: said to be missing, rather than unknown. */
static const char *const not_built_yet[] = {"gdb"};

/* -- values -------------------------------------------------------------------------------------------- */

static bool number_parse(const char *text, bool size, uint64_t *out)
{
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*text))
        return false;
    unsigned long long number = strtoull(text, &end, 0);
    unsigned shift = 0;
    if (size && *end) {
        const char *suffix = strchr("KMG", toupper((unsigned char)*end));
        if (!suffix)
            return false;
        shift = 10 * (unsigned)(suffix - "KMG" + 1);
        end++;
    }
    if (errno || *end || number > UINT64_MAX >> shift)
        return false;
    *out = (uint64_t)number << shift;
    return true;
}

/* Which of the words "one|two|three" it is. */
static bool choice_parse(const char *words, const char *text, unsigned *out)
{
    size_t length = strlen(text);
    for (unsigned index = 0; words; index++) {
        size_t word = strcspn(words, "|");
        if (word == length && !memcmp(words, text, length)) {
            *out = index;
            return true;
        }
        words = words[word] ? words + word + 1 : NULL;
    }
    return false;
}

static bool text_add(struct ws__texts *texts, const char *text)
{
    if (texts->count == WS__TEXTS_MAX)
        return false;
    texts->text[texts->count++] = text;
    return true;
}

static int value_refuse(const struct ws__option_row *row, const char *text)
{
    static const char *const wanted[] = {
        [WS__KIND_NUMBER] = "a number",
        [WS__KIND_SIZE] = "a size such as 16M",
        [WS__KIND_ADDRESS] = "an address such as 0x100000",
    };
    if (row->kind == WS__KIND_CHOICE)
        ws__complain(NULL, "--%s: \"%s\" is not one of %s", row->name, text, row->value);
    else if (row->kind == WS__KIND_TEXTS)
        ws__complain(NULL, "--%s: \"%s\" is one too many: at most %d", row->name, text, WS__TEXTS_MAX);
    else
        ws__complain(NULL, "--%s: \"%s\" is not %s", row->name, text, wanted[row->kind]);
    return WS__EXIT_USAGE;
}

static int value_take(struct ws__options *options, const struct ws__option_row *row, const char *text)
{
    void *field = (char *)options + row->offset;
    bool taken = true;
    switch (row->kind) {
    case WS__KIND_FLAG:
        *(bool *)field = true;
        break;
    case WS__KIND_TEXT:
        *(const char **)field = text;
        break;
    case WS__KIND_TEXTS:
        taken = text_add(field, text);
        break;
    case WS__KIND_CHOICE:
        taken = choice_parse(row->value, text, field);
        break;
    case WS__KIND_ADDRESS:
        taken = number_parse(text, false, field) && *(uint64_t *)field <= UINT32_MAX;
        break;
    default:
        taken = number_parse(text, row->kind == WS__KIND_SIZE, field);
    }
    return taken ? WS__EXIT_DONE : value_refuse(row, text);
}

/* -- the command line ---------------------------------------------------------------------------------- */

/* Where two options have one name, the command decides; it stands before them. */
static const struct ws__option_row *row_find(const char *name, size_t length, enum ws__command_name command)
{
    const struct ws__option_row *found = NULL;
    for (size_t i = 0; i < ws__option_rows; i++)
        if (strlen(ws__option_row[i].name) == length && !memcmp(ws__option_row[i].name, name, length) &&
            (!found || ws__option_row[i].commands >> command & 1))
            found = &ws__option_row[i];
    return found;
}

static const struct ws__option_row *row_of_letter(char letter)
{
    for (size_t i = 0; i < ws__option_rows; i++)
        if (letter && ws__option_row[i].letter == letter)
            return &ws__option_row[i];
    return NULL;
}

/* Take the option at argv[*at], and its value; `used` collects the rows. */
static int option_take(struct ws__options *options, int argc, char **argv, int *at, uint64_t *used)
{
    const char *argument = argv[*at], *value = NULL;
    const struct ws__option_row *row;
    if (argument[1] == '-') {
        size_t length = strcspn(argument + 2, "=");
        row = row_find(argument + 2, length, options->command);
        value = argument[2 + length] ? argument + 3 + length : NULL;
    } else {
        row = row_of_letter(argument[1]);
        value = argument[2] ? argument + 2 : NULL;
    }
    if (!row || (row->kind == WS__KIND_FLAG && value)) {
        ws__complain("\"worldswitch help\" lists all options", "unknown option \"%s\"", argument);
        return WS__EXIT_USAGE;
    }
    if (row->kind != WS__KIND_FLAG && !value) {
        if (*at + 1 == argc) {
            ws__complain(NULL, "\"%s\" needs a value: %s", argument, row->value);
            return WS__EXIT_USAGE;
        }
        value = argv[++*at];
    }
    *used |= 1ull << (row - ws__option_row);
    return value_take(options, row, value);
}

/* The first word is a command, or else an image for the default command. */
static int command_take(struct ws__options *options, const char *word, bool *is_command)
{
    *is_command = true;
    for (unsigned i = 0; i < WS__COMMANDS; i++)
        if (!strcmp(ws__commands[i].name, word)) {
            options->command = (enum ws__command_name)i;
            options->named = true;
            return WS__EXIT_DONE;
        }
    for (size_t i = 0; i < sizeof(not_built_yet) / sizeof(not_built_yet[0]); i++)
        if (!strcmp(not_built_yet[i], word)) {
            ws__complain("\"worldswitch help\" lists what there is", "the command \"%s\" is not built yet", word);
            return WS__EXIT_USAGE;
        }
    if (strpbrk(word, "./") || access(word, F_OK) == 0) {
        *is_command = false;
        return WS__EXIT_DONE;
    }
    ws__complain("\"worldswitch help\" lists the commands; an image is named by its file",
                 "\"%s\" is neither a command nor a file", word);
    return WS__EXIT_USAGE;
}

static int word_take(struct ws__options *options, char *word, unsigned *words)
{
    bool is_command = false;
    if ((*words)++ == 0) {
        int status = command_take(options, word, &is_command);
        if (status != WS__EXIT_DONE || is_command)
            return status;
    }
    options->word[options->words++] = word; /* their places are read already */
    return WS__EXIT_DONE;
}

/* Words that a command wants before the image, and what to say if they are not there. */
static const struct {
    unsigned count;
    const char *wanted, *example;
} words_before[WS__COMMANDS] = {
    [WS__COMMAND_DIFF] = {2, "", ""},
    [WS__COMMAND_FIGURE] = {1, "name the figure, 7-10 or 7-11, then the image", "such as: worldswitch figure 7-10"},
};

/* Is that word a number, where a mark may stand in front of the image? */
static bool mark_is_given(const struct ws__options *options)
{
    const char *word = options->words ? options->word[0] : "";
    return options->command == WS__COMMAND_TRANSLATE && *word && !word[strspn(word, "0123456789")];
}

/* What the words are, is known when the command is. */
static int words_check(struct ws__options *options)
{
    options->mark_given = mark_is_given(options);
    unsigned before = words_before[options->command].count + options->mark_given;
    bool own_words = (ON(ABLATE) | ON(HELP) | SCRIPTS) >> options->command & 1;
    if (own_words && !options->switch_routine) /* they know themselves what their words are */
        return WS__EXIT_DONE;
    if (options->command == WS__COMMAND_DIFF && options->words < before) {
        /* With too few marks, "diff" suggests some of this image. */
        options->image = options->words && !isdigit((unsigned char)*options->word[0]) ? options->word[0] : NULL;
        return WS__EXIT_DONE;
    }
    if (options->words < before) {
        ws__complain(words_before[options->command].example, "%s", words_before[options->command].wanted);
        return WS__EXIT_USAGE;
    }
    unsigned images = options->linux_kernel ? 0 : 1;
    if (options->words > before + images) {
        ws__complain(NULL, "one image at a time: \"%s\" is one too many", options->word[before + images]);
        return WS__EXIT_USAGE;
    }
    options->image = options->words > before ? options->word[before] : options->linux_kernel;
    return WS__EXIT_DONE;
}

/* What is recorded. */
static int record_check(const struct ws__options *options)
{
    bool wanted = options->checkpoints != WS__NO_CHECKPOINTS;
    if ((options->mark.count || wanted) && !options->record) {
        ws__complain("name the session: --record FILE.wsr", "--%s: nothing is recorded",
                     options->mark.count ? "mark" : "checkpoints");
        return WS__EXIT_USAGE;
    }
    if (wanted && options->checkpoints > WS__CHECKPOINTS_MOST) {
        ws__complain(NULL, "--checkpoints: %d at most", WS__CHECKPOINTS_MOST);
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

/* What the machine is made with. */
static int machine_check(const struct ws__options *options, bool ips_given, bool vms_given)
{
    if (options->memory_bytes &&
        (options->memory_bytes % 4096 || options->memory_bytes < 1 << 20 || options->memory_bytes > 1 << 30)) {
        ws__complain(NULL, "--memory: from 1M to 1G, in steps of 4K");
        return WS__EXIT_USAGE;
    }
    if (ips_given && (options->ips < IPS_LEAST || options->ips > IPS_MOST)) {
        ws__complain(NULL, "--ips: from %llu to %llu", IPS_LEAST, IPS_MOST);
        return WS__EXIT_USAGE;
    }
    if ((options->vm || options->vm_disk || options->vms) && (options->image || options->lab || options->disk)) {
        ws__complain("leave the image, --lab or --disk away",
                     "%s: only the built-in hosted system has that virtual machine",
                     options->vm        ? "--vm"
                     : options->vm_disk ? "--vm-disk"
                                        : "--vms");
        return WS__EXIT_USAGE;
    }
    if (vms_given && (options->vms < 1 || options->vms > WS_HOSTED_VMS_MOST)) {
        ws__complain(NULL, "--vms: from 1 to %d virtual machines", WS_HOSTED_VMS_MOST);
        return WS__EXIT_USAGE;
    }
    if (options->snapshot && !options->disk) {
        ws__complain("name the disk: --disk FILE", "--snapshot: there is no disk");
        return WS__EXIT_USAGE;
    }
    if (options->command == WS__COMMAND_VIEW && options->serial_in && !strcmp(options->serial_in, "-")) {
        ws__complain("give a file", "--serial-in -: the visualizer needs the keyboard for itself");
        return WS__EXIT_USAGE;
    }
    if (options->keys && options->serial_in && !strcmp(options->keys, "-") && !strcmp(options->serial_in, "-")) {
        ws__complain("give a file to one of them", "--keys -: standard input goes to --serial-in");
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

/* What only an image from a file has. */
static int image_check(const struct ws__options *options)
{
    bool flat = options->flat != WS__NO_ADDRESS, booted = options->append || options->module.count || options->initrd;
    if (flat && booted) {
        ws__complain("leave --append, --module and --initrd away",
                     "--flat: no boot loader tells such an image anything");
        return WS__EXIT_USAGE;
    }
    if (flat && options->linux_kernel) {
        ws__complain("leave one of them away", "--flat: a Linux kernel has a format");
        return WS__EXIT_USAGE;
    }
    if (!options->image && (flat || booted || options->symbols.count)) {
        ws__complain("name an image", "%s: what is built in takes no such thing",
                     flat                    ? "--flat"
                     : options->append       ? "--append"
                     : options->module.count ? "--module"
                     : options->initrd       ? "--initrd"
                                             : "--symbols");
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

/* The built-in switch needs no guest; for another one not everything is tried. */
static int ablate_check(const struct ws__options *options, uint64_t used)
{
    for (size_t i = 0; i < ws__option_rows && !options->switch_routine; i++) {
        if (used >> i & 1 && ws__option_row[i].commands & OF_SWITCH) {
            ws__complain("name the routine that switches: --switch SYMBOL",
                         "--%s: the built-in switch takes no such thing", ws__option_row[i].name);
            return WS__EXIT_USAGE;
        }
    }
    if (options->switch_routine && (options->pairs || options->bits || options->merge)) {
        ws__complain(NULL, "--%s does not go with --switch",
                     options->merge   ? "merge"
                     : options->pairs ? "pairs"
                                      : "bits");
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

/* What is right for some commands only, and what does not go together. */
static int options_check(const struct ws__options *options, uint64_t used)
{
    const char *command = ws__commands[options->command].name;
    for (size_t i = 0; i < ws__option_rows; i++)
        if (used >> i & 1 && !(ws__option_row[i].commands >> options->command & 1)) {
            ws__complain(NULL, "the command \"%s\" has no option \"--%s\"", command, ws__option_row[i].name);
            return WS__EXIT_USAGE;
        }
    if (options->command == WS__COMMAND_ABLATE && ablate_check(options, used) != WS__EXIT_DONE)
        return WS__EXIT_USAGE;
    if (options->image && !(MACHINES >> options->command & 1)) {
        ws__complain(NULL, "the command \"%s\" takes no image: \"%s\"", command, options->image);
        return WS__EXIT_USAGE;
    }
    if (options->image && options->lab) {
        ws__complain(NULL, "either --lab or an image: \"%s\"", options->image);
        return WS__EXIT_USAGE;
    }
    int status = machine_check(options, used >> (row_find("ips", 3, options->command) - ws__option_row) & 1,
                               used >> (row_find("vms", 3, options->command) - ws__option_row) & 1);
    if (status == WS__EXIT_DONE)
        status = record_check(options);
    return status == WS__EXIT_DONE ? image_check(options) : status;
}

int ws__options_parse(struct ws__options *options, int argc, char **argv)
{
    *options = (struct ws__options){.flat = WS__NO_ADDRESS,
                                    .eip = WS__NO_ADDRESS,
                                    .checkpoints = WS__NO_CHECKPOINTS,
                                    .count = WS__COUNT,
                                    .word = argv + 1};
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO), only_words = false;
    options->command = terminal ? WS__COMMAND_VIEW : WS__COMMAND_TRACE;
    uint64_t used = 0;
    unsigned words = 0;
    for (int at = 1; at < argc; at++) {
        int status;
        if (!only_words && !strcmp(argv[at], "--")) {
            only_words = true;
            continue;
        }
        if (!only_words && argv[at][0] == '-' && argv[at][1])
            status = option_take(options, argc, argv, &at, &used);
        else
            status = word_take(options, argv[at], &words);
        if (status != WS__EXIT_DONE)
            return status;
    }
    if (options->help || options->version)
        return WS__EXIT_DONE;
    int status = words_check(options);
    return status == WS__EXIT_DONE ? options_check(options, used) : status;
}

/* -- telling ------------------------------------------------------------------------------------------- */

/* A choice of many words goes below the option, in lines. */
enum { VALUE_COLUMNS = 40, WORDS_COLUMNS = 46 };

static bool value_is_long(const struct ws__option_row *row)
{
    return row->value && strlen(row->value) > VALUE_COLUMNS;
}

static void words_list(FILE *out, const char *words)
{
    while (*words) {
        size_t length = strlen(words), end = length > WORDS_COLUMNS ? WORDS_COLUMNS : length;
        while (end < length && words[end - 1] != '|')
            end--;
        fprintf(out, "%34s%.*s\n", "", (int)end, words);
        words += end;
    }
}

enum { HELP_COLUMN = 34 };

void ws__options_list(FILE *out, enum ws__command_name command)
{
    for (size_t i = 0; i < ws__option_rows; i++) {
        const struct ws__option_row *row = &ws__option_row[i];
        const char *value = value_is_long(row) ? "WORD" : row->value;
        char spelled[64];
        if (command < WS__COMMANDS && !(row->commands >> command & 1))
            continue;
        if (row->letter)
            snprintf(spelled, sizeof(spelled), "-%c, --%s%s%s", row->letter, row->name, value ? " " : "",
                     value ? value : "");
        else
            snprintf(spelled, sizeof(spelled), "--%s%s%s", row->name, value ? " " : "", value ? value : "");
        size_t column = (size_t)fprintf(out, "  %-30s  ", spelled);
        ws__wrapped_write(out, row->help, column, HELP_COLUMN);
        if (value_is_long(row))
            words_list(out, row->value);
    }
}

bool ws__options_colored(const struct ws__options *options, int descriptor)
{
    if (options->color != WS__COLOR_AUTO)
        return options->color == WS__COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return !(no_color && *no_color) && !(terminal && !strcmp(terminal, "dumb")) && isatty(descriptor);
}
