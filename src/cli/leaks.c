/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What LeakSanitizer is to overlook in a program built with --enable-sanitizers.
 *
 * Unicorn 2.1.1 keeps a few bytes of each MMIO range and of each context.  That is not ours to mend, and would turn
 * every exit status into the sanitizer's.  tests/tools/leaks.supp says the same to the tests.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libunicorn";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
