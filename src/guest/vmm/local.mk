# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/ata.c \
	%D%/debug.c \
	%D%/decode.c \
	%D%/deliver.c \
	%D%/emulate.c \
	%D%/emulate_far.c \
	%D%/emulate_io.c \
	%D%/emulate_quiet.c \
	%D%/host.c \
	%D%/main.c \
	%D%/memory.c \
	%D%/pic.c \
	%D%/pit.c \
	%D%/ports.c \
	%D%/segments.c \
	%D%/serial.c \
	%D%/shadow.c \
	%D%/specific.c \
	%D%/trace.c \
	%D%/translator/enter.c \
	%D%/translator/lookup.S \
	%D%/translator/sequences.S \
	%D%/translator/translate.c \
	%D%/translator/translator.h \
	%D%/translator/units.c \
	%D%/translator/words.h \
	%D%/vectors.S \
	%D%/vmm.h \
	%D%/vmm.ld \
	%D%/walk.c \
	$(end)

# The hosted system's VMM; guest/vmm.elf is the laboratory's.
vmm_parts = ata debug decode deliver emulate emulate_far emulate_io emulate_quiet host main memory pic pit ports segments serial shadow specific \
	trace vectors walk translator/enter translator/lookup translator/sequences translator/translate translator/units
guest_test_images += guest/hosted/vmm.elf
guest/hosted/vmm.elf: $(vmm_parts:%=guest/%D%/%.o) $(guest_shared) guest/src/guest/shared/tables.o %D%/vmm.ld
