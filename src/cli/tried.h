/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The versions of other people's software with which the whole test suite was run.  This list is the only one: doctor
 * names a version that is not in it, and tests/machine/guest_qemu.sh reads QEMU's versions here.
 */
#ifndef WS_CLI_TRIED_H
#define WS_CLI_TRIED_H

#include <stdbool.h>

#include <worldswitch/buffer.h>

/* TRIED(software, version): the version's first two numbers. */
#define WS__TRIED_TABLE      \
    TRIED("unicorn", "2.1")  \
    TRIED("capstone", "4.0") \
    TRIED("capstone", "5.0") \
    TRIED("qemu", "7.2")     \
    TRIED("qemu", "10.0")

/* Was this `version`, such as "7.2.22", tried?  If not, the versions that were are put behind `others`: "7.2, 10.0". */
bool ws__version_tried(const char *software, const char *version, struct ws_buffer *others);

#endif
