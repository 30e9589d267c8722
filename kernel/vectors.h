/* How loops over cells and synapses become vector instructions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_VECTORS_H
#define KERNEL_VECTORS_H

/* In front of a function with such a loop: gcc compiles it for several processors, the
 * best that runs is taken, and all give the same bits (without fused multiply-add, see
 * the compiler's options). Not for clang, whose versions of one function clash, nor for
 * sanitizers, which are not ready when the choice is made. */
#if defined __x86_64__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__ &&       \
    !defined __SANITIZE_THREAD__
#define VECTORS_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTORS_CLONES
#endif

/* In front of the loop: no array in it overlaps another. (clang looks for itself.) */
#if defined __clang__
#define VECTORS_LOOP
#else
#define VECTORS_LOOP _Pragma("GCC ivdep")
#endif

#endif
