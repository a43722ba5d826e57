# SPDX-License-Identifier: GPL-2.0-or-later
#
# WS_UNICORN_TRANSLATES
#
# Unicorn 2.0.1 walks a guest's page tables, faults rightly, and then sends every linear
# address to one and the same physical address: two worlds cannot exist on it. A version number
# tells nothing about a patched or private copy, so a guest is run here that turns on paging
# and writes to two linear pages that its tables map to two different physical pages.

AC_DEFUN([WS_UNICORN_TRANSLATES],
[AC_CACHE_CHECK([whether Unicorn translates linear addresses],
  [ws_cv_unicorn_translates],
  [ws_save_CFLAGS=$CFLAGS
   ws_save_LIBS=$LIBS
   CFLAGS="$CFLAGS $UNICORN_CFLAGS"
   LIBS="$UNICORN_LIBS $LIBS"
   AC_RUN_IFELSE(
     [AC_LANG_SOURCE([[
#include <stdint.h>
#include <string.h>
#include <unicorn/unicorn.h>

#define PRESENT_WRITABLE 3u

static const unsigned char guest_code[] = {
    0xb8, 0x00, 0x20, 0x00, 0x00,                               /* mov $0x2000, %eax     */
    0x0f, 0x22, 0xd8,                                           /* mov %eax, %cr3        */
    0x0f, 0x20, 0xc0,                                           /* mov %cr0, %eax        */
    0x0d, 0x00, 0x00, 0x00, 0x80,                               /* or  $CR0_PG, %eax     */
    0x0f, 0x22, 0xc0,                                           /* mov %eax, %cr0        */
    0xc7, 0x05, 0x00, 0x00, 0x01, 0x00, 0x11, 0x11, 0x11, 0x11, /* movl $..., 0x10000    */
    0xc7, 0x05, 0x00, 0x10, 0x01, 0x00, 0x22, 0x22, 0x22, 0x22, /* movl $..., 0x11000    */
    0xf4                                                        /* hlt                   */
};

static void entry_put(uint32_t *table, unsigned index, uint32_t phys)
{
    table[index] = phys | PRESENT_WRITABLE;
}

int main(void)
{
    static uint32_t directory[1024], table[1024];
    uint32_t first = 0, second = 0;
    uc_engine *uc;

    if (uc_open(UC_ARCH_X86, UC_MODE_32, &uc) != UC_ERR_OK)
        return 2;
    entry_put(directory, 0, 0x3000);
    entry_put(table, 0x01, 0x1000);     /* the code, at its own address */
    entry_put(table, 0x10, 0x4000);     /* linear 0x10000 -> physical 0x4000 */
    entry_put(table, 0x11, 0x5000);     /* linear 0x11000 -> physical 0x5000 */
    if (uc_mem_map(uc, 0, 0x8000, UC_PROT_ALL) != UC_ERR_OK ||
        uc_mem_write(uc, 0x1000, guest_code, sizeof guest_code) != UC_ERR_OK ||
        uc_mem_write(uc, 0x2000, directory, sizeof directory) != UC_ERR_OK ||
        uc_mem_write(uc, 0x3000, table, sizeof table) != UC_ERR_OK ||
        uc_ctl_exits_enable(uc) != UC_ERR_OK)
        return 2;
    if (uc_emu_start(uc, 0x1000, 0, 0, 0) != UC_ERR_OK)
        return 3;
    if (uc_mem_read(uc, 0x4000, &first, 4) != UC_ERR_OK ||
        uc_mem_read(uc, 0x5000, &second, 4) != UC_ERR_OK)
        return 2;
    uc_close(uc);
    return first == 0x11111111 && second == 0x22222222 ? 0 : 1;
}
]])],
     [ws_cv_unicorn_translates=yes],
     [ws_cv_unicorn_translates=no],
     [ws_cv_unicorn_translates="not tried, cross compiling"])
   CFLAGS=$ws_save_CFLAGS
   LIBS=$ws_save_LIBS])
 if test "x$ws_cv_unicorn_translates" = xno; then
   AC_MSG_ERROR([the Unicorn library found here does not translate linear addresses.
  A guest mapped two linear pages to two physical pages, and its writes did not arrive there
  (or the guest did not run at all; config.log has the program and its exit status).
  Unicorn 2.0.1 is known for this; 2.1.1 and newer translate.
  What to do: on Debian or Ubuntu run ./bootstrap, which says what it installs; elsewhere install
  Unicorn 2.1.1 or newer and point PKG_CONFIG_PATH at the folder of its unicorn.pc.])
 fi])
