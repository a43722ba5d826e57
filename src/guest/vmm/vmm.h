/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMM.  It lives in a world of its own, of which hosted.h has the picture, and lets one virtual
 * machine run in the rings below it:
 *
 *   the VM's ring    the CPU's    how
 *   0                1            translated
 *   1, 2             2            one instruction at a time, or emulated
 *   3                3            directly; like the former two if its flags are unusual: translator/enter.c
 *
 *   vectors.S     ways in and out
 *   main.c        what is done about each vector; the virtual CPU's beginning
 *   host.c        requests to the host; giving the VM up
 *   decode.c      the bytes of an instruction → struct instruction
 *   emulate.c     one table, opcode → handler; the handlers
 *   emulate_far.c handlers of far transfers: where ring 1 would show
 *   emulate_io.c  handlers of in and out
 *   emulate_quiet.c  handlers of what ring 1 would get wrong without a trap, and of loads of segment registers
 *   memory.c      the VM's memory as its instructions see it: segment, page, window
 *   walk.c        the VM's page tables
 *   shadow.c      the tables that the CPU uses in their place
 *   trace.c       writes to what shadows are made of
 *   segments.c    the VM's descriptors → shadow descriptors, truncated; what a segment allows
 *   debug.c       the VM's debug registers, and its single step
 *   specific.c    its model-specific registers
 *   deliver.c     exceptions and interrupts through the VM's IDT
 *   translator/   the VM's ring 0 as copies in which what ring 1 gets wrong is replaced
 *   ports.c pic.c pit.c serial.c ata.c   the virtual chips
 */
#ifndef WS_GUEST_VMM_H
#define WS_GUEST_VMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/exception.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>
#include <worldswitch/segment.h>

#include "guest/hosted.h"
#include "guest/shared/chips.h"
#include "guest/shared/cpu.h"
#include "guest/shared/memory.h"
#include "guest/shared/tables.h"
#include "guest/shared/text.h"

enum { TABLE_ENTRIES = 1024, FLAG_DF = 0x400, DR6_STEP = 0x4000 };

enum shadow { SHADOW_NONE, SHADOW_STI /* interrupts */, SHADOW_SS /* these, and #DB */ };

/* The virtual CPU: what the VM believes.  Its general registers, EIP, ESP and its selectors are in `frame`; CS and SS
 * have the VM's own RPL. */
struct vcpu {
    struct ws_trap_frame *frame; /* as it was interrupted; valid until the VM runs again */
    uint32_t flags;              /* IF and IOPL as the VM believes them; WS_EFLAGS_IF, WS_EFLAGS_IOPL */
    uint32_t cr0, cr2, cr3, cr4;
    uint32_t dr[8];
    uint16_t ldtr, tr;
    struct ws_cross_table ldt, task;  /* what these two name, linear */
    struct ws_cross_table gdtr, idtr; /* linear, the VM's */
    uint32_t deaf;                    /* interrupts of the host since IF is off and nothing trapped */
    uint8_t shadow;                   /* enum shadow: what the last instruction keeps away until the next one is over */
    bool resume;                      /* EFLAGS.RF: no breakpoint on the next instruction */
    uint32_t pending;                 /* bits of DR6: a #DB that is due between two instructions */
    uint32_t fault_vector;            /* what a function that returned false wants the VM to get */
    uint32_t fault_error;
    struct hosted_counters counters;
};

extern struct vcpu vcpu;

static inline const struct vmm_boot *boot(void)
{
    return (const struct vmm_boot *)HOSTED_VMM_BOOT;
}

/* The VM's ring, and the CPU's for it. */
static inline unsigned vcpu_ring(void)
{
    return vcpu.frame->cs & WS_SELECTOR_RPL;
}

static inline unsigned real_ring(unsigned ring)
{
    return ring == 0 ? 1 : ring == 3 ? 3 : 2;
}

static inline unsigned vcpu_iopl(void)
{
    return (vcpu.flags & WS_EFLAGS_IOPL) >> 12;
}

