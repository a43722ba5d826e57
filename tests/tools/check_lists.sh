#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every source file is named in Makefile.am or in its folder's local.mk: a test that is not listed never runs, and a
# header that is not listed is missing from the release.

set -u
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1

# What they name; %D% is the folder.
named=$(cat Makefile.am; find include src tests examples -name local.mk | while read -r file; do
  sed "s|%D%|${file%/local.mk}|g" "$file"
done)
missing=$(find include src tests examples -type f \
  \( -name '*.[chS]' -o -name '*.ld' -o -name '*.sh' -o -name '*.awk' \) | sort |
  NAMED=$named awk 'index(ENVIRON["NAMED"], $0) == 0 { print $0 ": not named in its folder'\''s local.mk" }')
unread=$(find include src tests examples -name local.mk | while read -r file; do
  grep -q "^include $file\$" Makefile.am || echo "$file: not included by Makefile.am"
done)
[ -z "$missing$unread" ] || printf '%s\n' "$missing" "$unread"
[ -z "$missing$unread" ]
