/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One PC: a CPU, RAM, and the chips of WS_PART_TABLE below: interrupt controllers, a timer, a serial port, a disk, ...
 *
 * It starts as a multiboot loader leaves a PC: 32-bit protected mode, flat segments, paging and interrupts off.
 * From then on only guest instructions and the delivery of vectors change the CPU; and ws_snapshot_restore() and
 * ws_machine_load(), which put it into another state as a whole.  A person who asks "what if" changes a register by
 * ws_machine_register_set(), in a branch of the run.
 *
 * Time is counted in instructions and named by marks: the mark is the number of instructions begun since reset.
 * An iteration of a `rep` instruction counts as one; an instruction that faults has begun and counts.
 *
 * Two machines in one process do not know of each other.
 */
#ifndef WORLDSWITCH_MACHINE_H
#define WORLDSWITCH_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/event.h>
#include <worldswitch/halt.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>
#include <worldswitch/segment.h>
#include <worldswitch/status.h>

struct ws_machine;

/* Receives each byte the guest sends on COM1. */
typedef void ws_serial_sink(void *context, uint8_t byte);

/*
 * How long the CPU keeps translations of addresses.  The manual lets it keep one until the guest invalidates it, and
 * lets it drop one at any time: SDM 3A §4.10.4.3 "Optional Invalidation".
 * WS_TLB_COHERENT: a change of the page tables counts at once.  A guest that forgets to invalidate runs all the same.
 * WS_TLB_KEEP: all translations that were used stay until the guest invalidates them, so that such a guest fails each
 * time.  What is kept is part of the machine's state; WS_EVENT_STALE says when the guest uses what is out of date.
 */
enum ws_tlb { WS_TLB_COHERENT, WS_TLB_KEEP };

struct ws_machine_options {
    uint32_t memory_bytes;     /* RAM; a multiple of 4096 from 1 MiB to 1 GiB; 0 means 32 MiB */
    uint64_t max_instructions; /* the run ends with WS_HALT_LIMIT there; 0 means no limit */
    ws_serial_sink *serial;    /* may be NULL; ws_machine_serial() has the last bytes in any case */
    void *serial_context;
    uint64_t ips; /* instructions a second of guest time, 1000 or more; 0 means 100,000,000 */
    uint32_t tlb; /* enum ws_tlb */
};

/* Make a machine; `options` may be NULL: all zero.  The caller frees *out.  WS_OK, WS_BAD_ARGUMENT, WS_NO_MEMORY, or
 * WS_ENGINE if this Unicorn cannot do what worlds need. */
enum ws_status ws_machine_new(struct ws_machine **out, const struct ws_machine_options *options);
void ws_machine_free(struct ws_machine *machine);

/* -- running ------------------------------------------------------------------------------------------- */

/*
 * Run for at most `instructions` (0: until something stops it).  Returns why it stopped.
 *
 * The delivery of an exception belongs to the instruction that raised it: if that was the last one before
 * WS_STOP_COUNT, EIP is already in the handler.  The delivery of an external interrupt belongs to the next instruction:
 * one that waits at WS_STOP_COUNT is delivered when the run goes on.
 * A breakpoint at the very instruction where the run starts does not stop it.
 */
enum ws_stop ws_machine_run(struct ws_machine *machine, uint64_t instructions);

/* Stop before the next instruction, if a listener calls it.  If a signal handler or another thread calls it: at the
 * latest some 65,536 instructions later, since a CPU without listeners looks no more often whether it should stop.
 * While the machine does not run: the next run stops before its first instruction. */
void ws_machine_stop(struct ws_machine *machine);

/*
 * The host cannot do its part, for lack of memory say: what the run shows from here on would be wrong.  Listeners call
 * it, and so do chips.  The run stops as by ws_machine_stop(), and never goes on: ws_machine_run() answers
 * WS_STOP_HALT from then on, the halt's reason is WS_HALT_HOST, and no snapshot takes that back.  The first status
 * that is not WS_OK stays; WS_OK does nothing.
 */
void ws_machine_fail(struct ws_machine *machine, enum ws_status status);
/* WS_OK, or that status.  Ask before you believe what was seen of a run. */
enum ws_status ws_machine_failure(const struct ws_machine *machine);

