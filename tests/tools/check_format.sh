#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Is all C formatted as .clang-format says?

exec "${SHELL:-sh}" "$(dirname "$0")/format.sh" --check
