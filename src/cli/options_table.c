/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of options. */
#include "cli/options_table.h"

#include "cli/options.h"

#define ON(name) WS__ON(name)
#define GUEST WS__ON_GUEST
#define RECORDS (ON(TRACE) | ON(COMPARE) | ON(AUDIT) | ON(DIFF) | ON(ABLATE))
#define ALL ((1u << WS__COMMANDS) - 1)
#define TO(field) offsetof(struct ws__options, field)

const struct ws__option_row ws__option_row[] = {
    {"lab", 0, WS__KIND_FLAG, TO(lab), NULL, GUEST | ON(IMAGE), "the laboratory of two worlds, not the hosted system"},
    {"memory", 0, WS__KIND_SIZE, TO(memory_bytes), "SIZE", GUEST, "RAM of the machine, such as 16M"},
    {"append", 0, WS__KIND_TEXT, TO(append), "TEXT", GUEST, "a command line for the guest, behind the image's name"},
    {"module", 0, WS__KIND_TEXTS, TO(module), "FILE[=STRING]", GUEST, "a multiboot module; may be given several times"},
    {"flat", 0, WS__KIND_ADDRESS, TO(flat), "ADDRESS", GUEST, "IMAGE has no format: load and start it there"},
    {"disk", 0, WS__KIND_TEXT, TO(disk), "FILE", GUEST, "an ATA disk; run writes to it, the others never do"},
    {"disk", 0, WS__KIND_FLAG, TO(initial_disk), NULL, ON(IMAGE), "the disk that the hosted system is delivered with"},
    {"snapshot", 0, WS__KIND_FLAG, TO(snapshot), NULL, GUEST, "run, too, leaves the disk's file as it is"},
    {"serial-in", 0, WS__KIND_TEXT, TO(serial_in), "FILE", GUEST,
     "what COM1 receives; -: standard input, or the keyboard"},
    {"ips", 0, WS__KIND_NUMBER, TO(ips), "N", GUEST, "instructions that make a second of the guest's time"},
    {"max-insns", 0, WS__KIND_NUMBER, TO(max_instructions), "N", GUEST, "stop after that many instructions"},
    {"instructions", 0, WS__KIND_FLAG, TO(instructions), NULL, ON(TRACE), "also the instructions inside crossings"},
    {"all", 0, WS__KIND_FLAG, TO(all), NULL, ON(TRACE), "every instruction"},
    {"history", 0, WS__KIND_SIZE, TO(history_bytes), "SIZE", ON(VIEW), "memory for going back, such as 256M"},
    {"record", 0, WS__KIND_TEXT, TO(record), "FILE.wsr", ON(RUN) | ON(VIEW), "write a session, to have this run again"},
    {"mark", 0, WS__KIND_TEXTS, TO(mark), "NAME=MARK[=NOTE]", ON(RUN) | ON(VIEW),
     "name a mark in that session, for FILE.wsr@NAME"},
    {"checkpoints", 0, WS__KIND_NUMBER, TO(checkpoints), "N", ON(RUN) | ON(VIEW),
     "whole states in that session, to open it far from its start"},
    {"pairs", 0, WS__KIND_FLAG, TO(pairs), NULL, ON(ABLATE), "also let neighbours change places"},
    {"bits", 0, WS__KIND_FLAG, TO(bits), NULL, ON(ABLATE), "also invert each bit of the code"},
    {"storm", 0, WS__KIND_FLAG, TO(storm), NULL, ON(ABLATE), "also interrupt the sound switch at each boundary"},
    {"jobs", 'j', WS__KIND_NUMBER, TO(jobs), "N", ON(ABLATE), "so many trials at once"},
    {"shard", 0, WS__KIND_TEXT, TO(shard), "I/N", ON(ABLATE), "only the I-th of N parts"},
    {"merge", 0, WS__KIND_FLAG, TO(merge), NULL, ON(ABLATE), "join the parts in these files; say what is missing"},
    {"format", 0, WS__KIND_CHOICE, TO(format), "text|jsonl|csv", RECORDS, "how records are written"},
    {"color", 0, WS__KIND_CHOICE, TO(color), "auto|always|never", ALL, "when to use colour"},
    {"ascii", 0, WS__KIND_FLAG, TO(ascii), NULL, ALL, "ASCII characters only"},
    {"syntax", 0, WS__KIND_CHOICE, TO(syntax), "att|intel", ON(VIEW) | ON(TRACE), "assembly syntax"},
    {"output", 'o', WS__KIND_TEXT, TO(output), "FILE", ON(RUN) | ON(FIGURE) | RECORDS | ON(IMAGE),
     "write there instead of standard output"},
    {"quiet", 'q', WS__KIND_FLAG, TO(quiet), NULL, ALL, "say less"},
    {"help", 'h', WS__KIND_FLAG, TO(help), NULL, ALL, "how to use the command, or the program"},
    {"version", 'V', WS__KIND_FLAG, TO(version), NULL, ALL, "the version, and how this copy was built"},
};

const size_t ws__option_rows = sizeof ws__option_row / sizeof ws__option_row[0];
