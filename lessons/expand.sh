#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Write a lab's text with what its commands print: a line
#
#     {{run: worldswitch compare --lab | head -n 5}}
#
# becomes a block of code with the command and its output.  So no number and no transcript is older than the program.
#
# usage: expand.sh PROGRAM < lesson.md

set -u
LC_ALL=C.UTF-8
NO_COLOR=1
export LC_ALL NO_COLOR
program=$1

# Commands say "worldswitch", and mean the one that was built.
worldswitch() {
  "$program" "$@"
}

while IFS= read -r line; do
  case $line in
    '{{run: '*'}}')
      command=${line#'{{run: '}
      command=${command%'}}'}
      output=$(eval "$command" < /dev/null 2> /dev/null)
      if [ -z "$output" ]; then
        echo "expand.sh: \"$command\" prints nothing" >&2
        exit 1
      fi
      printf '```\n$ %s\n%s\n```\n' "$command" "$output"
      ;;
    *'{{run'*)
      echo "expand.sh: a command stands alone on its line: \"$line\"" >&2
      exit 1
      ;;
    *) printf '%s\n' "$line" ;;
  esac
done
