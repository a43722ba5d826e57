#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Gradescope, once, when the autograder's image is made: build and install the program.
#
# What to do: put this file, run_autograder, and a release of the program (make dist) into one zip file, all three at
# its top, and upload it.  Take a base image of Debian; elsewhere ./bootstrap says what is missing.
# What to change: the release's name, if you like.
# Not run here: it needs Gradescope's image, and the network.

set -eu
source=${1:-/autograder/source} # where Gradescope unpacks the zip file
cd "$source"
apt-get update
apt-get install -y --no-install-recommends bubblewrap ca-certificates
mkdir -p worldswitch
tar -xzf worldswitch-*.tar.gz -C worldswitch --strip-components=1
cd worldswitch
./bootstrap
make -C build install
ldconfig
worldswitch doctor