/* -- main.c, vectors.S ------------------------------------------------------------------------- */

void vmm_main(struct ws_trap_frame *frame);
/* Time has passed, something may have been typed: do the virtual chips ask for an interrupt? */
void chips_update(void);
/* For functions that return false: what the VM is to get instead. Returns false. */
bool fault_set(uint32_t vector, uint32_t error);

/* -- host.c ------------------------------------------------------------------------------------ */

/* Ask the host, come back with its answer. */
uint32_t host_call(uint32_t request, uint32_t argument);
/* The last request, with its text: a format and its values as in text.h. */
_Noreturn void vm_end(uint32_t request, uint32_t argument, const char *format, ...);
/* Give the VM up; the text is a sentence. */
#define vm_stop(...) vm_end(HOSTED_STOPPED, 0, __VA_ARGS__)

/* -- decode.c ---------------------------------------------------------------------------------- */

enum { INSTRUCTION_BYTES = 15, SEGMENT_NONE = 6 };
enum segment { SEGMENT_ES, SEGMENT_CS, SEGMENT_SS, SEGMENT_DS, SEGMENT_FS, SEGMENT_GS };

struct instruction {
    uint8_t length;
    uint16_t opcode; /* 0x0f.. for those of two bytes */
    uint8_t segment; /* the override, or SEGMENT_NONE */
    uint8_t repeat;  /* 0, 0xf2, 0xf3 */
    bool operand_16, address_16;
    uint8_t mod, reg, rm, sib;
    uint32_t displacement;
    uint32_t immediate;
};

/* Instructions: a range of opcodes, and with which `reg` of the modrm byte, a bit for each. */
struct opcodes {
    uint16_t first, last;
    uint8_t regs;
};

static inline bool is_among(const struct instruction *in, const struct opcodes *these)
{
    return in->opcode >= these->first && in->opcode <= these->last && these->regs >> in->reg & 1;
}

enum { ANY_REG = 0xff };

enum decoded { DECODED, DECODE_UNKNOWN, DECODE_SHORT };

/* Take `count` bytes apart.  DECODE_SHORT: the instruction has more of them. */
enum decoded decode(struct instruction *in, const uint8_t *bytes, unsigned count);
/* Fetch and decode the instruction at a linear address, without marks in page tables.  false: there
 * is none, or one that decode.c does not know. */
bool decode_at(uint32_t linear, struct instruction *in);
/* A general register of the VM. */
uint32_t *register_at(unsigned number);
/* The offset and segment of the memory operand. */
uint32_t operand_offset(const struct instruction *in, enum segment *segment);

/* -- emulate*.c -------------------------------------------------------------------------------- */

/* Do what the instruction at EIP would have done in the VM's ring, or give the VM the fault that it deserves. */
void emulate(void);
/* The same outside ring 0, if it is an instruction that another ring than the VM's gets wrong.  false: let the CPU do
 * it. */
bool emulate_user(void);
/* What translated code does about it: runs a copy; asks the VMM; asks, and nothing comes behind it in the unit. */
enum asking { ASKS_NOT, ASKS, ASKS_AND_ENDS };
enum asking emulate_asks(const struct instruction *in);
/* The real CR0's bits about the FPU become the VM's. */
void fpu_mirror(void);
/* Read the memory operand; or a word that may be in a register. false: the fault is set. */
bool operand_read(const struct instruction *in, void *to, unsigned bytes);
bool word_read(const struct instruction *in, uint16_t *word);
bool operand_write(const struct instruction *in, const void *from, unsigned bytes);
/* 2 or 4: the bytes of its operand. */
static inline unsigned operand_bytes(const struct instruction *in)
{
    return in->operand_16 ? 2 : 4;
}
enum { STACK_MOST = 40 };
/* Push values of so many bytes on the VM's stack, the first one lowest; or read them, from an offset in it.  All of
 * them, or false: the fault is set. */
