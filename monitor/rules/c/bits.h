/* Hashes, and arrays of bits that tell what may be there. */

#ifndef MONITOR_BITS_H
#define MONITOR_BITS_H

#include <Python.h>
#include <stdint.h>

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

/* The hash of a text that is one character longer. */
static inline uint64_t
hashed(uint64_t hash, Py_UCS4 character)
{
    return (hash ^ character) * UINT64_C(0x9E3779B97F4A7C15);
}

static inline uint64_t
mixed(uint64_t hash)
{
    return (hash ^ (hash >> 32)) * UINT64_C(0xD6E8FEB86659FD93);
}

typedef struct {
    uint64_t *words;
    int shift; /* 64 - the number of bits of a place in the array */
} Bits;

/* Room for so many hashes; of each bit array at most half a megabyte. 0, or -1 with an error. */
static inline int
bits_make(Bits *bits, size_t members)
{
    int size = 12;
    while (size < 22 && ((size_t)1 << size) < 16 * members)
        size++;
    bits->shift = 64 - size;
    bits->words = PyMem_Calloc((size_t)1 << (size - 6), sizeof(uint64_t));
    if (bits->words)
        return 0;
    PyErr_NoMemory();
    return -1;
}

static inline void
bits_put(Bits *bits, uint64_t hash)
{
    uint64_t place = hash >> bits->shift;
    bits->words[place >> 6] |= UINT64_C(1) << (place & 63);
}

/* 0: the hash was not put there. */
static inline int
bits_may_hold(const Bits *bits, uint64_t hash)
{
    uint64_t place = hash >> bits->shift;
    return bits->words[place >> 6] >> (place & 63) & 1;
}

#endif
