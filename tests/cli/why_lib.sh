# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests of `why`: what it says, on one screen.

# one_screen FILE: a terminal of 24 rows and 80 columns holds it, the next prompt too; the first and the last thing to
# say are there.  The last line may be folded, since a path is as long as it is.
one_screen() {
  tr -d '\200-\277' < "$1" | # one byte a character
    awk '{ rows += length ? int((length + 79) / 80) : 1 }
      length > 80 && !/^look at it: / { print "row " NR " is longer than 80 columns"; bad = 1 }
      /^$/ { empty = NR }
      END {
        if (rows > 23) { print rows " rows, and a prompt"; bad = 1 }
        if (empty < 2 || !/then type :end$/) { print "how to look at it is not told"; bad = 1 }
        exit bad
      }'
}

# unbroken: lines of standard input as they were before they were broken.  One that goes on does so four columns deeper
# than it began, as no other line stands.
unbroken() {
  awk '{ match($0, /^ */)
      if (NR > 1 && RLENGTH == depth + 4) line = line " " substr($0, RLENGTH + 1)
      else { if (NR > 1) print line; line = $0; depth = RLENGTH } }
    END { print line }'
}
