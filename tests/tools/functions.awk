# SPDX-License-Identifier: GPL-2.0-or-later
#
# Print "FILE LINE NAME LENGTH" for each function of the C files given. The style makes this
# simple: a definition starts in the first column, its closing brace stands there alone.

FNR == 1 { start = 0; inside = 0 }

# A line in the first column that names something with parentheses may begin a definition.
!inside && /^[A-Za-z_]/ && /\(/ && !/^(typedef|#|_Static_assert)/ && !/=/ {
    start = FNR
    name = $0
    sub(/\(.*/, "", name)
    sub(/.*[ *]/, "", name)
}

# A declaration ends before any body begins.
!inside && start && /;[ \t]*(\/\*.*)?$/ && !/\{/ { start = 0 }

!inside && start && /(^|\) *)\{[ \t]*$/ { inside = 1 }

inside && /^\}/ {
    print FILENAME, start, name, FNR - start + 1
    start = 0
    inside = 0
}
