/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register table and the exception table.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/registers.h>

START_TEST(every_name_finds_its_register)
{
    for (int which = 0; which < WS_REGISTER_COUNT; which++) {
        const struct ws_register_info *info = ws_register_info((enum ws_register)which);
        ck_assert_msg(ws_register_find(info->name) == (enum ws_register)which, "%s", info->name);
        ck_assert_msg(info->bits == 16 || info->bits == 32, "%s", info->name);
    }
    ck_assert_int_eq(ws_register_find("rax"), WS_REGISTER_COUNT);
    ck_assert_int_eq(ws_register_find(""), WS_REGISTER_COUNT);
}
END_TEST

/* GDB's remote protocol numbers the registers in this order: eax ecx edx ebx esp ebp esi edi eip eflags cs ss ds es fs
 * gs. */
START_TEST(the_first_sixteen_are_in_gdbs_order)
{
    static const char *const order[] = {"eax", "ecx",    "edx", "ebx", "esp", "ebp", "esi", "edi",
                                        "eip", "eflags", "cs",  "ss",  "ds",  "es",  "fs",  "gs"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        ck_assert_uint_eq(ws_register_find(order[i]), i);
}
END_TEST

static const struct {
    const char *name;
    uint32_t flipped;
    uint32_t categories;
} comparisons[] = {
    {"eax", 1, 1u << WS_CATEGORY_GENERAL_REGISTERS},
    {"edi", 0x80000000, 1u << WS_CATEGORY_GENERAL_REGISTERS},
    {"esp", 4, 1u << WS_CATEGORY_STACK},
    {"ss", 8, 1u << WS_CATEGORY_STACK},
    {"gs", 0x8000, 1u << WS_CATEGORY_SEGMENTS},
    {"gs", 0x10000, 0}, /* a selector has 16 bits */
    {"eflags", WS_EFLAGS_IF, 1u << WS_CATEGORY_FLAGS},
    {"eip", 1, 0},
    {"gdtr.base", 8, 1u << WS_CATEGORY_GDTR},
    {"gdtr.limit", 8, 1u << WS_CATEGORY_GDTR},
    {"idtr.base", 8, 1u << WS_CATEGORY_IDTR},
    {"ldtr", 8, 1u << WS_CATEGORY_LDTR},
    {"tr", 8, 1u << WS_CATEGORY_TR},
    {"cr0", WS_CR0_WP, 1u << WS_CATEGORY_CR0},
    {"cr2", 1, 1u << WS_CATEGORY_CR2},
    {"cr3", 0x1000, 1u << WS_CATEGORY_CR3},
    {"cr4", WS_CR4_PGE, 1u << WS_CATEGORY_CR4},
    {"dr7", 1, 0},
};

START_TEST(a_flipped_bit_shows_in_its_category)
{
    struct ws_registers a = {{0}}, b;
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        b = a;
        b.value[ws_register_find(comparisons[i].name)] ^= comparisons[i].flipped;
        uint32_t seen = ws_registers_compare(&a, &b);
        ck_assert_msg(seen == comparisons[i].categories, "%s ^ 0x%x: 0x%x, not 0x%x", comparisons[i].name,
                      comparisons[i].flipped, seen, comparisons[i].categories);
    }
    ck_assert_uint_eq(ws_registers_compare(&a, &a), 0);
}
END_TEST

START_TEST(categories_have_the_names_of_the_trace_format)
{
    ck_assert_str_eq(ws_category_name(WS_CATEGORY_GENERAL_REGISTERS), "general-registers");
    ck_assert_str_eq(ws_category_name(WS_CATEGORY_KERNEL_SPACE), "kernel-space");
    ck_assert_str_eq(ws_category_name(WS_CATEGORY_CR4), "cr4");
    ck_assert_str_eq(ws_category_name(WS_CATEGORY_NONE), "none");
}
END_TEST

START_TEST(named_bits_ascend_and_do_not_overlap)
{
    static const enum ws_register with_bits[] = {WS_CR0, WS_CR4, WS_EFLAGS, WS_DR6, WS_DR7};
    for (size_t i = 0; i < sizeof with_bits / sizeof *with_bits; i++) {
        uint32_t seen = 0;
        const struct ws_bit *bit = ws_register_bits(with_bits[i]);
        ck_assert_ptr_nonnull(bit);
        for (; bit->mask; bit++) {
            ck_assert_msg(bit->mask > seen && !(bit->mask & seen), "%s", bit->name);
            ck_assert_msg(*bit->name && *bit->meaning, "%s", bit->name);
            seen |= bit->mask;
        }
    }
    ck_assert_ptr_null(ws_register_bits(WS_EAX));
    ck_assert_ptr_null(ws_register_bits(WS_REGISTER_COUNT));
}
END_TEST

/* The bit numbers are from the manual's figures, not from our header. */
static const struct {
    enum ws_register which;
    const char *name;
    unsigned number;
} bit_numbers[] = {
    {WS_CR0, "PE", 0},     {WS_CR0, "TS", 3},     {WS_CR0, "WP", 16},    {WS_CR0, "PG", 31},
    {WS_CR4, "PSE", 4},    {WS_CR4, "PGE", 7},    {WS_CR4, "OSFXSR", 9}, {WS_EFLAGS, "CF", 0},
    {WS_EFLAGS, "ZF", 6},  {WS_EFLAGS, "TF", 8},  {WS_EFLAGS, "IF", 9},  {WS_EFLAGS, "IOPL", 12},
    {WS_EFLAGS, "RF", 16}, {WS_EFLAGS, "VM", 17}, {WS_DR7, "GD", 13},    {WS_DR6, "BS", 14},
};

