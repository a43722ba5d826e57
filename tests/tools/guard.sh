# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The one time limit of all tests. It ends what hangs, and decides nothing else: half an hour is an eternity for each
# of them, on an old laptop and on a busy one. CK_TIMEOUT_MULTIPLIER scales it, here and in Check's programs, whose
# main() tools/make_main writes.

guard_seconds=1800

# guard COMMAND...: run it, and end it if it hangs
guard() {
  timeout "$(guard_scaled)" "$@"
}

guard_scaled() {
  awk -v seconds=$guard_seconds -v times="${CK_TIMEOUT_MULTIPLIER:-1}" 'BEGIN { printf "%d", seconds * times + 1 }'
}

# qemu ARGUMENT...: QEMU without a window, whose chips count instructions, as ours do. By itself it follows the host's
# clock, and then a guest on a busy machine is preempted more often, or hears of an interrupt before it can ask for it.
qemu() {
  guard "$QEMU" -icount shift=3,sleep=off -display none -monitor none -no-reboot -device isa-debug-exit,iobase=0xf4 "$@"
}

# await COMMAND...: try it until it succeeds; non-zero if it never does
await() {
  tries=$(($(guard_scaled) * 20))
  until "$@"; do
    [ $tries -gt 0 ] || return 1
    tries=$((tries - 1))
    sleep 0.05
  done
}

# long: has somebody asked for the long tests?
long() {
  [ -n "${WS_LONG:-}" ]
}

# more: has somebody asked for more than `make check` does, as CI does, or for the long tests?
more() {
  [ -n "${WS_MORE:-}" ] || long
}
