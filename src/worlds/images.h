/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest programs that the library carries inside itself: whole ELF files, see images.S. */
#ifndef WS_WORLDS_IMAGES_H
#define WS_WORLDS_IMAGES_H

/* WS__IMAGE(NAME) declares the bytes of one image, from _begin up to, not including, _end. */
#define WS__IMAGE(name)                                    \
    extern const unsigned char ws__image_##name##_begin[]; \
    extern const unsigned char ws__image_##name##_end[]

/* The cross page and the table of its steps; the laboratory's start stub, kernels and user program. */
WS__IMAGE(cross);
WS__IMAGE(start);
WS__IMAGE(idle);
WS__IMAGE(host);
WS__IMAGE(vmm);
WS__IMAGE(user);

/* The hosted system, a multiboot file, and its initial disk. */
WS__IMAGE(hosted);
WS__IMAGE(disk);

#endif
