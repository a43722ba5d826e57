# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/alignment.c \
	%D%/alignment.h \
	%D%/decode.c \
	%D%/decode.h \
	%D%/disasm.c \
	%D%/disasm_operands.h \
	%D%/disasm_spelling.c \
	%D%/disasm_spelling.h \
	%D%/disasm_version.c \
	%D%/disasm_version.h \
	%D%/exception.c \
	%D%/idt.c \
	%D%/idt.h \
	%D%/model_specific.c \
	%D%/model_specific.h \
	%D%/operands.c \
	%D%/operands.h \
	%D%/page_entry.h \
	%D%/page_difference.c \
	%D%/page_difference.h \
	%D%/page_map.c \
	%D%/page_text.c \
	%D%/page_walk.c \
	%D%/register_bits.c \
	%D%/reason.c \
	%D%/reason.h \
	%D%/registers.c \
	%D%/segment.c \
	%D%/segment.h \
	%D%/segment_text.c \
	$(end)
