# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/branch.c \
	%D%/breaks.c \
	%D%/change.c \
	%D%/checkpoint.c \
	%D%/find.c \
	%D%/history.c \
	%D%/internal.h \
	%D%/nesting.c \
	%D%/session.c \
	%D%/session_checkpoint.c \
	%D%/session_decode.c \
	%D%/session_encode.c \
	%D%/session_file.h \
	%D%/session_pack.c \
	%D%/session_replay.c \
	%D%/session_replay.h \
	%D%/space.c \
	%D%/space.h \
	%D%/state.c \
	%D%/state_compare.c \
	%D%/timeline.c \
	%D%/why.c \
	%D%/why.h \
	%D%/why_entry.c \
	%D%/why_fault.c \
	%D%/why_fit.c \
	%D%/why_open.c \
	%D%/why_spin.c \
	%D%/why_stale.c \
	%D%/why_way.c \
	$(end)
