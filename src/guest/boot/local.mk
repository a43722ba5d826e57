# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/disk.S \
	%D%/disk.ld \
	%D%/entry.S \
	%D%/hosted.ld \
	%D%/initial_disk.S \
	%D%/load.S \
	%D%/tables.c \
	$(end)

# The hosted system: the host's kernel, the programs on its disk, and the disk itself, which the kernel carries, too.
# A disk is made by assembler and linker, so that equal sources give equal bytes.
guest_images += guest/hosted/hosted.elf guest/hosted/disk.img
hosted_host = boot/entry boot/load boot/tables boot/initial_disk \
	host/vectors host/switch host/main host/memory host/space host/thread host/process host/input \
	host/program host/fpu host/trap host/timer host/calls host/names host/fs host/scsi host/disk host/ramdisk \
	driver/device driver/vmm_world driver/journey driver/window driver/switch
guest/%D%/disk.o: $(hosted_programs) guest/hosted/vmm.elf guest/hosted/vm.elf
guest/hosted/disk.img: guest/%D%/disk.o %D%/disk.ld
guest/%D%/initial_disk.o: guest/hosted/disk.img
guest/hosted/hosted.elf: $(hosted_host:%=guest/src/guest/%.o) $(guest_kernel) guest/src/worlds/cross.o %D%/hosted.ld
