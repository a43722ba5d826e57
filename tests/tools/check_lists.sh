#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every source file is named in Makefile.am: a test that is not listed never runs, and a header
# that is not listed is missing from the release.

set -u
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1

missing=$(find include src tests examples -type f \
  \( -name '*.[chS]' -o -name '*.ld' -o -name '*.sh' -o -name '*.awk' \) 2> /dev/null | sort |
  awk 'FILENAME == "Makefile.am" { named = named "\n" $0; next }
       index(named, $0) == 0 { print $0 ": not named in Makefile.am" }' Makefile.am -)
[ -z "$missing" ] || printf '%s\n' "$missing"
[ -z "$missing" ]
