#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Terminals of several kinds, sizes and locales show what a script draws, character by character.
. "$(dirname "$0")/lib.sh"

is_drawn() { sed 's/ *$//' | cmp -s - "$work/drawn"; }

# same TERM WIDTH HEIGHT LOCALE KEYS: after these keys, the terminal's screen is the script's.  A script asks no locale.
same() {
  what="TERM=$1, $2x$3, $4, the keys $5"
  [ "$4" = C ] && ascii=--ascii || ascii=
  visualizer "$2" "$3" TERM="$1" LANG="$4" LC_ALL="$4"
  until_seen "mark 0"
  # shellcheck disable=SC2086  # an option, or none
  "$program" view --lab $ascii --script "$5" --size "$2x$3" --dump "$work/dump" || fail "$what: the script fails"
  sed 's/ *$//' "$work/dump" >"$work/drawn"
  [ "$(wc -l <"$work/drawn")" -eq "$3" ] || fail "$what: the script draws $(wc -l <"$work/drawn") rows"
  # shellcheck disable=SC2086  # several keys
  keys $5
  until_screen "$what: the screen is not what the script draws" is_drawn
}

for locale in C.UTF-8 C; do
  same xterm-256color 80 24 $locale "w s s s"
  same screen 80 20 $locale "w S c e"
  same tmux-256color 120 40 $locale "w f C 4"
  same vt100 80 24 $locale "G 5 k"
  same linux 200 60 $locale "w s 9 o"
  same xterm 101 33 $locale "w n n ?"
done
exit 0
