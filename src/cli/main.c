/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the program begins. */
#include "front/commands.h"

int main(int argc, char **argv)
{
    return ws__cli_main(argc, argv);
}