bool stack_push(const uint32_t *values, unsigned count, unsigned bytes);
bool stack_read(uint32_t offset, uint32_t *values, unsigned count, unsigned bytes);
/* As popf and iret do it in that ring. */
void flags_load(uint32_t image, unsigned ring, unsigned bytes);
/* The far pointer that is the memory operand.  false: the fault is set. */
bool far_pointer_read(const struct instruction *in, uint32_t *offset, uint16_t *selector);
/* The register operand becomes that, as far as the operand is wide. */
void register_load(const struct instruction *in, uint32_t value);
/* SDM 1 §19.5.2 "I/O Permission Bit Map": may an outer ring use all of these ports? */
bool ports_permitted(const struct instruction *in);
/* Handlers of instructions.  false: the VM gets the fault that is set. */
typedef bool emulator(const struct instruction *in);
emulator emulate_int, emulate_pushf, emulate_popf, emulate_store_table, emulate_store_word, emulate_describe,
    emulate_push_segment, emulate_from_segment, emulate_to_segment, emulate_far_direct, emulate_far_indirect,
    emulate_iret, emulate_lret, emulate_port, emulate_port_string;

/* -- memory.c ---------------------------------------------------------------------------------- */

/* Copy between the VM's linear memory and the VMM's, as ring 0 of the VM does with its tables.  false: a page fault is
 * set. */
bool linear_read(uint32_t linear, void *to, unsigned bytes);
bool linear_write(uint32_t linear, const void *from, unsigned bytes);
/* The same through one of the VM's segment registers, as the VM's ring.  false: the fault that it deserves is set. */
bool segment_read(enum segment segment, uint32_t offset, void *to, unsigned bytes);
bool segment_write(enum segment segment, uint32_t offset, const void *from, unsigned bytes); /* NULL: may it be? */
/* Like linear_read, without any effect: how many bytes could be read. */
unsigned linear_peek(uint32_t linear, void *to, unsigned bytes);

/* -- walk.c ------------------------------------------------------------------------------------ */

enum { NO_FRAME = 0xffffffff };

struct walk {
    bool present;
    bool writable;                           /* by ring 0 of the VM */
    bool user, user_writable;                /* by its ring 3 */
    uint32_t frame;                          /* the page: its physical address in the VM, divided by 4096 */
    uint32_t table;                          /* the page table's frame, or NO_FRAME: there is none */
    uint32_t *directory_entry, *table_entry; /* in the window; NULL while paging is off */
};

void walk(uint32_t linear, struct walk *out);
/* The same for an access, as a CPU does it: accessed, and dirty if it is a write, are set.  false: a page fault
 * is. */
bool walk_access(uint32_t linear, bool write, bool user, struct walk *out);
/* A frame of the VM's memory in the window, where it stays until so many others came, and its number in the machine.
 * Where the VM has no memory, it finds ones. */
void *frame_window(uint32_t frame);
uint32_t frame_machine(uint32_t frame);
bool paging_on(void);

/* -- shadow.c ---------------------------------------------------------------------------------- */

/* A page fault of the VM.  false: it is the VM's own, and set. */
bool shadow_fault(uint32_t linear, uint32_t error);
/* Forget everything; or the directory, which is another one now; or one page. */
void shadow_flush(void);
void shadow_switch(void);
void shadow_invalidate(uint32_t linear);
/* Take write access to a frame away everywhere. */
void shadow_protect(uint32_t frame);
/* Drop what no longer follows from these bytes of the VM's table, or directory, in that frame. */
void shadow_sync(uint32_t frame, uint32_t from, uint32_t to);

/* -- trace.c ----------------------------------------------------------------------------------- */

enum { TRACE_TABLE = 1, TRACE_DIRECTORY = 2, TRACE_GDT = 4, TRACE_CODE = 8, TRACE_CODE_TABLE = 16 };

