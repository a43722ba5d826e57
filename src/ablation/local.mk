# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/ablation.c \
	%D%/ablation.h \
	%D%/ablation_change.c \
	%D%/ablation_judge.c \
	%D%/ablation_trial.c \
	%D%/instant.c \
	%D%/instant.h \
	%D%/own_ablation.c \
	%D%/storm.c \
	$(end)
