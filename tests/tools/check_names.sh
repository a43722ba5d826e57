#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules of the house that a search can check: words, who may use which library, which room may
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

# What is searched must be able to match: a made-up room that breaks every rule.
mkdir -p "$scratch/code/src/made"
cat > "$scratch/code/src/made/made.c" << 'end'
#include <unicorn/unicorn.h>
#include <capstone/capstone.h>
#include <curses.h>
#include <lua.h>
int addr = printf("x"), when = time(0); exit(1);
end

rules() {
  forbid 'say "linear", "phys" or "ram"' '\<addr\>' 'none' include src
  forbid 'only src/unicorn uses Unicorn' '\<uc_[a-z]|\<UC_[A-Z]|<unicorn/' 'src/unicorn/' include src
  forbid 'only src/x86/disasm*.c use Capstone' '\<cs_(open|close|option|disasm|insn)\>|\<CS_|<capstone' \
    'src/x86/disasm' include src
  forbid 'only src/tui uses ncurses' 'curses\.h' 'src/tui/' include src
  forbid 'only src/lesson/lua uses Lua' '\<luaL?_[a-z]|<(lua|lauxlib|lualib)\.h' 'src/lesson/lua/' include src
  forbid 'the library never prints' '\<(v?f?printf|puts|fputs|putchar|perror) *\(|\<(stdout|stderr)\>' \
    "$front|$debug" src
  forbid 'the library never exits' '\<(_?exit|_Exit|abort) *\(' "$front|$debug" src
  forbid 'the only clock is the machine'\''s' \
    '\<(time|gettimeofday|clock_gettime|clock|rand|random|srand|getrandom) *\(' "$front" src
}
front='src/(front|lesson|cli|tui|guest)/'
debug='src/machine/both_ways.c' # a debug build ends the process where it finds a defect of ours

(cd "$scratch/code" && rules) > "$scratch/found"
grep -v '^src/made/' "$scratch/found" > "$scratch/problems"
forbid 'clang has no "boundl": "bound" tells the size by its register' '\<boundl\>' 'none' src tests/guest \
  >> "$scratch/problems"
[ "$(grep -c '^src/made/' "$scratch/found")" -eq 8 ] ||
  echo "check_names.sh does not find what it looks for any more" >> "$scratch/problems"

# Which rooms a room may include, itself aside: the arrows of README.md's picture.  A public header belongs to a room,
# too; what includes <worldswitch/worldswitch.h> includes all of them.
rooms='
base:     status buffer                               |
x86:      registers segment exception paging disasm reason | base
unicorn:                                              | base x86
cpu:      event halt                                  | base x86 unicorn
run:                                                  | base x86 unicorn cpu
devices:                                              | base
machine:  machine fpu                                 | base x86 unicorn cpu run devices
image:    image                                       | base x86 cpu machine
watch:    crossing forward                            | base x86 cpu machine
worlds:   cross context world process lab hosted      | base x86 cpu machine image watch
guest:                                                | x86 worlds watch
audit:    audit lint                                       | base x86 cpu machine image watch worlds
ablation: ablation storm                              | base x86 cpu machine image watch worlds audit
timeline: timeline session state why                   | base x86 cpu machine image watch worlds
view:     view                                        | base x86 cpu machine image watch worlds timeline
tui:      | base x86 cpu machine image watch worlds audit ablation timeline view worldswitch
front:    | base x86 cpu machine image watch worlds audit ablation timeline view worldswitch
lesson:   | base x86 cpu machine image watch worlds audit ablation timeline view front worldswitch
cli:      | base x86 unicorn cpu machine image watch worlds audit ablation timeline view tui front lesson worldswitch
worldswitch: worldswitch | base x86 cpu machine image watch worlds audit ablation timeline view
'
grep -rnE --include='*.[chS]' '^ *# *include ("[a-z0-9]+/|<worldswitch/)' src include | awk -v rooms="$rooms" '
  BEGIN {
    for (n = split(rooms, row, "\n"); n > 0; n--) {
      split(row[n], part, /[:|]/)
      allowed[part[1]] = " " part[1] " " part[3] " "
      for (m = split(part[2], header, " "); m > 0; m--)
        room_of[header[m]] = part[1]
    }
  }
  {
    split($0, path, /[\/.]/)
    room = path[1] == "src" ? path[2] : room_of[path[3]]
    used = $0
    sub(/^[^"<]*["<]/, "", used)
    split(used, name, /[\/.]/)
    used = name[1] == "worldswitch" ? room_of[name[2]] : name[1]
    if (used == "" || index(allowed[room], " " used " ") == 0)
      print $0 "    <- \"" room "\" may not use \"" used "\""
  }' >> "$scratch/problems"

cat "$scratch/problems"
[ ! -s "$scratch/problems" ]
