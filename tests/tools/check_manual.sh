#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The manual page lists the commands and options that the program's help lists, no more and no
# fewer. (Its keys are held to their table by tests/tui/check_manual.c.)

set -u
: "${top_srcdir:=$(dirname "$0")/../..}" "${top_builddir:=.}"
manual=$top_srcdir/doc/worldswitch.1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
status=0

# same WHAT: compare the two lists made from the program and from the page.
same() {
  if [ ! -s "$scratch/program" ]; then
    echo "no $1 found: this check does not work"
    status=1
  elif ! diff "$scratch/program" "$scratch/page" > "$scratch/differences"; then
    echo "doc/worldswitch.1: other $1 than the program has (< program, > page):"
    cat "$scratch/differences"
    status=1
  fi
}

"$top_builddir/worldswitch" --help > "$scratch/help" || exit 1
sed -n '/^Commands/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' "$scratch/help" | sort > "$scratch/program"
sed -n '/^\.SH COMMANDS/,/^\.SH OPTIONS/s/^\.B \([a-z]*\)$/\1/p' "$manual" | sort -u > "$scratch/page"
same commands

grep -o -- '--[a-z-]*[a-z]' "$scratch/help" | sort -u > "$scratch/program"
sed 's/\\-/-/g' "$manual" | sed -n '/^\.SH COMMANDS/,/^\.SH KEYS/p' | grep -o -- '--[a-z-]*[a-z]' |
  sort -u > "$scratch/page"
same options
exit $status
