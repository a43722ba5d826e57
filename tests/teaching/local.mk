# SPDX-License-Identifier: GPL-2.0-or-later
# Small kernels in the styles of those that people write to learn, and what is seen of them.
teaching_tests = \
	%D%/check_teaching.c \
	$(end)
unit_programs += tests/check_teaching
tests_check_teaching_SOURCES = $(teaching_tests)
nodist_tests_check_teaching_SOURCES = tests/main_teaching.c
tests_check_teaching_CFLAGS = $(unit_cflags)
tests_check_teaching_LDADD = $(unit_libs)

teaching_sources = \
	%D%/forgets.c \
	%D%/jumps.c \
	%D%/kthreads.c \
	%D%/preempt.c \
	%D%/processes.c \
	%D%/scheduler.c \
	%D%/tasks.c \
	%D%/tiny.c \
	%D%/window.c \
	%D%/worlds.c \
	$(end)
guest_sources += $(teaching_sources) %D%/start.S %D%/kernel.h
teaching_images = $(teaching_sources:%.c=guest/%.elf)
guest_test_images += $(teaching_images)
$(teaching_images): guest/%.elf: guest/%.o guest/%D%/start.o tests/guest/guest.ld
