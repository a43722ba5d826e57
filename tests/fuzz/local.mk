# SPDX-License-Identifier: GPL-2.0-or-later

# Random guests: a few seconds of them in each check; more with --programs.
check_programs += %D%/fuzz_guest
%C%_fuzz_guest_SOURCES = %D%/fuzz_guest.c %D%/random_guest.c %D%/random_guest.h %D%/random_code.c %D%/ways.c %D%/ways.h
%C%_fuzz_guest_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -DFUZZ_TIMELINE
%C%_fuzz_guest_LDADD = libobjects.la

# The same of images.
check_programs += %D%/image_ways
%C%_image_ways_SOURCES = %D%/image_ways.c %D%/random_code.c %D%/random_guest.h %D%/ways.c %D%/ways.h
%C%_image_ways_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -DFUZZ_TIMELINE -D_DEFAULT_SOURCE
%C%_image_ways_LDADD = libobjects.la

# Takes clang, and as long as you let it: make fuzz FUZZ_SECONDS=600; what it finds stays in the build tree's folder
# fuzz.  make fuzz-proof: 100,000 images and 20,000 random guests, and a line that says so.
FUZZ_SECONDS = 60
fuzz:
	$(SHELL) $(srcdir)/%D%/run.sh $(FUZZ_SECONDS)
fuzz-proof:
	$(SHELL) $(srcdir)/%D%/run.sh proof
.PHONY: fuzz fuzz-proof
EXTRA_DIST += %D%/seeds %D%/run.sh %D%/fuzz_image.c %D%/seed_image.c
