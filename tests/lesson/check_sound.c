/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sources are refused: every way of which we know to have another file read.
 */
#include <check.h>
#include <string.h>

#include "lesson/sound.h"

static const struct {
    const char *text;
    const char *why; /* how the reason begins; NULL: it is sound */
} assembler[] =
    {
        {"", NULL},
        {"switch: mov %eax, %ebx\n ret\n", NULL},
        {"# this includes nothing, whatever it \"includes\"\n", NULL},
        {".asciz \"a\\n\"\n", NULL},
        {".macro save r\n pushl \\r\n.endm\n", NULL},
        {".macro save r\n.L_\\r: pushl \\r\n.L_\\@: nop\n.endm\n", NULL},
        {".irp r, %eax, %ebx\n pushl \\r\n.endr\n", NULL},
        {"nop\n.incbin \"f\"\n", "2: \"incbin\" is not"},
        {".INCBIN \"f\"\n", "1: \"incbin\" is not"},
        {"a: .include \"f\"\n", "1: \".include\" is not"},
        {"nop;.Include \"f\"\n", "1: \".include\" is not"},
        {".altmacro\n", "1: \".altmacro\" is not"},
        {".mri 1\n include f\n", "1: \".mri\" is not"},
        {".macro m a\n .inc\\a \"f\"\n.endm\n m lude\n", "2: a macro's argument"},
        {".macro m a b\n \\a\\b \"f\"\n.endm\n m .inc, lude\n", "2: a macro's argument"},
        {".macro m a\n \\a\\()lude \"f\"\n.endm\n m .inc\n", "2: a macro's argument"},
        {".macro m a\n .\\a \"f\"\n.endm\n", "2: a macro's argument"},
        {".macro m a b\n nop \\a\\b\n.endm\n m \"; .inc\", \"lude\"\n", "2: a macro's argument"},
        {".irp d, clude\n .in\\d \"f\"\n.endr\n", "2: a macro's argument"},
        {".macro m\n .ascii \"\\n\"\n.endm\n", NULL},
        {".macro m\n .ascii \"a\\n\"\n.endm\n", "2: a macro's argument"},
        {".irep d, clude\n .in\\d \"f\"\n.endr\n", "2: a macro's argument"},
        {".irepc d, c\n .in\\d\\()lude \"f\"\n.endr\n", "2: a macro's argument"},
        {".rep 1\n .in\\d \"f\"\n.endr\n", "2: a macro's argument"},
        {"\".inc\"\"lude\" \"f\"\n", "1: a line may not begin"},
        {"nop\n\".alt\" \"macro\"\n", "2: a line may not begin"},
        {"a: \".alt\"\"macro\"\n", "1: a line may not begin"},
        {"nop; \".alt\"\"macro\"\n", "1: a line may not begin"},
        {"/* */ \".alt\"\"macro\"\n", "1: a line may not begin"},
        {".macro m x\n \\x\n.endm\n m \".alt\"\"macro\"\n", "4: two texts may not touch"},
        {".section .note, \"\", @progbits\n.ident \"\"\n", NULL},
        {".ascii \"say \\\"x\\\"\"\n.ascii \"\\\\\"\n", NULL},
        {"nop\n .ascii \"a\\\\\"\"b\"\n", "2: two texts may not touch"},
        {".asciz \"value: \"\n.asciz \"a/\", \"b;\"\n", NULL},
        {".macro load off\n movl \\off(%edx), %ecx\n.endm\n", "2: a macro's argument must stand alone: put a blank"},
        {".macro load off\n movl \\off (%edx), %ecx\n.endm\n", NULL},
        /* A comment in a word. */
        {"/* one */ nop /* two *//* three */\n/**/nop; /* four */\n", NULL},
        {"nop\n.inc/**/lude \"f\"\n", "2: put a blank before"},
        {".Inc/**/ LUDE \"f\"\n", "1: put a blank before"},
        {".inc/* a */\t/* b */lude \"f\"\n", "1: put a blank before"},
        {".inc/**/bin \"f\"\n", "1: put a blank before"},
        {"./**/include \"f\"\n", "1: put a blank before"},
        {".alt/**/macro\n", "1: put a blank before"},
        {".m/**/ri 1\n", "1: put a blank before"},
        {".section .gnu/**/.lto_.opts\n", "1: put a blank before"},
        {".mac/**/ro m a b\n \\a\\b \"f\"\n.endm\n m .inc, lude\n", "1: put a blank before"},
        {".ir/**/p d, lude\n .inc\\d \"f\"\n.endr\n", "1: put a blank before"},
        {".macro m a b\n \\a/**/\\b \"f\"\n.endm\n", "2: put a blank before"},
        {".macro m a b\n \\a\\()/**/\\b \"f\"\n.endm\n", "2: put a blank before"},
        {".inc/* over\n two lines */lude \"f\"\n", "1: put a blank before"},
        {"nop # \".inc/**/lude\"\n", "1: put a blank before"},
        {".section .gnu.lto_.opts\n", "1: \"gnu.lto\" is not"},
        {"a\001b\n", "1: the character 0x01"},
        {"nop\n\n\033[2J", "3: the character 0x1b"},
},
  c[] = {
      {"int f(void) { return 1; }\n", NULL},
      {"#define A 1\n#if A\nint f(void) { return A; }\n#endif\n", NULL},
      {"#include <stdio.h>\n", "1: behind \"#\""},
      {" # include \"f\"\n", "1: behind \"#\""},
      {"/* */ #include \"f\"\n", "1: behind \"#\""},
      {"#include_next <f>\n", "1: behind \"#\""},
      {"#import <f>\n", "1: behind \"#\""},
      {"#embed \"f\"\n", "1: behind \"#\""},
      {"#inc\\\nlude \"f\"\n", "1: \"\\\n"},
      {"#/**/include \"f\"\n", "1: behind \"#\""},
      {"%:include \"f\"\n", "1: \"%:\" is not"},
      {"?\?=include \"f\"\n", "1: \"?\?\" is not"},
      {"#pragma GCC pch_preprocess \"f\"\n", "1: behind \"#\""},
      {"_Pragma(\"x\")\n", "1: \"_pragma\" is not"},
      {"#if __has_include(\"/etc/passwd\")\n#endif\n", "1: \"__has_include\" is not"},
      {"__asm__(\".incbin \\\"f\\\"\");\n", "1: \"incbin\" is not"},
      {"#line 1 \"f\"\n", "1: behind \"#\""},
      {"# 1 \"f\"\n", "1: behind \"#\""},
};

