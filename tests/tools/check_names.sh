#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules of the house that a search can check: words, who may use which library, which layer may
# use which, and that the library neither prints, exits, nor asks the host for the time.

set -u
LC_ALL=C
export LC_ALL
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# forbid WHY PATTERN EXCEPT WHERE...: nothing there may match PATTERN, files matching EXCEPT aside
forbid() {
  why=$1 pattern=$2 except=$3
  shift 3
  grep -rnE --include='*.[chS]' -e "$pattern" "$@" 2> /dev/null | grep -vE "^($except)" |
    sed "s|\$|    <- $why|"
}

# Comments may mention what code may not use.
find include src -type d | sed "s|^|$scratch/code/|" | xargs mkdir -p
# shellcheck disable=SC2046 # no file of ours has blanks in its name
awk -v code="$scratch/code/" '
  FNR == 1 { close(file); file = code FILENAME; comment = 0 }
  {
    line = $0; out = ""
    while (line != "") {
      if (comment) {
        if (!(at = index(line, "*/"))) { line = ""; break }
        line = substr(line, at + 2); comment = 0
      } else if ((at = index(line, "/*"))) {
        out = out substr(line, 1, at - 1) " "; line = substr(line, at + 2); comment = 1
      } else { out = out line; line = "" }
    }
    print out > file
  }' $(find include src -name '*.[chS]')

# What is searched must be able to match: a made-up layer that breaks every rule.
mkdir -p "$scratch/code/src/made"
cat > "$scratch/code/src/made/made.c" << 'end'
#include <unicorn/unicorn.h>
#include <capstone/capstone.h>
#include <curses.h>
int addr = printf("x"), when = time(0); exit(1);
end

rules() {
  forbid 'say "linear", "phys" or "ram"' '\<addr\>' 'none' include src
  forbid 'only src/cpu/engine*.c use Unicorn' '\<uc_[a-z]|\<UC_[A-Z]|<unicorn/' 'src/cpu/engine' include src
  forbid 'only src/cpu/disasm*.c use Capstone' '\<cs_(open|close|option|disasm|insn)\>|\<CS_|<capstone' \
    'src/cpu/disasm' include src
  forbid 'only src/tui uses ncurses' 'curses\.h' 'src/tui/' include src
  forbid 'the library never prints' '\<(v?f?printf|puts|fputs|putchar|perror) *\(|\<(stdout|stderr)\>' \
    "$front" src
  forbid 'the library never exits' '\<(_?exit|_Exit|abort) *\(' "$front" src
  forbid 'the only clock is the machine'\''s' \
    '\<(time|gettimeofday|clock_gettime|clock|rand|random|srand|getrandom) *\(' "$front" src
}
front='src/(cli|tui|gdb|guest)/'

(cd "$scratch/code" && rules) > "$scratch/found"
grep -v '^src/made/' "$scratch/found" > "$scratch/problems"
forbid 'clang has no "boundl": "bound" tells the size by its register' '\<boundl\>' 'none' src tests/guest \
  >> "$scratch/problems"
[ "$(grep -c '^src/made/' "$scratch/found")" -eq 7 ] ||
  echo "check_names.sh does not find what it looks for any more" >> "$scratch/problems"

# Which layers a layer may include, itself aside. An arrow of architecture.md is a word here.
layers='
base:
cpu: base
devices: base
machine: base cpu devices
worlds: base cpu devices machine guest
guest: worlds
timeline: base cpu devices machine worlds
view: base cpu devices machine worlds timeline
render: base cpu devices machine worlds timeline view
tui: base cpu devices machine worlds timeline view
gdb: base cpu devices machine worlds timeline view
lesson: base cpu devices machine worlds timeline view
cli: base cpu devices machine worlds timeline view guest render tui gdb lesson
'
grep -rnE --include='*.[chS]' '^ *# *include "[a-z]+/' src | awk -v layers="$layers" '
  BEGIN {
    for (n = split(layers, row, "\n"); n > 0; n--) {
      split(row[n], part, ":")
      allowed[part[1]] = " " part[1] part[2] " "
    }
  }
  {
    split($0, path, "/")
    used = $0
    sub(/[^"]*"/, "", used)
    sub(/\/.*/, "", used)
    if (index(allowed[path[2]], " " used " ") == 0)
      print $0 "    <- layer \"" path[2] "\" may not use \"" used "\""
  }' >> "$scratch/problems"

cat "$scratch/problems"
[ ! -s "$scratch/problems" ]