/* How long its CPU keeps translations. */
enum ws_tlb ws_machine_tlb(const struct ws_machine *machine);

/* Borrowed; valid as long as the machine. reason is WS_HALT_NONE while the guest can go on. */
const struct ws_halt *ws_machine_halt(const struct ws_machine *machine);

uint64_t ws_machine_mark(const struct ws_machine *machine);

/* Linear addresses.  Adding twice or removing what is not there is harmless.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_machine_break_add(struct ws_machine *machine, uint32_t linear);
void ws_machine_break_remove(struct ws_machine *machine, uint32_t linear);
bool ws_machine_break_at(const struct ws_machine *machine, uint32_t linear);

/* -- interrupts ---------------------------------------------------------------------------------------- */

/* Ask for an external interrupt, as an interrupt controller would: it is delivered at the next boundary between two
 * instructions at which IF is set and no shadow of `sti`, `mov ss` or `pop ss` holds it back.  Several may wait; the
 * lowest vector goes first, and all of them before those of the machine's own interrupt controllers. */
void ws_machine_interrupt(struct ws_machine *machine, uint8_t vector);
/* The same for NMI: IF does not hold it back, but a shadow does, and so does an NMI handler that has not returned. */
void ws_machine_nmi(struct ws_machine *machine);

/*
 * What is done from outside to a machine that has run, with these two or by writing to its memory, belongs to its run:
 * the machine keeps it with its mark.  After going back to an earlier snapshot it is done again when its mark has come,
 * and recordings have it (session.h).  The next thing that is done from outside, or this function, forgets what would
 * still come: from there on the run takes another way.  Who goes back for a run of another kind calls it.
 */
void ws_machine_acts_forget(struct ws_machine *machine);

/* -- looking ------------------------------------------------------------------------------------------- */

void ws_machine_registers(const struct ws_machine *machine, struct ws_registers *out);
/* IA32_PAT, the model-specific register that says which memory types page-table entries name: a byte for each.
 * SDM 3A §11.12.2 "IA32_PAT MSR" */
uint64_t ws_machine_page_attributes(const struct ws_machine *machine);
/* The current privilege level, 0..3: the RPL of CS, which is the CPL in protected mode.
 * SDM 3A §5.5 "Privilege Levels" */
unsigned ws_machine_cpl(const struct ws_machine *machine);
/* EIP plus the code segment's base. */
uint32_t ws_machine_eip_linear(const struct ws_machine *machine);

/* The hidden part of a segment register, as loaded: which is WS_ES..WS_GS, WS_CS, WS_SS, WS_LDTR or WS_TR. */
void ws_machine_segment(const struct ws_machine *machine, enum ws_register which, struct ws_descriptor *out);

/* RAM as the walker of paging.h wants it; borrowed as long as the machine. */
struct ws_physical ws_machine_memory(const struct ws_machine *machine);

/* Copy from linear memory with the current page tables and ring-0 rights, without any side effect.
 * Where no RAM is, 0xff is read.  WS_OK, or WS_NOT_MAPPED (what is in front of the first page that is not mapped is
 * there, the rest is zero). */
enum ws_status ws_machine_read(const struct ws_machine *machine, uint32_t linear, void *out, size_t bytes);
/* The same under another world's control registers. */
enum ws_status ws_machine_read_as(const struct ws_machine *machine, const struct ws_registers *registers,
                                  uint32_t linear, void *out, size_t bytes);

/* Write to linear memory likewise: with ring-0 rights, whatever the pages' rights are, and without setting accessed and
 * dirty bits.  The caller does what a debugger does, no instruction of the guest.  What was translated from there is
 * forgotten.  WS_OK, or WS_NOT_MAPPED: what is in front of the first page that is not mapped, or not in RAM, has been
 * written. */
enum ws_status ws_machine_write(struct ws_machine *machine, uint32_t linear, const void *bytes, size_t size);

/* Copy from RAM by physical address.  WS_OK, or WS_BAD_ARGUMENT if out of range: nothing is copied. */
enum ws_status ws_machine_read_phys(const struct ws_machine *machine, uint32_t phys, void *out, size_t bytes);
/* Write RAM by physical address, as a loader or a bus master does.  WS_OK or WS_BAD_ARGUMENT if out of range. */
enum ws_status ws_machine_write_phys(struct ws_machine *machine, uint32_t phys, const void *bytes, size_t size);

