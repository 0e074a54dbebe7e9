/* block.h - 128 ascending numbers in few bits: the doc ids of a posting list, coded by their differences.
 *
 * The differences of a block are packed with as many bits as its largest needs, in the vertical layout of Lemire and
 * Boytsov, "Decoding billions of integers per second through vectorization" (2015): value 4 r + l stands in lane l, so
 * that four are unpacked, and added up, at a time. Written with the compiler's vectors: the same code everywhere.
 */
#ifndef RECKON_TEXT_BLOCK_H
#define RECKON_TEXT_BLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { RK_BLOCK = 128 };

/* Bits that the largest difference needs, 0..32. before: the number in front of the block; first: ids[0] >= before. */
unsigned rk_block_bits(const uint32_t ids[RK_BLOCK], uint32_t before);
/* 16-byte words that a block of so many bits takes: bits of them. out: [4 * bits]. */
void rk_block_pack(const uint32_t ids[RK_BLOCK], uint32_t before, unsigned bits, uint32_t *out);
void rk_block_unpack(const uint32_t *in, uint32_t before, unsigned bits, uint32_t ids[RK_BLOCK]);

#endif
