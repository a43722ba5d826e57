# SPDX-License-Identifier: GPL-2.0-or-later
script_tests += \
	%D%/stage.sh \
	%D%/survive.sh \
	$(end)

# A host for the VMM alone, for stage.sh.
guest_sources += %D%/stage.c %D%/stage.h %D%/stage_start.S
guest_test_images += guest/%D%/stage.elf
guest/%D%/stage.elf: guest/%D%/stage_start.o guest/%D%/stage.o guest/src/guest/shared/memory.o \
	guest/src/worlds/cross.o tests/guest/guest.ld

# What the VMM must withstand, for the same,
guest_sources += %D%/hostile.S %D%/hostile.h %D%/hostile_kit.S
guest_test_images += guest/%D%/hostile.elf
EXTRA_DIST += %D%/hostile.golden
guest/%D%/hostile.elf: guest/%D%/hostile_kit.o guest/%D%/hostile.o tests/guest/guest.ld

# and the hosted system's disk with that kernel in the virtual machine's place.
guest_sources += %D%/hostile_disk.S
guest_test_images += guest/%D%/hostile.img
guest/%D%/hostile_disk.o: $(hosted_programs) guest/hosted/vmm.elf guest/%D%/hostile.elf
guest/%D%/hostile.img: guest/%D%/hostile_disk.o src/guest/boot/disk.ld

# An ordinary kernel, which must say the same there as bare.
guest_sources += %D%/ordinary.c %D%/ordinary.h %D%/ordinary_start.S
guest_test_images += guest/%D%/ordinary.elf
guest/%D%/ordinary.elf: guest/%D%/ordinary_start.o guest/%D%/ordinary.o $(guest_kernel) tests/guest/guest.ld

# Random programs, which must do the same there as bare.
script_tests += %D%/random.sh
guest_sources += %D%/random.c %D%/random.h %D%/random_pieces.S %D%/random_start.S
guest_test_images += guest/%D%/random.elf
guest/%D%/random.elf: guest/%D%/random_start.o guest/%D%/random.o guest/%D%/random_pieces.o $(guest_kernel) \
	tests/guest/guest.ld
