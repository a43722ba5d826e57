# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real terminal for the visualizer's tests: tmux, on a socket of its own, without anybody's configuration.
# Sourced by the tests; "fail" ends one, and what they start ends with them.

. "$(dirname "$0")/../tools/guard.sh"
: "${top_builddir:=.}" "${TMUX_PROGRAM:=$(command -v tmux)}"
program=${WORLDSWITCH_PROGRAM:-$top_builddir/worldswitch}
socket=worldswitch-test-$$
work=$(mktemp -d) || exit 99

if [ -z "$TMUX_PROGRAM" ]; then
  echo "skipped: there is no tmux here, and the visualizer needs a terminal"
  rmdir "$work"
  exit 77
fi

mux() { "$TMUX_PROGRAM" -u -L "$socket" -f "$work/tmux.conf" "$@"; }

# nobody is offered the tour, but who asks for it
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
mkdir -p "$XDG_STATE_HOME/worldswitch" && : >"$XDG_STATE_HOME/worldswitch/visited"

finish() {
  mux kill-server >/dev/null 2>&1
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 99' INT TERM HUP

cat >"$work/tmux.conf" <<'end'
set -g status off
set -g escape-time 0
set -g remain-on-exit on
set -g default-terminal screen-256color
end

screen() { mux capture-pane -p -t test; }

fail() {
  echo "FAIL: $*"
  echo "--- the screen:"
  screen
  exit 1
}

# start WIDTH HEIGHT COMMAND: a terminal of that size that runs a shell command
start() {
  # a server without sessions leaves, so one session stays
  mux has-session -t keep 2>/dev/null || mux new-session -d -s keep cat || fail "tmux does not start"
  mux kill-session -t test 2>/dev/null
  mux new-session -d -s test -x "$1" -y "$2" "$3" || fail "tmux does not start"
}

# visualizer WIDTH HEIGHT [SETTING...]: the visualizer on the laboratory; the shell around it says how it left
visualizer() {
  width=$1 height=$2
  shift 2
  start "$width" "$height" "cd '$work' || exit
    echo before
    stty -g >modes-before
    env LANG=C.UTF-8 LC_ALL=C.UTF-8 $* '$program' view ${system---lab} ${options-}
    echo \"status \$?\"
    stty -g >modes-after
    cmp modes-before modes-after && echo 'modes are as before'
    exec cat"
}

keys() { mux send-keys -t test "$@"; }

# until_seen TEXT, until_gone TEXT: wait until the screen shows it, or shows it no more
until_seen() { until_screen "\"$1\" does not appear" grep -qF -- "$1"; }
until_gone() { until_screen "\"$1\" stays" lacks "$1"; }

# until_screen WHY COMMAND...: wait until the command, which reads the screen, likes it. One look does not decide: what
# is seen may be half of a screen that is just being drawn.
until_screen() {
  why=$1
  shift
  await likes "$@" || fail "$why"
}
likes() { screen | "$@" >/dev/null; }
lacks() { ! grep -qF -- "$1"; }

# settle: wait until the screen is drawn as a whole. The answer to a key that does nothing stands in the last line, and
# that is drawn last.
settle() {
  keys l
  until_seen '"l" does nothing'
}

# the mark that the status line shows
mark() { screen | sed -n '1s/.* mark \([0-9]*\).*/\1/p'; }

until_mark() { await mark_is "$1" || fail "mark $1 is not reached"; }
until_not_mark() { await mark_is_not "$1" || fail "mark $1 is not left"; }
mark_is() { [ "$(mark)" = "$1" ]; }
mark_is_not() { now=$(mark) && [ -n "$now" ] && [ "$now" != "$1" ]; }
