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
	%D%/switch.h \
	%D%/switch_differ.c \
	%D%/switch_learn.c \
	%D%/switch_observe.c \
	%D%/switch_survive.c \
	%D%/switch_try.c \
	$(end)