/*
 * Give a register another value between two instructions, as a debugger does.  It is done from outside, and belongs to
 * the run as an interrupt that was asked for does: see ws_machine_acts_forget().
 * WS_OK; WS_BAD_ARGUMENT: no instruction could give the register this value (reserved bits; a CR0 without PE);
 * WS_UNSUPPORTED: what a segment or table register holds comes from memory, and debug registers are the guest's.
 * SDM 2B "MOV—Move to/from Control Registers"; SDM 1 §3.4.3 "EFLAGS Register"
 */
enum ws_status ws_machine_register_set(struct ws_machine *machine, enum ws_register which, uint32_t value);

/* Translate under the current control registers. */
bool ws_machine_translate(const struct ws_machine *machine, uint32_t linear, enum ws_access access, bool user,
                          struct ws_translation *out);

/* How many translations the CPU keeps (WS_TLB_KEEP) that lead elsewhere than the present page tables do: what a guest
 * has forgotten to invalidate.  The one of the lowest small page, or else of the lowest large one, goes to *out;
 * nothing goes there if there is none.
 * SDM 3A §4.10.2.4 "Global Pages", §4.10.4.3 "Optional Invalidation" */
uint32_t ws_machine_kept_wrong(const struct ws_machine *machine, struct ws_translation *out);

enum { WS_SERIAL_KEPT = 1 << 18 };

/* What the guest has sent on COM1 so far, with a NUL behind it; borrowed until the machine runs again.  `bytes` may be
 * NULL.  Of a long text
 * the end: at least the last WS_SERIAL_KEPT bytes, and less than twice as many.  Who wants all of it has a sink. */
const char *ws_machine_serial(const struct ws_machine *machine, size_t *bytes);
/* How many bytes the guest sent before those. */
uint64_t ws_machine_serial_dropped(const struct ws_machine *machine);

/* A cell of the VGA's text screen: a character of code page 437; its colours, of the background in
 * the upper four bits. */
struct ws_text_cell {
    uint8_t character;
    uint8_t attribute;
};
enum { WS_TEXT_COLUMNS = 80, WS_TEXT_ROWS = 25 };

/* Copy a row of the text screen; `row` is below WS_TEXT_ROWS, *cells has WS_TEXT_COLUMNS. */
void ws_machine_text_row(const struct ws_machine *machine, unsigned row, struct ws_text_cell *cells);
/* Where its cursor is; false: outside. */
bool ws_machine_text_cursor(const struct ws_machine *machine, unsigned *row, unsigned *column);

/*
 * Send bytes to the guest's COM1.  They come in as fast as its divisor lets them, from this mark on, and wait while its
 * receiver is full.  They are kept with their mark: a machine that is put back to a snapshot receives them again by
 * itself.  But this call makes the machine forget all that was sent at later marks than the present one, even if `size`
 * is 0.  WS_OK or WS_NO_MEMORY.
 */
enum ws_status ws_machine_serial_input(struct ws_machine *machine, const void *bytes, size_t size);

/*
 * Type on the keyboard, of a PC with a US layout: for each character its key is pressed and released, with Shift or
 * Ctrl where needed; 27 is Esc, 9 Tab, 8 or 127 Backspace, 10 or 13 Enter, other control characters Ctrl and a letter.
 * What has no key there is left out.  The keys come in from this mark on, as fast as the guest reads them and a
 * keyboard sends, once it waits for keys: with interrupts on and IRQ 1 not masked, or by looking at port 0x64 again and
 * again.  They are kept as those of ws_machine_serial_input() are.  WS_OK or WS_NO_MEMORY.
 */
enum ws_status ws_machine_type(struct ws_machine *machine, const char *text, size_t bytes);

/* A 64-bit hash of the state, which decides the future: registers, RAM, devices, what was written to
 * the disk, pending interrupts, the mark; and of what the guest has sent on COM1.  Input that has not reached the guest
 * is not in it. */
uint64_t ws_machine_hash(const struct ws_machine *machine);

