/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thousands of damaged images: each is read or refused, and none does harm.  The same damage every time.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/mutate.h"
#include "image/image_made.h"

enum { MUTANTS = 4000 };

static uint64_t random_state;

static uint32_t random_next(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

/* Values that break sums and comparisons, and some that are just wrong. */
static uint32_t value_random(void)
{
    static const uint32_t evil[] = {0,          1,          0x7fffffff, 0x80000000, 0xffffffff,
                                    0xfffffffc, 0xfffff000, 0x100000,   0xa0000,    64};
    uint32_t which = random_next() % 16;
    return which < sizeof evil / sizeof *evil ? evil[which] : random_next();
}

/* Damage one place: a word, half of one, or a bit; mostly in the tables at both ends, where the structure is. */
static void place_damage(uint8_t *file, size_t bytes)
{
    uint32_t value = value_random(), kind = random_next() % 4;
    size_t table = kind & 1 && bytes > 400 ? bytes - 400 : 0;
    size_t at = random_next() % 4 ? table + random_next() % (bytes - table) : random_next() % bytes;
    size_t width = kind == 0 ? 4 : kind == 1 ? 2 : 1;
    if (kind == 3)
        file[at] ^= (uint8_t)(1u << random_next() % 8);
    else if (at + width <= bytes)
        memcpy(file + at, &value, width);
}

START_TEST(damaged_images_do_no_harm)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    unsigned loaded = 0, refused = 0;
    random_state = 1;
    ck_assert_int_eq(image_make(&image), WS_OK);
    for (int i = 0; i < MUTANTS; i++) {
        size_t bytes = i % 4 ? image.size : random_next() % image.size;
        uint8_t *file = malloc(bytes + !bytes); /* of its very size, so that the sanitizers see its end */
        ck_assert_ptr_nonnull(file);
        memcpy(file, image.data, bytes);
        for (uint32_t j = random_next() % 6; bytes && j; j--)
            place_damage(file, bytes);
        if (image_try(file, bytes) == WS_OK)
            loaded++;
        else
            refused++;
        free(file);
    }
    ws_buffer_release(&image);
    /* Damage that is always noticed, or never, would try only one half of the code. */
    ck_assert_msg(loaded > MUTANTS / 10 && refused > MUTANTS / 10, "%u loaded, %u refused", loaded, refused);
}
END_TEST

START_TEST(every_truncation_does_no_harm)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    ck_assert_int_eq(image_make(&image), WS_OK);
    for (size_t bytes = 0; bytes < image.size; bytes++) {
        uint8_t *file = malloc(bytes + !bytes);
        ck_assert_ptr_nonnull(file);
        memcpy(file, image.data, bytes);
        image_try(file, bytes);
        free(file);
    }
    ws_buffer_release(&image);
}
END_TEST

Suite *image_fuzz_suite(void)
{
    Suite *suite = suite_create("image fuzz");
    TCase *damage = tcase_create("damage");
    tcase_add_test(damage, damaged_images_do_no_harm);
    tcase_add_test(damage, every_truncation_does_no_harm);
    suite_add_tcase(suite, damage);
    return suite;
}
