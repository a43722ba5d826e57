/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How alike two sources are: what a copy may change without becoming another work, and what it may not. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lesson/alike.h"

static const char original[] = "# save all\n"
                               "switch:\n"
                               "    pushl %ebx\n"
                               "    pushl %esi\n"
                               "    pushl %edi\n"
                               "    pushl %ebp\n"
                               "    movl 20(%esp), %eax\n"
                               "    movl %esp, (%eax)\n"
                               "    movl 24(%esp), %ecx\n"
                               "    testl %ecx, %ecx\n"
                               "    jz 1f\n"
                               "    movl 4(%ecx), %edx\n"
                               "    movl %edx, %cr3\n"
                               "1:  movl (%ecx), %esp\n"
                               "    popl %ebp\n"
                               "    popl %edi\n"
                               "    popl %esi\n"
                               "    popl %ebx\n"
                               "    ret\n";

/* The same, as a student hands it in who has changed how it looks. */
static const char disguised[] = "/* my own work */\n"
                                "my_switch: pushl  %ebx ; pushl %esi\n"
                                "\tPUSHL %edi // and\n"
                                "    pushl %ebp; movl 0x14(%esp), %eax # where\n"
                                "    movl %esp, (%eax)\n\n\n"
                                "    movl 0x18(%esp), %ecx\n"
                                "    testl %ecx, %ecx\n"
                                "    jz none\n"
                                "    movl 4(%ecx), %edx\n"
                                "    movl %edx, %cr3\n"
                                "none:  movl (%ecx), %esp\n"
                                "    popl %ebp; popl %edi; popl %esi; popl %ebx; ret";

/* Another one that does the same. */
static const char other[] = "switch:\n"
                            "    movl 4(%esp), %ecx\n"
                            "    movl 8(%esp), %edx\n"
                            "    movl %ebp, 4(%ecx)\n"
                            "    movl %edi, 8(%ecx)\n"
                            "    movl %esi, 12(%ecx)\n"
                            "    movl %ebx, 16(%ecx)\n"
                            "    leal 4(%esp), %eax\n"
                            "    movl %eax, 20(%ecx)\n"
                            "    movl 24(%edx), %eax\n"
                            "    movl %eax, %cr3\n"
                            "    movl 20(%edx), %esp\n"
                            "    movl 4(%edx), %ebp\n"
                            "    movl 8(%edx), %edi\n"
                            "    movl 12(%edx), %esi\n"
                            "    movl 16(%edx), %ebx\n"
                            "    jmp *(%edx)\n";

static unsigned percent(const char *name, const char *left, const char *right, const char *starter)
{
    struct ws__prints one, two, base;
    ws__prints_of(&one, name, left, strlen(left));
    ws__prints_of(&two, name, right, strlen(right));
    ws__prints_all(&base, name, starter, strlen(starter));
    ws__prints_without(&one, &base);
    ws__prints_without(&two, &base);
    unsigned result = ws__prints_alike(&one, &two);
    ck_assert_uint_eq(result, ws__prints_alike(&two, &one));
    ck_assert(!one.failed && !two.failed);
    ws__prints_release(&one);
    ws__prints_release(&two);
    ws__prints_release(&base);
    return result;
}

START_TEST(sources)
{
    ck_assert_uint_eq(percent("switch.s", original, original, ""), 100);
    ck_assert_uint_eq(percent("switch.s", original, disguised, ""), 100);
    ck_assert_uint_lt(percent("switch.s", original, other, ""), 20);
    ck_assert_uint_eq(percent("switch.s", original, "", ""), 0);
    ck_assert_uint_eq(percent("switch.s", original, "nop\n", ""), 0);
}
END_TEST

/* A piece that was moved elsewhere is still found; what everyone was given does not count. */
START_TEST(pieces)
{
    static char twice[sizeof original + sizeof other];
    snprintf(twice, sizeof twice, "%s%s", other, original);
    ck_assert_uint_gt(percent("switch.s", twice, original, ""), 50);
    ck_assert_uint_eq(percent("switch.s", original, disguised, original), 0);
    ck_assert_uint_lt(percent("switch.s", twice, original, original), 20);
}
END_TEST

START_TEST(in_c)
{
    static const char one[] = "int sum(int *list, unsigned count)\n{\n    int all = 0;\n    for (unsigned i = 0; i < "
                              "count; i++)\n        all += list[i] * 3;\n    return all;\n}\n",
                      same[] =
                          "int total(int *p, unsigned n) { int s = 0x0; // none\n for (unsigned k = 0; k < n; k++) "
                          "s += p[k] * 3; return s; }",
                      another[] = "int sum(int *list, unsigned count)\n{\n    int *end = list + count, all = 0;\n    "
                                  "while (list != end)\n        all = all + 3 * *list++;\n    return all;\n}\n";
    ck_assert_uint_eq(percent("answer.c", one, same, ""), 100);
    ck_assert_uint_lt(percent("answer.c", one, another, ""), 60);
}
END_TEST

Suite *alike_suite(void)
{
    Suite *suite = suite_create("alike");
    TCase *tests = tcase_create("alike");
    tcase_add_test(tests, sources);
    tcase_add_test(tests, pieces);
    tcase_add_test(tests, in_c);
    suite_add_tcase(suite, tests);
    return suite;
}
