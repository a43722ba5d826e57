/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ordinary small kernel, which takes no notice of a VMM: two processes in ring 3 that the timer takes turns from,
 * each with a page directory; a third one that tries what it may not.  Its ring 0 uses what ring 1 gets wrong, and
 * says what it saw.  Nothing that it prints depends on when an interrupt came.
 */
#include <worldswitch/exception.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>

#include "guest/shared/chips.h"
#include "guest/shared/console.h"
#include "guest/shared/cpu.h"
#include "guest/shared/memory.h"
#include "guest/shared/tables.h"
#include "ordinary.h"

enum { PROCESSES = 3, PAGES = 512 };
enum { RPL = 3, IF_IOPL = 0x3200 };

typedef uint32_t page[1024] __attribute__((aligned(4096)));

static struct process {
    page directory, table, memory, stack;
    struct ws_trap_frame frame;
    bool over;
} process[PROCESSES];

extern uint8_t user_begin[], user_end[], user_main[], user_attempts[], stack_top[];
_Noreturn void process_enter(struct ws_trap_frame *frame);
uint32_t far_here(void);
void ordinary_main(void);
void trap(struct ws_trap_frame *frame);

static struct gate idt[256];
static uint8_t gdt[0x38] __attribute__((aligned(8))), ldt[16] __attribute__((aligned(8))), tss[WS_TSS_BYTES];
static page low;
static unsigned current;

/* -- what ring 1 gets wrong -------------------------------------------------------------------- */

static uint32_t flags_now(void)
{
    uint32_t flags;

    __asm__ volatile("pushfl; popl %0" : "=r"(flags));
    return flags & IF_IOPL;
}

static void flags_show(void)
{
    uint32_t first = flags_now(), second, third;

    interrupts_on();
    second = flags_now();
    interrupts_restore(0x3002);
    third = flags_now();
    interrupts_restore(2);
    print("flags: %x, after sti %x, after popf %x, and back %x\n", first, second, third, flags_now());
    interrupts_restore(0x202);
    second = interrupts_off();
    print("cli: %x before, %x after\n", second & IF_IOPL, flags_now());
}

static void selectors_show(void)
{
    uint32_t cs, ss, gs, tr, local, cr0, rights, limit, pushed;
    uint8_t verified, unverified;

    __asm__ volatile("movl %%cs, %0; movl %%ss, %1; movl %%gs, %2" : "=r"(cs), "=r"(ss), "=r"(gs));
    print("cs %x, ss %x, gs %x, by a far call %x\n", cs, ss, gs, far_here());
    __asm__ volatile("str %0; sldt %1; smsw %2" : "=r"(tr), "=r"(local), "=r"(cr0));
    print("tr %x, ldtr %x, cr0 %x\n", tr & 0xffff, local & 0xffff, cr0 & 0xffff);
    __asm__ volatile("lar %2, %0; lsl %2, %1" : "=r"(rights), "=r"(limit) : "r"(CODE));
    print("code: rights %x, limit %x\n", rights & 0xfffeff, limit);
    __asm__ volatile("verr %w2; setz %0; verw %w3; setz %1" : "=q"(verified), "=q"(unverified) : "r"(DATA), "r"(CODE));
    __asm__ volatile("pushl %%cs; pushl %%ss; popl %0; addl %0, (%%esp); popl %0" : "=&r"(pushed));
    print("verr %u, verw of code %u, cs + ss %x\n", verified, unverified, pushed);
}

static void tables_show(void)
{
    struct ws_cross_table gdtr, idtr;

    __asm__ volatile("sgdt %0; sidt %1" : "=m"(gdtr), "=m"(idtr));
    print("gdtr is mine: %u, limit %x; idtr is mine: %u, limit %x\n", gdtr.base == (uint32_t)gdt, gdtr.limit,
          idtr.base == (uint32_t)idt, idtr.limit);
}

/* Code that is written, run, and written again. */
static void code_show(void)
{
    static uint8_t code[] __attribute__((aligned(16))) = {0xb8, 0, 0, 0, 0, 0xc3}; /* movl $0, %eax; ret */
    uint32_t sum = 0;

    for (uint32_t i = 1; i <= 100; i++) {
        *(volatile uint8_t *)&code[1] = (uint8_t)i;
        sum += ((uint32_t(*)(void))code)();
    }
    print("code that was written 100 times: %u\n", sum);
}

/* -- processes --------------------------------------------------------------------------------- */

/*
 *   0x40002000 ┌──────────────────┐ ◄── ESP
 *              │ stack, memory    │   each process's own
 *   0x40000000 ├──────────────────┤
 *              │ the first 2 MiB: │
 *              │ the kernel, and  │   the same for all
 *   0x00000000 └─its users' code──┘ ◄── EIP
 */
