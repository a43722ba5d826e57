#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each public header compiles alone and
# worldswitch.h includes them all.

set -u
: "${CC:=cc}"
include=${top_srcdir:-$(dirname "$0")/../..}/include
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
status=0

for header in "$include"/worldswitch/*.h; do
  name=worldswitch/$(basename "$header")
  echo "#include <$name>" > "$scratch/alone.c"
  # shellcheck disable=SC2086 # CC may hold options
  $CC -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$include" "$scratch/alone.c" || {
    echo "<$name> does not compile alone"
    status=1
  }
  [ "$name" = worldswitch/worldswitch.h ] ||
    grep -qE "^#include [<\"]${name}[>\"]" "$include/worldswitch/worldswitch.h" 2> /dev/null || {
    echo "<$name> is not included by worldswitch.h"
    status=1
  }
done
exit $status
