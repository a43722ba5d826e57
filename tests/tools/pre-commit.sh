#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The checks that need no build, a few seconds in all, on what is staged: the files as they would be committed.  As a
# hook of git:
#
#     ln -s ../../tests/tools/pre-commit.sh .git/hooks/pre-commit
#
# Nothing is printed where all is well.  "git commit --no-verify" commits all the same.

set -u
top=$(git rev-parse --show-toplevel) || exit 1
cd "$top" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP
status=0

git checkout-index --all --prefix="$scratch/tree/" || exit 1
top_srcdir=$scratch/tree
export top_srcdir
for check in names lists sizes citations guards headers format; do
  sh "$top_srcdir/tests/tools/check_$check.sh" > "$scratch/said" 2>&1
  case $? in
    0) ;;
    77) cat "$scratch/said" >&2 ;; # it cannot be done here
    *)
      echo "pre-commit: check_$check.sh:" >&2
      sed "s|$scratch/tree/||g" "$scratch/said" >&2
      status=1
      ;;
  esac
done
exit $status
