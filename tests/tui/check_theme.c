/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Themes: what is promised of their colours is computed, as WCAG 2.1 and Machado, Oliveira and Fernandes (2009) do.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>

#include "tui/theme.h"

enum { EYES = 4 };

/* -- colours ------------------------------------------------------------------------------------------- */

static double linear(unsigned byte)
{
    double value = byte / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static void linear_rgb(short color, double out[3])
{
    uint32_t rgb = ws__theme_rgb(color);
    for (unsigned at = 0; at < 3; at++)
        out[at] = linear(rgb >> (16 - 8 * at) & 0xff);
}

static double luminance(const double rgb[3])
{
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}

/* WCAG's contrast of a colour and a ground, black or white: from 1 to 21. */
static double contrast(short color, double ground)
{
    double rgb[3];
    linear_rgb(color, rgb);
    double light = luminance(rgb) + 0.05, other = ground + 0.05;
    return light > other ? light / other : other / light;
}

/* What an eye without one of its kinds of cones gets; the first one lacks none. */
static void seen(short color, unsigned eye, double out[3])
{
    static const double matrix[EYES][3][3] = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
        {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
        {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
    };
    double rgb[3];
    linear_rgb(color, rgb);
    for (unsigned row = 0; row < 3; row++) {
        out[row] = 0;
        for (unsigned at = 0; at < 3; at++)
            out[row] += matrix[eye][row][at] * rgb[at];
        out[row] = fmin(1, fmax(0, out[row]));
    }
}

static double root(double value)
{
    return value > 0.008856 ? cbrt(value) : 7.787 * value + 16.0 / 116;
}

/* How far two colours are apart in CIELAB; 2 is just visible side by side. */
static double distance(const double a[3], const double b[3])
{
    double lab[2][3];
    const double *rgb[] = {a, b};
    for (unsigned i = 0; i < 2; i++) {
        const double *c = rgb[i];
        double x = root((0.4124 * c[0] + 0.3576 * c[1] + 0.1805 * c[2]) / 0.9505), y = root(luminance(c));
        double z = root((0.0193 * c[0] + 0.1192 * c[1] + 0.9505 * c[2]) / 1.089);
        lab[i][0] = 116 * y - 16;
        lab[i][1] = 500 * (x - y);
        lab[i][2] = 200 * (y - z);
    }
    return sqrt(pow(lab[0][0] - lab[1][0], 2) + pow(lab[0][1] - lab[1][1], 2) + pow(lab[0][2] - lab[1][2], 2));
}

/* -- promises ------------------------------------------------------------------------------------------ */

START_TEST(high_contrast_is_high)
{
    for (unsigned role = 0; role < WS_ROLE_COUNT; role++) {
        const struct ws__look *look = ws__theme_look(WS__THEME_CONTRAST, (enum ws_role)role);
        ck_assert_int_ge(look->many, 0);
        ck_assert_msg(contrast(look->many, 0) >= 7, "role %u has a contrast of %.1f", role, contrast(look->many, 0));
        ck_assert_msg(!(look->attributes & WS__LOOK_DIM), "role %u is dim", role);
    }
    ck_assert_uint_eq(ws__theme_rgb(ws__theme_ground(WS__THEME_CONTRAST, true)), 0);
}
END_TEST

/* Roles that stand beside each other and mean other things. */
START_TEST(every_eye_tells_them_apart)
{
    static const enum ws_role group[][4] = {
        {WS_ROLE_CHANGED, WS_ROLE_APPEARED, WS_ROLE_VANISHED, WS_ROLE_VANISHED},
        {WS_ROLE_WORLD_0, WS_ROLE_WORLD_1, WS_ROLE_WORLD_2, WS_ROLE_WORLD_3},
    };
    for (unsigned row = 0; row < 2; row++)
        for (unsigned i = 0; i < 16 * EYES; i++) {
            enum ws_role one = group[row][i % 4], other = group[row][i / 4 % 4];
            short color[] = {ws__theme_look(WS__THEME_COLORBLIND, one)->many,
                             ws__theme_look(WS__THEME_COLORBLIND, other)->many};
            double a[3], b[3];
            if (one == other)
                continue;
            seen(color[0], i / 16, a);
            seen(color[1], i / 16, b);
            ck_assert_msg(distance(a, b) >= 15, "eye %u: %d and %d are %.1f apart", i / 16, color[0], color[1],
                          distance(a, b));
        }
}
END_TEST

START_TEST(colours_are_legible_on_light_and_dark)
{
    for (unsigned role = 0; role < WS_ROLE_COUNT; role++) {
        short color = ws__theme_look(WS__THEME_COLORBLIND, (enum ws_role)role)->many;
        ck_assert_msg(color < 0 || (contrast(color, 0) >= 3 && contrast(color, 1) >= 3), "role %u, colour %d", role,
                      color);
    }
}
END_TEST

START_TEST(the_usual_theme_has_the_terminals_own_colours)
{
    for (unsigned role = 0; role < WS_ROLE_COUNT; role++) {
        const struct ws__look *look = ws__theme_look(WS__THEME_TERMINAL, (enum ws_role)role);
        ck_assert_msg(look->many < 8 && look->few < 8, "role %u", role);
    }
}
END_TEST

Suite *theme_suite(void);

Suite *theme_suite(void)
{
    Suite *suite = suite_create("theme");
    TCase *tests = tcase_create("theme");
    tcase_add_test(tests, high_contrast_is_high);
    tcase_add_test(tests, every_eye_tells_them_apart);
    tcase_add_test(tests, colours_are_legible_on_light_and_dark);
    tcase_add_test(tests, the_usual_theme_has_the_terminals_own_colours);
    suite_add_tcase(suite, tests);
    return suite;
}