static void process_init(unsigned number, const uint8_t *eip)
{
    struct process *one = &process[number];

    one->directory[0] = (uint32_t)low | WS_PTE_P | WS_PTE_RW | WS_PTE_US;
    one->directory[PRIVATE >> 22] = (uint32_t)one->table | WS_PTE_P | WS_PTE_RW | WS_PTE_US;
    one->table[0] = (uint32_t)one->memory | WS_PTE_P | WS_PTE_RW | WS_PTE_US;
    one->table[1] = (uint32_t)one->stack | WS_PTE_P | WS_PTE_RW | WS_PTE_US;
    one->frame = (struct ws_trap_frame){
        .ds = USER_DATA,
        .es = USER_DATA,
        .eip = (uint32_t)eip,
        .cs = USER_CODE,
        .eflags = 0x202,
        .user_esp = USER_STACK,
        .user_ss = USER_DATA,
    };
}

static void paging_init(void)
{
    for (uint32_t i = 0; i < PAGES; i++)
        low[i] = i * WS_PAGE_BYTES | WS_PTE_P | WS_PTE_RW;
    for (uint32_t i = (uint32_t)user_begin / WS_PAGE_BYTES; i < (uint32_t)user_end / WS_PAGE_BYTES; i++)
        low[i] = i * WS_PAGE_BYTES | WS_PTE_P | WS_PTE_US;
    __asm__ volatile("movl %0, %%cr3" : : "r"(process[0].directory) : "memory");
    cr0_write(cr0_read() | 0x80010000);
}

/* The first two take turns; the third one comes when they are over. */
static _Noreturn void process_next(void)
{
    unsigned next = current < 2 ? 1 - current : 2;

    if (process[next].over)
        next = process[current].over ? 2 : current;
    current = next;
    process[next].memory[2]++; /* how many turns it has had */
    __asm__ volatile("movl %0, %%cr3" : : "r"(process[next].directory) : "memory");
    process_enter(&process[next].frame);
}

static void process_end(void)
{
    const struct process *one = &process[current];

    process[current].over = true;
    if (!process[0].over || !process[1].over)
        process_next();
    if (current < 2) {
        for (unsigned i = 0; i < 2; i++)
            print("process %u: counted %s, cs %x, flags %x\n", i,
                  process[i].memory[0] && process[i].memory[0] == process[i].memory[1] ? "right" : "wrong",
                  process[i].frame.edi, process[i].frame.esi & IF_IOPL);
        process_next();
    }
    print("process 2: tried %u things, flags %x\n", one->frame.ecx, one->frame.esi & IF_IOPL);
    print("done\n");
    machine_leave(0);
}

/* -- vectors ----------------------------------------------------------------------------------- */

static void fault(struct ws_trap_frame *frame)
{
    uint32_t cr2 = cr2_read();
    bool mine = cr2 >= (uint32_t)user_begin && cr2 < (uint32_t)user_end;

    print("process 2, attempt %u: vector %u, error %x, cs %x, ss %x", frame->ecx, frame->vector, frame->error_code,
          frame->cs & 0xffff, frame->user_ss & 0xffff);
    if (frame->vector == WS_VECTOR_PF)
        print(", cr2 %x", mine ? cr2 - (uint32_t)user_begin : cr2);
    print("\n");
    frame->eip = frame->ebx;
    frame->user_esp = USER_STACK;
    frame->ds = frame->es = USER_DATA;
}

void trap(struct ws_trap_frame *frame)
{
    if (frame->vector == VECTOR_IRQ + IRQ_TIMER) {
        irq_end(IRQ_TIMER);
        if ((frame->cs & RPL) != RPL || current == 2)
            return;
        process[current].frame = *frame;
        process_next();
    }
    if ((frame->cs & RPL) != RPL) {
        print("the kernel itself: vector %u, error %x, at %x\n", frame->vector, frame->error_code, frame->eip);
        machine_leave(1);
    }
    if (frame->vector == VECTOR_CALL) {
        process[current].frame = *frame;
        process_end();
    }
    fault(frame);
}

void ordinary_main(void)
{
    const struct ws_cross_table gdtr = {sizeof gdt - 1, (uint32_t)gdt}, idtr = {sizeof idt - 1, (uint32_t)idt};

    chips_init();
    print("an ordinary kernel\n");
    descriptor_put(gdt + CODE, 0, FLAT_LIMIT, FLAT_CODE);
    descriptor_put(gdt + DATA, 0, FLAT_LIMIT, FLAT_DATA);
    descriptor_put(gdt + (USER_CODE & ~RPL), 0, FLAT_LIMIT, FLAT_CODE | RING_3);
    descriptor_put(gdt + (USER_DATA & ~RPL), 0, FLAT_LIMIT, FLAT_DATA | RING_3);
    descriptor_put(gdt + TASK, (uint32_t)tss, sizeof tss - 1, SYSTEM_TASK);
    descriptor_put(gdt + LOCAL, (uint32_t)ldt, sizeof ldt - 1, SYSTEM_LOCAL);
    descriptor_put(ldt, PRIVATE, 0xfff, 0x40f3);
    idt_fill(idt, CODE);
    idt[VECTOR_CALL].type |= GATE_RING_3;
    idt[3].type |= GATE_RING_3;
    task_put(tss, DATA, (uint32_t)stack_top);
    tables_load(&gdtr, &idtr);
    flags_show();
    selectors_show();
    tables_show();
    code_show();
    process_init(0, user_main);
    process_init(1, user_main);
    process_init(2, user_attempts);
    paging_init();
    current = 1;
    process_next();
}
