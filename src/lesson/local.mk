# SPDX-License-Identifier: GPL-2.0-or-later
front_sources += \
	%D%/alike.c \
	%D%/alike.h \
	%D%/build.c \
	%D%/build.h \
	%D%/confine.c \
	%D%/confine.h \
	%D%/fold.c \
	%D%/fold.h \
	%D%/graded.c \
	%D%/graded.h \
	%D%/guest.c \
	%D%/guest.h \
	%D%/lesson.c \
	%D%/lesson.h \
	%D%/lessons.c \
	%D%/markdown.c \
	%D%/markdown.h \
	%D%/program.c \
	%D%/program.h \
	%D%/quiz.c \
	%D%/quiz.h \
	%D%/quiz_writers.c \
	%D%/regions.c \
	%D%/report.c \
	%D%/report.h \
	%D%/sound.c \
	%D%/sound.h \
	%D%/state.c \
	%D%/state.h \
	%D%/tool.c \
	%D%/tool.h \
	%D%/writers.c \
	%D%/writers.h \
	%D%/writers_class.c \
	%D%/writers_learn.c \
	$(end)
