# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/a.c \
	%D%/b.c \
	%D%/program.ld \
	%D%/say.c \
	%D%/start.S \
	%D%/user.h \
	%D%/work.c \
	$(end)

# The programs of the hosted system's host; the VMX is one of them.
hosted_programs = guest/hosted/a.elf guest/hosted/b.elf guest/hosted/vmx.elf
$(hosted_programs): guest/%D%/start.o guest/%D%/say.o $(guest_shared) %D%/program.ld
guest/hosted/a.elf: guest/%D%/a.o guest/%D%/work.o
guest/hosted/b.elf: guest/%D%/b.o guest/%D%/work.o
guest/hosted/vmx.elf: guest/src/guest/vmx/vmx.o guest/src/guest/vmx/console.o guest/src/guest/vmx/kernel.o \
	guest/src/guest/vmx/serve.o
