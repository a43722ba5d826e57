# SPDX-License-Identifier: GPL-2.0-or-later
image_tests = \
	%D%/check_boot.c \
	%D%/check_file.c \
	%D%/check_image.c \
	%D%/check_image_fuzz.c \
	%D%/check_image_plan.c \
	%D%/check_linux.c \
	%D%/check_symbols.c \
	%D%/image_made.h \
	$(end)
unit_programs += tests/check_image
tests_check_image_SOURCES = $(image_tests)
nodist_tests_check_image_SOURCES = tests/main_image.c
tests_check_image_CFLAGS = $(unit_cflags)
tests_check_image_LDADD = $(unit_libs)

# A kernel as Linux is: two parts, in a file without ELF.
guest_sources += %D%/bzimage.S %D%/bzimage.h %D%/bzimage.ld
guest_test_images += guest/%D%/bzimage.bin
guest/%D%/bzimage.bin: guest/%D%/bzimage.o %D%/bzimage.ld
