#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Format all C that people read, or say what is not formatted.  clang-format's versions do not agree with one another:
# .clang-format was made for the one below, and with another one nothing is judged.
#
# usage: format.sh           format                                 (make format)
#        format.sh --check   exit status 1 if something would change, 77 without that version (make check)

set -u
LC_ALL=C
export LC_ALL
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1
wanted=14

version=$(clang-format --version 2> /dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" != $wanted ]; then
  echo "format.sh: clang-format $wanted is not here (found: ${version:-none}); nothing was done" >&2
  exit 77
fi
# What assembler includes, too, is no C.
files=$(find include src tests examples -name '*.[ch]' | sort | while read -r file; do
  grep -qE '^ *\.(macro|globl)' "$file" || echo "$file"
done)
if [ "${1:-}" = --check ]; then
  # shellcheck disable=SC2086 # no file of ours has blanks in its name
  clang-format --dry-run -Werror $files
else
  # shellcheck disable=SC2086
  clang-format -i $files
fi