/* NO_FRAME, and where the VM has no memory: nothing. */
void trace_set(uint32_t frame, uint8_t why);
void trace_clear(uint32_t frame, uint8_t why);
bool traced(uint32_t frame);
/* The VM writes to a traced frame, at that linear address: let it, for one instruction. */
void trace_step(uint32_t frame, uint32_t linear);
/* The instruction is over, or did not happen. */
void trace_step_end(void);
/* Is there one that is not over? */
bool trace_stepping(void);
/* There was a write to these bytes of the frame, the VM's or the VMM's on its behalf; `to` is behind the last one. */
void trace_written(uint32_t frame, uint32_t from, uint32_t to);

/* -- segments.c -------------------------------------------------------------------------------- */

/* SDM 3A §3.4.5 "Segment Descriptors" */
union descriptor {
    uint64_t whole;
    struct {
        uint16_t limit_low, base_low;
        uint8_t base_middle, access, flags, base_high;
    };
};

enum {
    NOT_SYSTEM = 0x10, /* in the access byte, with the type below, DPL and P above */
    DPL = 0x60,
    DPL_SHIFT = 5,
    PRESENT = 0x80,
    BIG = 0x40, /* in the byte of flags */
    GRANULAR = 0x80
};

static inline uint32_t base_of(union descriptor from)
{
    return from.base_low | (uint32_t)from.base_middle << 16 | (uint32_t)from.base_high << 24;
}

static inline uint32_t limit_of(union descriptor from)
{
    uint32_t limit = from.limit_low | (from.flags & 15u) << 16;

    return from.flags & GRANULAR ? limit << 12 | 0xfff : limit;
}

static inline unsigned dpl_of(union descriptor from)
{
    return (from.access & DPL) >> DPL_SHIFT;
}

static inline bool is_code(union descriptor from)
{
    return (from.access & WS_TYPE_CODE) != 0;
}

/* Is it a system segment of one of these types?  There is a bit for each. */
static inline bool is_system(union descriptor from, unsigned types)
{
    return !(from.access & NOT_SYSTEM) && types >> (from.access & 15) & 1;
}

void segments_init(void);
/* Make the shadow descriptors anew from the VM's GDT. */
void segments_sync(void);
/* The same if the page tables lead to another place now. */
void segments_moved(void);
/* Is the VM's descriptor on a page that is there?  false: the fault is set. */
bool segment_reachable(uint16_t selector);
/* Stops the VM if the VMM cannot give it what the selector names. */
void segment_refuse(uint16_t selector);
/* The descriptor of translated code's GS is in the table only while it is loaded: the way to the VM takes it out
 * again, and so no selector of the VM's finds it. */
void segment_words_show(void);
/* The VM's own descriptor, as it stands in its table. false: there is none. */
bool segment_guest_descriptor(uint16_t selector, union descriptor *found);
/* The descriptor of a system segment of that type, for the CPU's register of such.  false: the fault is set. */
bool segment_system(uint16_t selector, unsigned type, union descriptor *found);
/* Where a TSS or a local table is, of which that is the descriptor. */
struct ws_cross_table segment_table(union descriptor from);
/* What the CPU has of a segment register's descriptor. */
union descriptor segment_descriptor(enum segment segment);
/* May it be loaded into DS, ES, FS, GS by the VM? */
bool segment_loadable(uint16_t selector);
/* The same; false: the fault is set. */
bool segment_data_check(uint16_t selector);
/* Will the CPU take it? */
bool segment_stands(uint16_t selector);
/* A segment register of the VM, and the selector in it. */
uint32_t *segment_register(enum segment segment);
uint16_t segment_selector(enum segment segment);
uint32_t segment_base(enum segment segment);
/* The linear address of so many bytes there.  false: the fault that the access deserves is set. */
bool segment_linear(enum segment segment, uint32_t offset, unsigned bytes, bool write, uint32_t *linear);
/* Is it code for CS; is it a stack for that ring of the VM?  false: the fault is set, for the stack `vector` if it is
 * the wrong one. */
