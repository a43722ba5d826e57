# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/disk.c \
	%D%/main.c \
	%D%/paging.c \
	%D%/start.S \
	%D%/traps.c \
	%D%/vm.h \
	%D%/vm.ld \
	$(end)

# The hosted system's virtual machine.
vm_parts = start main traps paging disk
guest_test_images += guest/hosted/vm.elf
guest/hosted/vm.elf: $(vm_parts:%=guest/%D%/%.o) $(guest_kernel) %D%/vm.ld