/* name, what it is called: what belongs to a machine besides CPU and RAM */
#define WS_PART_TABLE(X)                     \
    X(PIC, "interrupt controllers")          \
    X(PIT, "timer")                          \
    X(UART, "serial port")                   \
    X(SYSTEM_PORTS, "system ports")          \
    X(KEYBOARD, "keyboard controller")       \
    X(DEBUG_EXIT, "debug exit port")         \
    X(ATA, "disk controller")                \
    X(RTC, "clock")                          \
    X(VGA, "text screen's controller")       \
    X(NMI_PORTS, "NMI ports")                \
    X(POWER_PORTS, "power ports")            \
    X(LOCAL_APIC, "local APIC")              \
    X(IO_APIC, "I/O APIC")                   \
    X(PCI, "PCI configuration")              \
    X(BUS_MASTER, "disk's bus master")       \
    X(FW_CFG, "firmware configuration")      \
    X(NMI_LINE, "NMI line")                  \
    X(INPUT, "input taken")                  \
    X(UNKNOWN_PORTS, "ports without a chip") \
    X(NO_MEMORY, "pages without memory")     \
    X(DISK, "disk content")                  \
    X(OUTPUT, "serial output")

enum ws_part {
#define WS_PART_ENUM(name, text) WS_PART_##name,
    WS_PART_TABLE(WS_PART_ENUM)
#undef WS_PART_ENUM
        WS_PART_COUNT
};

/* The line of the interrupt controllers, 0 to 15, to which the guest has given this vector; -1: none. */
int ws_machine_irq(const struct ws_machine *machine, uint8_t vector);
/* Is it in service: acknowledged by the CPU, and no EOI came for it?  `irq` is below 16; 2 is the slave's line. */
bool ws_machine_irq_serves(const struct ws_machine *machine, unsigned irq);
/* The vector of such a line; `irq` is below 16. */
uint8_t ws_machine_irq_vector(const struct ws_machine *machine, unsigned irq);

/* The machine sleeps, and nothing will wake it: append why, one line about its state now.  Otherwise nothing. */
void ws_machine_sleep_explain(const struct ws_machine *machine, struct ws_buffer *out);
/* The guest waits without hlt, and no interrupt came: append why, one line about its state now. */
void ws_machine_interrupts_explain(const struct ws_machine *machine, struct ws_buffer *out);

/* Append how the chips are now, in words: for each chip a line with its name, then lines that begin with blanks: what
 * its interrupt controllers have requested, in service and masked; when the timer and the disk will be done. */
void ws_machine_devices_describe(const struct ws_machine *machine, struct ws_buffer *out);

/* "timer" and so on; a constant. */
const char *ws_part_name(enum ws_part part);

/* A hash of one part only, and of one page of RAM, numbered from physical address 0. */
uint64_t ws_machine_part_hash(const struct ws_machine *machine, enum ws_part part);
uint64_t ws_machine_page_hash(const struct ws_machine *machine, uint32_t page);

/* -- building ------------------------------------------------------------------------------------------ */

/* Where and with what a multiboot loader would start the guest: EIP, EAX, EBX; ESP is in low memory.  Only before the
 * first instruction: afterwards it is WS_BAD_ARGUMENT, for then only the guest changes its registers. */
enum ws_status ws_machine_start(struct ws_machine *machine, uint32_t eip, uint32_t eax, uint32_t ebx);
/* The same for the loader of a Linux kernel: EIP, and ESI with the zero page's address; CS is 0x10, the data segments
 * are 0x18, both flat and in the GDT.  Documentation/arch/x86/boot.rst "32-bit BOOT PROTOCOL" */
enum ws_status ws_machine_start_linux(struct ws_machine *machine, uint32_t eip, uint32_t zero_page);

/* -- the disk ---------------------------------------------------------------------------------- */

/*
 * Put a disk on the primary ATA channel: the content of a file, or of memory, which is copied.  The
 * guest's writes stay in the machine, as part of its state: they come and go with snapshots.  Only
 * ws_machine_disk_save() writes them to a file, and never to one that was attached as `throwaway`.
 * The file is locked (flock) until the machine is freed: if it can be saved, against all other machines; else against
 * those that could save it.  A save of it that was interrupted by a crash is finished, or undone, first.
 * WS_OK, WS_BAD_FILE (errno says why; EBUSY: another machine has locked it), WS_BAD_ARGUMENT (empty, or more than
 * 128 GiB; there is a disk already; the machine has run), WS_NO_MEMORY.
 */
