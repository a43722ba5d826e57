#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `make installcheck` does: be somebody who has only what was installed. An example is compiled
# as its reader would, through pkg-config, and run; the program tells its version.

set -eu
: "${CC:?}" "${bindir:?}" "${libdir:?}" "${top_srcdir:?}"
PKG_CONFIG_PATH=$libdir/pkgconfig:${PKG_CONFIG_PATH-}
LD_LIBRARY_PATH=$libdir:${LD_LIBRARY_PATH-}
export PKG_CONFIG_PATH LD_LIBRARY_PATH
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# shellcheck disable=SC2046,SC2086 # these are lists of options
$CC -std=c11 -o "$scratch/two_worlds" "$top_srcdir/examples/two_worlds.c" \
  $(pkg-config --cflags --libs worldswitch) ${WS_LDFLAGS-}
"$scratch/two_worlds" > "$scratch/seen"
[ -s "$scratch/seen" ]
"$bindir/worldswitch" --version