bool segment_code_check(uint16_t selector);
bool segment_stack_check(uint16_t selector, unsigned ring, uint32_t vector);
/* Is that EIP within its limit?  false: the fault is set. */
bool segment_reaches(uint16_t selector, uint32_t eip);
/* Of a code segment: the VM's ring for which it is, and whether that is the caller's. */
unsigned segment_ring(uint16_t selector);
bool segment_conforms(uint16_t selector);
/* The VM is in an outer ring now: what is not for it leaves DS, ES, FS, GS. */
void segments_leave(void);
/* Load the VM's local table. false: the fault is set. */
bool segment_local_load(uint16_t selector);
/* All six selectors must be loadable, since the way to the VM loads them. */
void segments_check(void);

/* -- deliver.c --------------------------------------------------------------------------------- */

enum source { SOURCE_EXCEPTION, SOURCE_SOFTWARE, SOURCE_INTERRUPT };
void deliver(uint32_t vector, uint32_t error, enum source source);
/* For `int n`, EIP behind it.  false: a fault of that instruction is set. */
bool deliver_software(uint32_t vector);
/* stack_push() on the stack of an inner ring, which the VM's TSS names: SS and ESP become those.  false: nothing has
 * changed, and the fault is set, `external` in its error code. */
bool stack_push_inward(unsigned ring, uint32_t external, const uint32_t *values, unsigned count, unsigned bytes);

/* -- debug.c, specific.c ----------------------------------------------------------------------- */

/* #DB of the CPU, and what it was about. */
void debug(void);
/* The VM's #DB that is due.  Returns true if it must wait for the end of an instruction. */
bool debug_waits(void);
/* Bits of DR6: which breakpoints are on an instruction there? */
uint32_t breakpoint_at(uint32_t linear);
/* The VMM accesses these bytes, or ports, for the VM. */
enum breakpoint_access { ACCESS_READ, ACCESS_WRITE, ACCESS_PORT };
void breakpoint_access(uint32_t linear, unsigned bytes, enum breakpoint_access how);
/* While the VM runs, the CPU watches for the VM. */
void breakpoints_load(void);
void breakpoints_unload(void);
emulator emulate_from_dr, emulate_to_dr, emulate_rdmsr, emulate_wrmsr;

/* -- translator/ ------------------------------------------------------------------------------- */

/* After a trap: the frame becomes the VM's, whatever translated code it came from. */
void code_leave(void);
/* Back to the VM's CS:EIP, for one instruction only if `step`.  false: something was delivered or emulated instead. */
bool code_enter(bool step);
/* The VM does not go on where it was stopped. */
void code_move(void);
/* Is the VM between two of its instructions?  And is the next one protected from interrupts? */
bool code_between(void);
bool code_protected(void);
/* Does translated code ask for the VMM?  Then it was answered. */
bool code_asks(void);
/* Forget all that was translated; or what no longer follows from that frame, or from the VM's page tables. */
void translator_forget(void);
void code_written(uint32_t frame, uint32_t from, uint32_t to);
void code_moved(void);

/* -- the virtual chips ------------------------------------------------------------------------- */

uint32_t port_in(uint16_t port, unsigned bytes);
void port_out(uint16_t port, uint32_t value, unsigned bytes);

typedef uint8_t chip_in(uint16_t port);
typedef void chip_out(uint16_t port, uint8_t value);
chip_in pic_in, pit_in, serial_in, ata_in;
chip_out pic_out, pit_out, serial_out, ata_out, exit_out; /* the last one, in host.c: the VM ends itself */

void pic_raise(unsigned irq);
void pic_lower(unsigned irq);
bool pic_pending(void);
uint8_t pic_acknowledge(void); /* the vector */

void pit_update(void); /* to mailbox.ticks */

void serial_update(void); /* to mailbox.typed */

uint16_t ata_data_in(void);
void ata_data_out(uint16_t value);

#endif
