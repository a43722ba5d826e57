# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/context_code.c \
	%D%/context_steps.c \
	%D%/context_steps.h \
	%D%/cross_code.c \
	%D%/cross_page.c \
	%D%/hosted_disk.c \
	%D%/hosted_place.c \
	%D%/hosted_system.c \
	%D%/images.S \
	%D%/images.h \
	%D%/lab.c \
	%D%/lab.h \
	%D%/lab_boot.c \
	%D%/lab_elf.c \
	%D%/lab_image.c \
	%D%/lab_memory.c \
	%D%/lab_names.c \
	%D%/lab_storm.c \
	%D%/lab_switch.c \
	%D%/lab_system.c \
	%D%/lab_tables.c \
	%D%/layout.h \
	%D%/process.c \
	%D%/translated.h \
	%D%/translation.c \
	%D%/translation.h \
	%D%/translation_why.c \
	%D%/world.c \
	%D%/world_access.c \
	%D%/world_registers.c \
	$(end)

# The code of the cross page, as it is carried by the library: see images.S.
guest_sources += %D%/cross.S %D%/cross.ld
guest_images += guest/cross.bin
guest/cross.bin: guest/%D%/cross.o %D%/cross.ld
%D%/images.lo: $(guest_images)
