# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/block.c \
	%D%/block.h \
	%D%/block_mode.c \
	%D%/block_mode.h \
	%D%/code_limit.c \
	%D%/code_limit.h \
	%D%/hook_point.c \
	%D%/hook_point.h \
	%D%/run.c \
	%D%/run.h \
	%D%/short_run.c \
	%D%/short_run.h \
	$(end)