START_TEST(named_bits_stand_where_the_manual_puts_them)
{
    for (size_t i = 0; i < sizeof bit_numbers / sizeof *bit_numbers; i++) {
        const struct ws_bit *bit = ws_register_bits(bit_numbers[i].which);
        while (bit->mask && strcmp(bit->name, bit_numbers[i].name) != 0)
            bit++;
        uint32_t lowest = bit->mask & -bit->mask;
        ck_assert_msg(lowest == 1u << bit_numbers[i].number, "%s: mask 0x%x", bit_numbers[i].name, bit->mask);
    }
}
END_TEST

static const struct {
    uint8_t vector;
    const char *mnemonic;
    uint8_t class_, kind;
    bool error_code;
} exceptions[] = {
    {0, "#DE", WS_CLASS_CONTRIBUTORY, WS_KIND_FAULT, false}, {1, "#DB", WS_CLASS_BENIGN, WS_KIND_TRAP, false},
    {2, "NMI", WS_CLASS_BENIGN, WS_KIND_INTERRUPT, false},   {3, "#BP", WS_CLASS_BENIGN, WS_KIND_TRAP, false},
    {6, "#UD", WS_CLASS_BENIGN, WS_KIND_FAULT, false},       {8, "#DF", WS_CLASS_DOUBLE_FAULT, WS_KIND_ABORT, true},
    {10, "#TS", WS_CLASS_CONTRIBUTORY, WS_KIND_FAULT, true}, {13, "#GP", WS_CLASS_CONTRIBUTORY, WS_KIND_FAULT, true},
    {14, "#PF", WS_CLASS_PAGE_FAULT, WS_KIND_FAULT, true},   {15, "", WS_CLASS_BENIGN, WS_KIND_INTERRUPT, false},
    {17, "#AC", WS_CLASS_BENIGN, WS_KIND_FAULT, true},       {31, "", WS_CLASS_BENIGN, WS_KIND_INTERRUPT, false},
    {32, "", WS_CLASS_BENIGN, WS_KIND_INTERRUPT, false},     {255, "", WS_CLASS_BENIGN, WS_KIND_INTERRUPT, false},
};

START_TEST(exceptions_are_classed_as_in_the_manual)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        const struct ws_exception_info *info = ws_exception_info(exceptions[i].vector);
        ck_assert_msg(strcmp(info->mnemonic, exceptions[i].mnemonic) == 0 && *info->name &&
                          info->class_ == exceptions[i].class_ && info->kind == exceptions[i].kind &&
                          info->error_code == exceptions[i].error_code,
                      "vector %u is \"%s\" (%s), class %u, kind %u, error code %d", exceptions[i].vector,
                      info->mnemonic, info->name, info->class_, info->kind, info->error_code);
    }
}
END_TEST

static const struct {
    uint8_t vector;
    enum ws_origin origin;
    const char *mnemonic;
} origins[] = {
    {8, WS_ORIGIN_EXCEPTION, "#DF"}, {8, WS_ORIGIN_EXTERNAL, ""},    {8, WS_ORIGIN_SOFTWARE, ""},
    {13, WS_ORIGIN_EXTERNAL, ""},    {14, WS_ORIGIN_SOFTWARE, ""},   {2, WS_ORIGIN_EXTERNAL, "NMI"},
    {2, WS_ORIGIN_SOFTWARE, ""},     {3, WS_ORIGIN_SOFTWARE, "#BP"}, {4, WS_ORIGIN_SOFTWARE, "#OF"},
    {3, WS_ORIGIN_EXTERNAL, ""},     {128, WS_ORIGIN_SOFTWARE, ""},  {32, WS_ORIGIN_EXTERNAL, ""},
};

START_TEST(an_interrupt_is_no_exception)
{
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        const struct ws_exception_info *info = ws_vector_info(origins[i].vector, origins[i].origin);
        ck_assert_msg(!strcmp(info->mnemonic, origins[i].mnemonic), "vector %u, origin %u: \"%s\"", origins[i].vector,
                      origins[i].origin, info->mnemonic);
        ck_assert(*info->mnemonic || !strcmp(info->name, "interrupt"));
    }
}
END_TEST

Suite *registers_suite(void)
{
    Suite *suite = suite_create("registers");
    TCase *tables = tcase_create("tables");
    tcase_add_test(tables, every_name_finds_its_register);
    tcase_add_test(tables, the_first_sixteen_are_in_gdbs_order);
    tcase_add_test(tables, a_flipped_bit_shows_in_its_category);
    tcase_add_test(tables, categories_have_the_names_of_the_trace_format);
    tcase_add_test(tables, named_bits_ascend_and_do_not_overlap);
    tcase_add_test(tables, named_bits_stand_where_the_manual_puts_them);
    tcase_add_test(tables, exceptions_are_classed_as_in_the_manual);
    tcase_add_test(tables, an_interrupt_is_no_exception);
    suite_add_tcase(suite, tables);
    return suite;
}
