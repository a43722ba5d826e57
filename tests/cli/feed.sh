#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What comes from outside: serial input from a file, a pipe and a keyboard, the same marks however it comes; disks that
# are written to, and disks that are not.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}" "${QEMU:=}" "${TMUX_PROGRAM:=}"
. "$(dirname "$0")/../tools/guard.sh"
program=$(cd "$top_builddir" && pwd)/worldswitch
guests=$(cd "$top_builddir" && pwd)/guest/tests/cli
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failed=0

# same WHAT FILE FILE
same() {
  cmp "$2" "$3" || {
    echo "$1"
    failed=1
  }
}

# status WHAT WANTED GOT
status() {
  [ "$2" -eq "$3" ] || {
    echo "$1: status $3, wanted $2"
    failed=1
  }
}

limit='--max-insns 50000000'
echo="$guests/echo.elf"

# --- serial input ---
# More than the FIFO holds; the guest hears of it by interrupts, and sleeps in between.
printf 'abcdefghijklmnoprstuvwxyz' > input
i=0
while [ $i -lt 6 ]; do
  cat input input > input.twice
  mv input.twice input
  i=$((i + 1))
done
printf 'q' >> input
# shellcheck disable=SC2086 # the limit is two words
{
  "$program" run $limit --serial-in input "$echo" > from-file
  status 'input from a file' 33 $?
  same 'a file does not come back' input from-file
  "$program" run $limit --serial-in - "$echo" < input > from-stdin
  same 'standard input does not come back' input from-stdin
  "$program" trace --all $limit --serial-in input "$echo" > marks
  # More than a pipe holds, so that it comes in pieces; the guest has ended before it would get the last ones.
  { cat input; head -c 200000 /dev/zero; } | "$program" trace --all $limit --serial-in - "$echo" > marks.pieces
  same 'a pipe gives other marks than a file' marks marks.pieces
  "$program" run $limit --serial-in /dev/null "$echo" > nothing 2> errors
  status 'nothing comes, and the guest sleeps' 8 $?
  "$program" run --lab $limit --serial-in input > lab.fed
  "$program" run --lab $limit > lab
  same 'a guest that does not listen is disturbed by input' lab lab.fed
}

# --- time: the slower the guest, the fewer instructions until the second byte has come ---
# mov $0x3fd, %dx; 1: in %dx, %al; test $1, %al; jz 1b; mov $0x3f8, %dx; in %dx, %al;
# mov $0x3fd, %dx; 2: in %dx, %al; test $1, %al; jz 2b; mov $16, %al; out %al, $0xf4
wait='\146\272\375\003\354\250\001\164\373'
printf "$wait"'\146\272\370\003\354'"$wait"'\260\020\346\364' > poll
for ips in 1000000 100000000; do
  "$program" trace --all --ips $ips --flat 0x100000 --serial-in input poll | wc -l > lines.$ips
done
"$program" trace --all --flat 0x100000 --serial-in input poll | wc -l > lines
same 'the default is not 100000000 instructions a second' lines lines.100000000
[ $(($(cat lines.1000000) * 50)) -lt "$(cat lines)" ] || {
  echo '--ips does not matter'
  failed=1
}

# --- disks ---
# shellcheck disable=SC2086
{
  head -c 1000 /dev/zero | tr '\0' a > before # not a whole number of sectors
  { head -c 512 /dev/zero | tr '\0' Z; tail -c 488 before; } > after
  cp before disk
  "$program" run $limit --disk disk --snapshot "$guests/scribble.elf"
  status 'a disk that is thrown away' 33 $?
  same '--snapshot writes to the disk' before disk
  "$program" trace $limit --disk disk "$guests/scribble.elf" > events
  same 'trace writes to the disk' before disk
  "$program" run $limit --disk disk "$guests/scribble.elf"
  status 'a disk that is kept' 33 $?
  head -c 512 disk > seen
  head -c 512 after > wanted
  same 'what the guest wrote is not in the file' wanted seen
  [ "$(tail -c +513 disk | head -c 488 | tr -d a | wc -c)" -eq 0 ] || {
    echo 'the rest of the disk has changed'
    failed=1
  }
}

