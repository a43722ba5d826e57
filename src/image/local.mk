# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/boot_information.c \
	%D%/boot_information.h \
	%D%/elf_file.c \
	%D%/elf_file.h \
	%D%/file.c \
	%D%/image.c \
	%D%/image_elf.c \
	%D%/image_foreign.c \
	%D%/image_plan.c \
	%D%/image_plan.h \
	%D%/image_write.c \
	%D%/linux.c \
	%D%/linux.h \
	%D%/multiboot.h \
	%D%/symbols.c \
	%D%/symbols.h \
	%D%/symbols_map.c \
	$(end)
