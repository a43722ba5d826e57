# SPDX-License-Identifier: GPL-2.0-or-later

# Each x.S becomes the program guest/tests/guest/x.elf. What it says is in x.golden.
guest_test_sources = \
	%D%/alignment.S \
	%D%/ata.S \
	%D%/bus_master.S \
	%D%/coherent.S \
	%D%/debug.S \
	%D%/double.S \
	%D%/far.S \
	%D%/faults.S \
	%D%/flags.S \
	%D%/fpu.S \
	%D%/gates.S \
	%D%/halt_asleep.S \
	%D%/halt_real_mode.S \
	%D%/halt_stopped.S \
	%D%/halt_virtual_8086.S \
	%D%/instructions.S \
	%D%/io_apic.S \
	%D%/iret.S \
	%D%/irq.S \
	%D%/limits.S \
	%D%/local_apic.S \
	%D%/nmi.S \
	%D%/operands.S \
	%D%/page_bits.S \
	%D%/pages.S \
	%D%/pci.S \
	%D%/pic.S \
	%D%/pic_more.S \
	%D%/pit.S \
	%D%/pit_more.S \
	%D%/ports.S \
	%D%/rings.S \
	%D%/segments.S \
	%D%/specific.S \
	%D%/stacks.S \
	%D%/strings.S \
	%D%/tables.S \
	%D%/taskgate.S \
	%D%/taskgate_new.S \
	%D%/tasks.S \
	%D%/triple_idt.S \
	%D%/triple_stack.S \
	%D%/triple_tss.S \
	%D%/uart.S \
	%D%/uart_more.S \
	%D%/vectors.S \
	%D%/writing.S \
	$(end)
guest_sources += $(guest_test_sources) %D%/runtime.c %D%/start.S %D%/apic.h %D%/ata.h %D%/chips.h %D%/instructions.h \
	%D%/runtime.h %D%/taskgate.h %D%/guest.ld
guest_test_programs = $(guest_test_sources:%.S=guest/%.elf)
guest_test_images += $(guest_test_programs)
EXTRA_DIST += $(guest_test_sources:.S=.golden) %D%/cases.txt %D%/compare.awk
$(guest_test_programs): guest/%.elf: guest/%.o guest/%D%/runtime.o guest/%D%/start.o %D%/guest.ld