# --- disks that cannot be written, and pipes that nobody else opens: said before the run, and nobody waits ---
# refused WANTED PATTERN ARGUMENT...
refused() {
  wanted=$1 pattern=$2
  shift 2
  guard "$program" "$@" > said 2>&1 < /dev/null
  status "$*" "$wanted" $?
  grep -q -e "$pattern" said || {
    echo "$*: \"$pattern\" is not said, but:"
    cat said
    failed=1
  }
}
mkfifo deserted deserted.wsr
pipe='cannot read "deserted": Broken pipe'
refused 2 '"deserted" is not a file that can be a disk' run --lab --disk deserted
refused 2 '"deserted" is not a file that can be a disk' view --lab --disk deserted
refused 2 "$pipe" run deserted
refused 2 "$pipe" trace --flat 0x100000 deserted
refused 2 'cannot read "deserted.wsr": Broken pipe' trace deserted.wsr
refused 2 "$pipe" run --module deserted "$guests/scribble.elf"
refused 2 "$pipe" run --lab --serial-in deserted
refused 2 "$pipe" ablate --merge deserted
refused 10 'cannot write "deserted": No such device' trace --lab -o deserted
refused 10 'nothing has been run' run --lab --record deserted
cat input > deserted & # but somebody may be there
# shellcheck disable=SC2086
"$program" run $limit --serial-in deserted "$echo" > from-pipe
same 'a pipe that somebody writes does not come back' input from-pipe
true | "$program" run --lab --serial-in - > lab.fed
same 'an empty pipe disturbs the run' lab.fed lab

cp before disk
chmod 606 disk
ln disk hard
# shellcheck disable=SC2086
"$program" run $limit --disk hard "$guests/scribble.elf"
[ disk -ef hard ] && [ "$(stat -c '%a %h' disk)" = '606 2' ] || {
  echo 'a disk that was written to is not the same file any more'
  failed=1
}
if [ "$(id -u)" -ne 0 ]; then
  chmod 444 disk
  refused 2 '--snapshot runs without writing' run --disk disk "$guests/scribble.elf"
fi
refused 2 'is not a file that can be a disk' run --disk /dev/null --lab
rm -f disk hard

# --- a keyboard ---
if [ -z "$TMUX_PROGRAM" ]; then
  echo 'no tmux here: the keyboard was not tried'
  exit $failed
fi
mux() { "$TMUX_PROGRAM" -L "worldswitch-feed-$$" -f /dev/null "$@"; }
trap 'mux kill-server 2> /dev/null; rm -rf "$work"' EXIT

mux new-session -d -s keep cat # a server without sessions leaves

# shown PATTERN: the screen comes to show it
on_screen() { mux capture-pane -p -t test | grep -q "$1"; }
shown() {
  await on_screen "$1" && return 0
  echo "the screen does not show \"$1\":"
  mux capture-pane -p -t test
  failed=1
}
# Has the program begun to take each key at once?
terminal_is_raw() {
  [ -s modes-before ] && stty -F "$(mux display-message -p -t test '#{pane_tty}')" -g > modes-now &&
    ! cmp -s modes-before modes-now
}
# keyboard KEY: "hello" comes back, then that key ends the run and leaves the terminal as it was
keyboard() {
  rm -f ended modes-before
  mux new-session -d -s test -x 80 -y 24 "sh -c 'trap : INT; stty -g > modes-before
    \"$program\" run --serial-in - \"$echo\"; echo \$? > ended; echo; stty -g > modes-after; echo ready; exec cat'"
  await terminal_is_raw
  mux send-keys -t test h e l l o
  shown '^hello$'
  mux send-keys -t test "$1"
  shown ready
  same 'the terminal has other modes than before' modes-before modes-after
  mux kill-session -t test
}
keyboard q
status 'a key that ends the guest' 33 "$(cat ended)"
keyboard C-c
status 'Ctrl-C' 130 "$(cat ended)"
exit $failed