enum ws_status ws_machine_disk_attach(struct ws_machine *machine, const char *path, bool throwaway);
enum ws_status ws_machine_disk_attach_memory(struct ws_machine *machine, const void *bytes, size_t size);

/* Whole sectors of 512 bytes; 0: there is no disk. */
uint64_t ws_machine_disk_bytes(const struct ws_machine *machine);

/* Copy sectors as the guest would read them now.  WS_OK, WS_BAD_ARGUMENT (range), WS_BAD_FILE. */
enum ws_status ws_machine_disk_read(const struct ws_machine *machine, uint32_t sector, void *out, uint32_t sectors);

/* Write what the guest has changed to the attached file: all, or nothing if the host fails in the midst (the next
 * attachment of the file sees to that).  It stays the same file, as sparse and as large as it was; but if the guest has
 * written to a last sector of which the file had only a part, the file gets all of it.  If the guest has changed
 * nothing, or the disk is not for keeping, nothing is done.
 * WS_OK, WS_BAD_FILE (errno says why), WS_NO_MEMORY. */
enum ws_status ws_machine_disk_save(struct ws_machine *machine);

/* -- listening ----------------------------------------------------------------------------------------- */

/* Call `listener` for the events in `kinds` (WS_EVENT_MASK bits).  A kind without a listener costs nothing.
 * WS_OK or WS_NO_MEMORY. */
enum ws_status ws_machine_listen(struct ws_machine *machine, uint32_t kinds, ws_event_listener *listener,
                                 void *context);
/* Call `listener`, which listens already with this context, for these kinds from now on.  A listener may do so while it
 * is called: one that needs WS_EVENT_INSTRUCTION for a short time only lets the machine run at full speed else. */
void ws_machine_listen_to(struct ws_machine *machine, uint32_t kinds, ws_event_listener *listener, void *context);
/* Undo all such calls for this listener with this context. */
void ws_machine_unlisten(struct ws_machine *machine, ws_event_listener *listener, void *context);

/* -- snapshots ----------------------------------------------------------------------------------------- */

struct ws_snapshot;

/* Save the whole state.  Pages of RAM that have not changed since the last snapshot was taken or restored are shared
 * with it; each snapshot can be freed by itself.  The caller owns *out.  WS_OK or WS_NO_MEMORY. */
enum ws_status ws_snapshot_take(struct ws_snapshot **out, struct ws_machine *machine);
/* Put the machine it was taken from back to it.  The serial output is put back too; serial input,
 * listeners and breakpoints stay.  If there is no memory for the output, ws_machine_failure() says so. */
void ws_snapshot_restore(const struct ws_snapshot *snapshot, struct ws_machine *machine);
uint64_t ws_snapshot_mark(const struct ws_snapshot *snapshot);
/* Bytes of memory that only this snapshot holds. */
size_t ws_snapshot_bytes(const struct ws_snapshot *snapshot);
void ws_snapshot_free(struct ws_snapshot *snapshot);

/* -- saved states -------------------------------------------------------------------------------------- */

/*
 * A state as bytes, which outlive the process: registers (the hidden parts of segment registers, x87, SSE and model-
 * specific ones too), chips, and what has changed since `since`, an earlier snapshot of this run: pages of RAM and of
 * the disk, what COM1 has sent.  Nothing of it depends on the engine.  What *out held is lost.  WS_OK or WS_NO_MEMORY.
 */
enum ws_status ws_machine_save(const struct ws_machine *machine, const struct ws_snapshot *since,
                               struct ws_buffer *out);
/*
 * The inverse, for a machine of the same memory and disk that is in the state of `since`; it may have executed nothing,
 * or have been brought there by this call.  Serial input, listeners and breakpoints stay.
 * WS_OK, WS_BAD_IMAGE (damaged, or saved since another mark), WS_UNSUPPORTED (saved by a build whose chips have other
 * parts, or whose engine has registers that this one has not), WS_NO_MEMORY.  Unless it is WS_OK the machine is good
 * for nothing but ws_snapshot_restore().
 */
enum ws_status ws_machine_load(struct ws_machine *machine, const void *bytes, size_t size);

#endif
