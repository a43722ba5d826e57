/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forwarding, fed with made-up events: each story is a word of letters, and what must be recognized in it stands beside
 * it.  So does what is almost a path, with one thing wrong.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/exception.h>

#include "watch/forward.h"

Suite *forward_suite(void);

enum { HOST_IDT = 0x1000, VMM_IDT = 0x2000, PROCESS = 0x11000, ESP = 0x9000 };
/* Page directories: of VM 1, and, larger by SECOND, of VM 2, whose tables are at the same linear addresses. */
enum { VMX = 0x10000, VMM = 0x20000, SECOND = 0x100000 };

static struct ws__forwarder forwarder;
static uint64_t mark;
static uint32_t vm;   /* 0, or SECOND */
static char told[64]; /* the names of the steps that the listener heard of */

static const char *world_of(uint32_t cr3)
{
    return cr3 == VMM ? "vmm1" : cr3 == VMM + SECOND ? "vmm2" : "host";
}

static struct ws__forward_sight sight_in(uint32_t cr3)
{
    bool vmm = cr3 % SECOND == VMM;
    return (struct ws__forward_sight){.mark = mark + 1,
                                      .linear = 0x500,
                                      .cr3 = cr3,
                                      .idt = vmm ? VMM_IDT : HOST_IDT,
                                      .world = world_of(cr3),
                                      .process = cr3 % SECOND == VMX ? "vmx" : ""};
}

static void vector(uint32_t cr3, enum ws_origin origin, unsigned which, unsigned cpl)
{
    struct ws__forward_sight sight = sight_in(cr3);
    struct ws_event event = {.kind = WS_EVENT_VECTOR,
                             .mark = mark,
                             .linear = 0x400,
                             .which = which,
                             .esp = ESP,
                             .cpl = (uint8_t)cpl,
                             .origin = (uint8_t)origin};
    ws__forwarder_vector(&forwarder, &event, &sight);
}

static void back(uint32_t cr3, unsigned ring, uint32_t esp)
{
    struct ws__forward_sight sight = sight_in(cr3);
    struct ws_event event = {.kind = WS_EVENT_RETURN, .mark = mark, .linear = 0x400, .which = ring, .esp = esp};
    ws__forwarder_return(&forwarder, &event, &sight);
}

static void cross(uint32_t from, uint32_t to)
{
    struct ws_crossing crossing = {.kind = WS_CROSSING_WORLD, .begin = mark, .end = mark + 45};
    crossing.before.value[WS_CR3] = from;
    crossing.after.value[WS_CR3] = to;
    crossing.before.value[WS_IDTR_BASE] = from % SECOND == VMM ? VMM_IDT : HOST_IDT;
    crossing.after.value[WS_IDTR_BASE] = to % SECOND == VMM ? VMM_IDT : HOST_IDT;
    strcpy(crossing.from, world_of(from));
    strcpy(crossing.to, world_of(to));
    ws__forwarder_switch(&forwarder, &crossing);
}

/* What happens, by letter; each at a mark ten behind the last one's. */
/* clang-format off */
static void happen(char letter)
{
    if (letter == '1' || letter == '2') { /* of which VM the next ones are */
        vm = letter == '2' ? SECOND : 0;
        return;
    }
    mark += 10;
    switch (letter) {
    case 'e': vector(VMM + vm, WS_ORIGIN_EXTERNAL, 46, 1); break;  /* an interrupt while the VM runs */
    case 't': vector(VMM + vm, WS_ORIGIN_EXCEPTION, 13, 1); break; /* the VM traps */
    case 'f': vector(VMM + vm, WS_ORIGIN_EXCEPTION, 14, 0); break; /* the VMM itself does */
    case 'u': back(VMM + vm, 1, 0); break;                         /* back into the VM */
    case 'k': back(VMM + vm, 0, 0); break;                         /* back into the VMM */
    case '>': cross(VMM + vm, VMX + vm); break;
    case '<': cross(VMX + vm, VMM + vm); break;
    case 'i': vector(VMX + vm, WS_ORIGIN_SOFTWARE, 46, 0); break;  /* int, in the driver */
    case 'j': vector(VMX + vm, WS_ORIGIN_SOFTWARE, 32, 0); break;  /* another one */
    case 'h': back(VMX + vm, 0, ESP + 12); break;                  /* the handler returns */
    case 'n': back(VMX + vm, 0, ESP); break;                       /* one inside of it does */
    case 'r': back(VMX + vm, 3, 0); break;                         /* to the VMX */
    case 'p': back(PROCESS, 3, 0); break;                          /* to another process */
    case 's': vector(VMX + vm, WS_ORIGIN_SOFTWARE, 128, 3); break; /* the VMX's system call */
    case 'q': vector(PROCESS, WS_ORIGIN_SOFTWARE, 128, 3); break;
    case 'x': vector(VMX + vm, WS_ORIGIN_EXTERNAL, 46, 3); break;  /* an interrupt in the host */
    default: ck_abort_msg("no such letter: %c", letter);
    }
}
/* clang-format on */

static void step_hear(void *context, const struct ws_forward_path *path, unsigned step)
{
    (void)context;
    ck_assert_uint_lt(step, path->steps);
    strcat(told, ws_forward_step_name((enum ws_forward_kind)path->kind, step));
    strcat(told, " ");
}

static void setup(void)
{
    memset(&forwarder, 0, sizeof forwarder);
    forwarder.listener = step_hear;
    mark = 0;
    vm = 0;
    told[0] = '\0';
}

