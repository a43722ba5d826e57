# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/audit.c \
	%D%/audit.h \
	%D%/audit_reader.c \
	%D%/audit_reason.c \
	%D%/audit_stacks.c \
	%D%/audit_state.c \
	%D%/audit_thorough.c \
	%D%/audit_between.c \
	%D%/audit_debug.c \
	%D%/audit_fpu.c \
	%D%/audit_gone.c \
	%D%/audit_lab.c \
	%D%/lint.c \
	%D%/lint.h \
	%D%/lint_frames.c \
	%D%/lint_tables.c \
	%D%/rules.c \
	%D%/rules.h \
	%D%/rules_context.c \
	%D%/rules_memory.c \
	%D%/rules_segments.c \
	$(end)
