# SPDX-License-Identifier: GPL-2.0-or-later
cli_tests = \
	%D%/check_tried.c \
	$(end)
unit_programs += tests/check_cli
tests_check_cli_SOURCES = $(cli_tests)
nodist_tests_check_cli_SOURCES = tests/main_cli.c
tests_check_cli_CFLAGS = $(unit_cflags)
tests_check_cli_LDADD = libfront.la $(unit_libs)

script_tests += \
	%D%/ablate.sh \
	%D%/ablate_switch.sh \
	%D%/always.sh \
	%D%/audit.sh \
	%D%/cli.sh \
	%D%/examples.sh \
	%D%/feed.sh \
	%D%/figure.sh \
	%D%/grade.sh \
	%D%/grade_formats.sh \
	%D%/lesson.sh \
	%D%/lint.sh \
	%D%/linux.sh \
	%D%/lua.sh \
	%D%/names.sh \
	%D%/pc.sh \
	%D%/printable.sh \
	%D%/quiz.sh \
	%D%/session.sh \
	%D%/setups.sh \
	%D%/tasks.sh \
	%D%/tlb.sh \
	%D%/translate.sh \
	%D%/why.sh \
	%D%/why_more.sh \
	$(end)

# Guests for feed.sh, lint.sh, tlb.sh, why.sh and why_more.sh.
guest_sources += %D%/boot.h %D%/careless.S %D%/dying.S %D%/echo.S %D%/ending.S %D%/ending.h \
	%D%/ending_data.h %D%/failing.S %D%/forgets.S %D%/scribble.S
cli_guests = \
	guest/%D%/careless.elf \
	guest/%D%/dying.elf \
	guest/%D%/echo.elf \
	guest/%D%/ending.elf \
	guest/%D%/failing.elf \
	guest/%D%/forgets.elf \
	guest/%D%/scribble.elf
guest_test_images += $(cli_guests)
$(cli_guests): guest/%.elf: guest/%.o tests/guest/guest.ld

# And one for tasks.sh, in Linux's format.
guest_sources += %D%/tasks.S
guest_test_images += guest/%D%/tasks.bin
guest/%D%/tasks.bin: guest/%D%/tasks.o tests/image/bzimage.ld
EXTRA_DIST += %D%/always.lua %D%/why_lib.sh