static const struct {
    const char *name, *story, *told;
    unsigned interrupts, requests;
} row[] = {
    {"an interrupt", "<e>ihr", "i ii iii iv v ", 1, 0},
    {"one after another", "<e>ihrs<e>ihr", "i ii iii iv v i ii iii iv v ", 2, 0},
    {"others run before the VMX", "<e>ihpqpr", "i ii iii iv v ", 1, 0},
    {"handlers inside the handler", "<e>innhr", "i ii iii iv v ", 1, 0},
    {"the run ends in the handler", "<e>i", "i ii iii iv ", 0, 0},
    {"a request", "<t>rss<", "1 2 3 4 5 6 ", 0, 1},
    {"the VMX makes one call only", "<t>rs<", "1 2 3 4 5 6 ", 0, 1},
    {"the VMX makes many, and others run", "<t>rspqprsxrs<", "1 2 3 4 5 6 ", 0, 1},
    {"the VMM faults while it handles the trap", "<tfk>rss<", "1 2 3 4 5 6 ", 0, 1},
    {"a trap that the VMM could handle, then an interrupt", "<tue>ihr", "i ii iii iv v ", 1, 0},
    {"the VM was gone on when the switch came", "<eu>ihr", "", 0, 0},
    {"another vector is raised", "<e>jhr", "", 0, 0},
    {"no vector is raised", "<e>r", "", 0, 0},
    {"raised without an order", "<t>ihrs<", "", 0, 0},
    {"raised too late", "<e>rsihr", "", 0, 0},
    {"the handler does not return to the driver", "<e>ir", "i ii iii iv ", 0, 0},
    {"the driver does not return to the VMX", "<t>ss<", "", 0, 0},
    {"no call leads back", "<t>r<", "", 0, 0},
    {"an interrupt in the host, then a switch to the VMM", "<t>rx<", "", 0, 0},
    {"a switch that nothing caused", ">ihr", "", 0, 0},
    {"another VM is interrupted before the VMX runs", "<e>ih2r<e>ih1r2r", "i ii iii iv i ii iii iv v v ", 2, 0},
    {"another VM asks while the VMX sleeps", "<t>rs2r<t>rss<1s<", "1 2 3 4 5 6 1 2 3 4 5 6 ", 0, 2},
    {"an interrupt of one VM, raised in the ioctl of another", "<e>2i1hr", "", 0, 0},
    {"a VM that is gone", "<t>rs2<1>", "", 0, 0},
};

START_TEST(story)
{
    for (const char *letter = row[_i].story; *letter; letter++)
        happen(*letter);
    ck_assert_msg(strcmp(told, row[_i].told) == 0, "%s: heard \"%s\" instead of \"%s\"", row[_i].name, told,
                  row[_i].told);
    ck_assert_msg(forwarder.count[WS_FORWARD_INTERRUPT] == row[_i].interrupts, "%s: %u interrupts", row[_i].name,
                  (unsigned)forwarder.count[WS_FORWARD_INTERRUPT]);
    ck_assert_msg(forwarder.count[WS_FORWARD_REQUEST] == row[_i].requests, "%s: %u requests", row[_i].name,
                  (unsigned)forwarder.count[WS_FORWARD_REQUEST]);
}
END_TEST

static void marks_expect(enum ws_forward_kind kind, const uint64_t *wanted)
{
    const struct ws_forward_path *path = &forwarder.last[kind];
    for (unsigned step = 0; step < path->steps; step++)
        ck_assert_msg(path->step[step].mark == wanted[step], "step %s: mark %u, wanted %u",
                      ws_forward_step_name(kind, step), (unsigned)path->step[step].mark, (unsigned)wanted[step]);
}

START_TEST(interrupt_told)
{
    const struct ws_forward_path *path = &forwarder.last[WS_FORWARD_INTERRUPT];
    for (const char *letter = "<e>ihpr"; *letter; letter++)
        happen(*letter);
    marks_expect(WS_FORWARD_INTERRUPT, (const uint64_t[]){20, 30, 40, 41, 70});
    ck_assert_uint_eq(path->steps, 5);
    ck_assert_uint_eq(path->vector, 46);
    ck_assert_uint_eq(path->handled, 50);
    ck_assert_uint_eq(path->end, 70);
    ck_assert_str_eq(path->vmm, "vmm1");
    ck_assert_str_eq(path->host, "host");
    ck_assert_str_eq(path->vmx, "vmx");
    ck_assert_str_eq(path->step[0].world, "vmm1");
    ck_assert_str_eq(path->step[2].world, "host");
    ck_assert_str_eq(path->step[2].process, "vmx");
    ck_assert_uint_eq(path->step[2].linear, 0x400);
    ck_assert_uint_eq(path->step[3].linear, 0x500);
}
END_TEST

START_TEST(request_told)
{
    const struct ws_forward_path *path = &forwarder.last[WS_FORWARD_REQUEST];
    for (const char *letter = "<t>rsqss<"; *letter; letter++)
        happen(*letter);
    marks_expect(WS_FORWARD_REQUEST, (const uint64_t[]){20, 30, 40, 50, 80, 90});
    ck_assert_uint_eq(path->vector, 13);
    ck_assert_uint_eq(path->calls, 3);
    ck_assert_uint_eq(path->end, 90 + 44);
    for (const char *letter = "t>rs<"; *letter; letter++)
        happen(*letter);
    marks_expect(WS_FORWARD_REQUEST, (const uint64_t[]){100, 110, 120, 0, 130, 140});
    ck_assert_uint_eq(path->calls, 1);
}
END_TEST

Suite *forward_suite(void)
{
    Suite *suite = suite_create("forward");
    TCase *made_up = tcase_create("made-up events");
    tcase_add_checked_fixture(made_up, setup, NULL);
    tcase_add_loop_test(made_up, story, 0, (int)(sizeof row / sizeof row[0]));
    tcase_add_test(made_up, interrupt_told);
    tcase_add_test(made_up, request_told);
    suite_add_tcase(suite, made_up);
    return suite;
}
