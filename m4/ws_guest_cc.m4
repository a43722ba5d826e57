# SPDX-License-Identifier: GPL-2.0-or-later
#
# WS_GUEST_CC
#
# Find a compiler that turns freestanding C and assembly into 32-bit x86 programs for the
# emulated machine; it need not be the compiler of the library. Each candidate has to compile,
# assemble and link, since a compiler often accepts -m32 without having a linker for it.
# Sets and substitutes GUEST_CC, GUEST_CFLAGS (compiling) and GUEST_LDFLAGS (linking).  Sets ws_guest_quiet to the flag,
# a blank before it, that keeps a linker from warning of code that may be written, if it knows one.

# WS_GUEST_CC_TRY(CANDIDATE, LINK-FLAGS): sets ws_guest_works to yes or no
AC_DEFUN([WS_GUEST_CC_TRY],
[ws_guest_works=no
 rm -rf conftest.guest
 mkdir conftest.guest
 cat > conftest.guest/program.c <<'ws_guest_end'
#include <stdint.h>
extern uint32_t answer;
uint32_t twice(uint32_t n);
uint32_t twice(uint32_t n) { return n + n + answer; }
ws_guest_end
 cat > conftest.guest/start.S <<'ws_guest_end'
    .globl _start, answer
_start:
    pushl $answer
    call twice
    mov %eax, %cr3
    lss answer, %esp
    lret
    .data
answer:
    .long 42
    .section .note.GNU-stack, "", @progbits
ws_guest_end
 if { ($1 $GUEST_CFLAGS -c conftest.guest/program.c -o conftest.guest/program.o &&
       $1 $GUEST_CFLAGS -c conftest.guest/start.S -o conftest.guest/start.o &&
       $1 $2 -Wl,-Ttext=0x100000 conftest.guest/start.o conftest.guest/program.o \
         -o conftest.guest/program.elf) >&AS_MESSAGE_LOG_FD 2>&1; }
 then
   # ELF, 32-bit, little-endian; type 2: placed where it was told to be; machine 3: Intel 80386
   ws_guest_header=`od -An -tx1 -N20 conftest.guest/program.elf | tr -d ' \n'`
   AS_CASE([$ws_guest_header],
     [7f454c460101*02000300], [ws_guest_works=yes])
 fi
 rm -rf conftest.guest])

AC_DEFUN([WS_GUEST_CC],
[AC_ARG_VAR([GUEST_CC], [compiler of the guest's 32-bit x86 code, with the option that selects it])
 AC_ARG_VAR([GUEST_LDFLAGS], [linker flags for the guest's code])
 GUEST_CFLAGS="-std=c11 -Os -g0 -march=i586 -ffreestanding -fno-pic -fno-stack-protector dnl
-fno-asynchronous-unwind-tables -fno-ident -fcf-protection=none -mgeneral-regs-only -Wa,--noexecstack"
 ws_guest_ldflags="-nostdlib -static -Wl,--build-id=none -Wl,-m,elf_i386"
 AC_MSG_CHECKING([for a compiler of 32-bit x86 guest code])
 ws_guest_found=no
 for ws_guest_cc in "$GUEST_CC" "$CC -m32" "gcc -m32" "i686-linux-gnu-gcc" \
                    "clang --target=i386-linux-gnu"
 do
   test -n "$ws_guest_cc" || continue
   for ws_guest_flags in "$GUEST_LDFLAGS" "$ws_guest_ldflags" "$ws_guest_ldflags -no-pie" \
                         "$ws_guest_ldflags -fuse-ld=lld"
   do
     test -n "$ws_guest_flags" || continue
     WS_GUEST_CC_TRY([$ws_guest_cc], [$ws_guest_flags])
     if test $ws_guest_works = yes; then
       ws_guest_found=yes
       GUEST_CC=$ws_guest_cc
       GUEST_LDFLAGS=$ws_guest_flags
       break 2
     fi
   done
 done
 if test $ws_guest_found = no; then
   AC_MSG_RESULT([none])
   AC_MSG_ERROR([no compiler here can build the guest's 32-bit x86 code.
  Tried: GUEST_CC (if given), "$CC -m32", "gcc -m32", "i686-linux-gnu-gcc" and
  "clang --target=i386-linux-gnu", each compiling, assembling and linking a freestanding program;
  config.log says what each answered.
  What to do: on x86 install gcc and binutils; elsewhere a cross compiler, for instance the package
  gcc-i686-linux-gnu; or name one: ./configure GUEST_CC='COMMAND AND ITS OPTIONS'.])
 fi
 AC_MSG_RESULT([$GUEST_CC])
 ws_guest_quiet=" -Wl,--no-warn-rwx-segments"
 WS_GUEST_CC_TRY([$GUEST_CC], [$GUEST_LDFLAGS$ws_guest_quiet])
 test $ws_guest_works = yes || ws_guest_quiet=
 AC_SUBST([GUEST_CFLAGS])])