static void sound_expect(bool sound, const char *text, const char *wanted, const struct ws_buffer *why)
{
    const char *said = ws_buffer_text(why);
    ck_assert_msg(sound == !wanted, "\"%s\": %s", text, sound ? "is sound" : said);
    if (wanted)
        ck_assert_msg(!strncmp(said, wanted, strlen(wanted)), "\"%s\": \"%s\"", text, said);
}

START_TEST(of_assembler)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    const char *text = assembler[_i].text;
    sound_expect(ws__sound_assembler(text, strlen(text), &why), text, assembler[_i].why, &why);
    ws_buffer_release(&why);
}
END_TEST

START_TEST(of_c)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    const char *text = c[_i].text;
    sound_expect(ws__sound_c(text, strlen(text), &why), text, c[_i].why, &why);
    ws_buffer_release(&why);
}
END_TEST

/* A source ends where its bytes end, and not at a NUL. */
START_TEST(of_bytes)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    ck_assert(!ws__sound_assembler("nop\n\0.incbin \"f\"", 18, &why));
    ws_buffer_release(&why);
}
END_TEST

Suite *sound_suite(void)
{
    Suite *suite = suite_create("sound");
    TCase *tests = tcase_create("sound");
    tcase_add_loop_test(tests, of_assembler, 0, sizeof assembler / sizeof assembler[0]);
    tcase_add_loop_test(tests, of_c, 0, sizeof c / sizeof c[0]);
    tcase_add_test(tests, of_bytes);
    suite_add_tcase(suite, tests);
    return suite;
}
