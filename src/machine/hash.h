/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Multiply and fold, eight bytes at a time: equal states give equal hashes, and one changed bit changes half of them.
 * Not cryptographic: an attacker would gain nothing from a collision.
 */
#ifndef WS_MACHINE_HASH_H
#define WS_MACHINE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Fold a number, or bytes and how many they are, into a hash. */
uint64_t ws__hash_word(uint64_t hash, uint64_t word);
uint64_t ws__hash_bytes(uint64_t hash, const void *bytes, size_t size);

#endif
