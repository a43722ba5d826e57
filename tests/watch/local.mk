# SPDX-License-Identifier: GPL-2.0-or-later
watch_tests = \
	%D%/check_crossing.c \
	%D%/check_forward.c \
	%D%/check_task_gate.c \
	%D%/check_thread.c \
	%D%/check_watcher.c \
	%D%/puppet.h \
	$(end)
unit_programs += tests/check_watch
tests_check_watch_SOURCES = $(watch_tests)
nodist_tests_check_watch_SOURCES = tests/main_watch.c
tests_check_watch_CFLAGS = $(unit_cflags)
tests_check_watch_LDADD = $(unit_libs)

# Switches in other people's styles, for check_watcher.c.
watch_guests = guest/%D%/switches.elf guest/%D%/tables_late.elf guest/%D%/fpu_rings.elf \
	guest/%D%/fpu_threads.elf
guest_sources += %D%/switches.S %D%/tables_late.S %D%/fpu_rings.S %D%/fpu_threads.S
guest_test_images += $(watch_guests)
$(watch_guests): guest/%.elf: guest/%.o tests/guest/guest.ld
