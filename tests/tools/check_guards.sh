#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No test has a time limit of its own, and none asks what time it is: guard.sh has the one limit, which only ends what
# hangs. Benchmarks measure time, and no test judges what they find.

set -u
LC_ALL=C
export LC_ALL
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# rules FOLDER: what stands there and must not
rules() {
  grep -rnE --include='*.[ch]' \
    '\<(tcase_set_timeout|clock_gettime|gettimeofday|time|clock|alarm|setitimer|usleep|nanosleep) ?\(' "$1"
  grep -rnE --include='*.sh' '(^|[^_a-z])timeout [0-9]|(^|[;{&]) *sleep [0-9]|-lt [0-9]+ \] \|\| fail' "$1"
}

# What is searched must be able to match.
mkdir "$scratch/made"
echo 'tcase_set_timeout(tests, 60); if (time(0) > 5) fail();' > "$scratch/made/made.c"
printf '%s\n' 'timeout 60 qemu' '  sleep 1' '[ $tries -lt 200 ] || fail' > "$scratch/made/made.sh"
[ "$(rules "$scratch/made" | wc -l)" -eq 4 ] || {
  echo "check_guards.sh does not find what it looks for any more"
  exit 1
}

found=$(rules tests | grep -vE '^tests/(bench|tools/(guard|check_guards))')
[ -z "$found" ] || {
  echo "time limits outside tests/tools/guard.sh, or a test that depends on the time:"
  echo "$found"
  exit 1
}
