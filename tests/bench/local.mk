# SPDX-License-Identifier: GPL-2.0-or-later

# Benchmarks: not part of check, since a busy machine proves nothing.
bench_common = %D%/bench.c %D%/bench.h
bench_loops = %D%/loops.c %D%/loops.h $(bench_common)
bench_programs = \
	%D%/bench_checkpoint \
	%D%/bench_compute \
	%D%/bench_guests \
	%D%/bench_hosted \
	%D%/bench_screen \
	%D%/bench_seek \
	%D%/bench_segments \
	%D%/bench_switch \
	%D%/bench_timeline \
	%D%/bench_vm \
	$(end)
%C%_bench_checkpoint_SOURCES = %D%/bench_checkpoint.c $(bench_common)
%C%_bench_checkpoint_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_checkpoint_LDADD = libobjects.la
%C%_bench_compute_SOURCES = %D%/bench_compute.c $(bench_loops)
%C%_bench_compute_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_compute_LDADD = libobjects.la
%C%_bench_guests_SOURCES = %D%/bench_guests.c %D%/peers.c %D%/peers.h $(bench_common)
%C%_bench_guests_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_guests_LDADD = libobjects.la
%C%_bench_hosted_SOURCES = %D%/bench_hosted.c $(bench_common)
%C%_bench_hosted_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_hosted_LDADD = libobjects.la
%C%_bench_screen_SOURCES = %D%/bench_screen.c $(bench_common)
%C%_bench_screen_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_screen_LDADD = libobjects.la
%C%_bench_seek_SOURCES = %D%/bench_seek.c %D%/peer_back.c %D%/peer_back.h $(bench_common)
%C%_bench_seek_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_seek_LDADD = libobjects.la
%C%_bench_segments_SOURCES = %D%/bench_segments.c $(bench_common)
%C%_bench_segments_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_segments_LDADD = libobjects.la
%C%_bench_switch_SOURCES = %D%/bench_switch.c $(bench_loops)
%C%_bench_switch_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_switch_LDADD = libobjects.la
%C%_bench_timeline_SOURCES = %D%/bench_timeline.c %D%/recording.c %D%/recording.h \
	$(bench_loops)
%C%_bench_timeline_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_timeline_LDADD = libfront.la
%C%_bench_vm_SOURCES = %D%/bench_vm.c $(bench_common)
%C%_bench_vm_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests
%C%_bench_vm_LDADD = libobjects.la
CLEANFILES += $(bench_programs)

# The guests of bench_guests; costs is that of bench_vm.
bench_guest_sources = \
	%D%/guest/checksum.S \
	%D%/guest/compute.S \
	%D%/guest/costs.S \
	%D%/guest/interrupts.S \
	%D%/guest/matrix.S \
	%D%/guest/ports.S \
	$(end)
bench_guest_programs = $(bench_guest_sources:%.S=guest/%.elf)
EXTRA_DIST += $(bench_guest_sources) %D%/guest/guest.h %D%/boot.sh
$(bench_guest_programs): guest/%.elf: guest/%.o tests/guest/guest.ld

bench: worldswitch $(bench_programs) $(bench_guest_programs) guest/tests/vmm/stage.elf guest/hosted/vmm.elf
	@QEMU='$(QEMU)'; GDB='$(GDB)'; top_builddir='$(abs_top_builddir)'; export QEMU GDB top_builddir; \
	for program in $(bench_programs); do echo "== $$program"; ./$$program || exit 1; done; \
	echo '== %D%/boot.sh'; sh '$(srcdir)/%D%/boot.sh'
.PHONY: bench

