# SPDX-License-Identifier: GPL-2.0-or-later
front_sources += \
	%D%/ablate.h \
	%D%/ablate_merge.c \
	%D%/ablate_record.c \
	%D%/ablate_words.c \
	%D%/cli.c \
	%D%/cmd_ablate.c \
	%D%/cmd_audit.c \
	%D%/cmd_compare.c \
	%D%/cmd_diff.c \
	%D%/cmd_doctor.c \
	%D%/cmd_figure.c \
	%D%/cmd_grade.c \
	%D%/cmd_help.c \
	%D%/cmd_image.c \
	%D%/cmd_lesson.c \
	%D%/cmd_lua.c \
	%D%/cmd_run.c \
	%D%/cmd_trace.c \
	%D%/cmd_view.c \
	%D%/grade.h \
	%D%/grade_find.c \
	%D%/grade_merge.c \
	%D%/lesson_quiz.c \
	%D%/lesson_quiz.h \
	%D%/cmd_why.c \
	%D%/probe.c \
	%D%/probe.h \
	%D%/trace.c \
	%D%/trace.h \
	%D%/trace_fold.c \
	%D%/trace_fold.h \
	%D%/trace_json.c \
	%D%/trace_text.c \
	%D%/tried.c \
	%D%/tried.h \
	$(end)
