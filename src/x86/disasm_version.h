/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which Capstone is in use. */
#ifndef WS_X86_DISASM_VERSION_H
#define WS_X86_DISASM_VERSION_H

/* Capstone has no patch number to ask for. */
void ws__disasm_version(unsigned *major, unsigned *minor);

#endif
