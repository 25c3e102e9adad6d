/*
 * The little of a C library that the built-in binaries need: an entry point and system calls, for
 * the four architectures Skerry runs on. No libc, so a binary is a few kilobytes and runs on any
 * kernel since 3.17.
 */
#ifndef SKERRY_FREESTANDING_H
#define SKERRY_FREESTANDING_H

#include <asm/unistd.h>

typedef unsigned long word;

/* The program. `stack` points at argc, then argv, a null, the environment, a null. */
_Noreturn void entry(word *stack);

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call entry\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x0, sp\n b entry\n");
#elif defined(__arm__)
__asm__(".arm\n.globl _start\n_start:\n mov fp, #0\n mov lr, #0\n mov r0, sp\n"
        " bic sp, sp, #7\n b entry\n");
#elif defined(__riscv)
__asm__(".globl _start\n_start:\n mv a0, sp\n andi sp, sp, -16\n tail entry\n");
#else
#error "no entry point for this architecture"
#endif

/* Answers what the kernel answers: a value, or minus an errno. */
static inline long kernel(word number, word a, word b, word c, word d, word e)
{
#if defined(__x86_64__)
    register word r10 __asm__("r10") = d;
    register word r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register word x8 __asm__("x8") = number;
    register word x0 __asm__("x0") = a;
    register word x1 __asm__("x1") = b;
    register word x2 __asm__("x2") = c;
    register word x3 __asm__("x3") = d;
    register word x4 __asm__("x4") = e;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return (long)x0;
#elif defined(__arm__)
    register word r7 __asm__("r7") = number;
    register word r0 __asm__("r0") = a;
    register word r1 __asm__("r1") = b;
    register word r2 __asm__("r2") = c;
    register word r3 __asm__("r3") = d;
    register word r4 __asm__("r4") = e;
    __asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4) : "memory");
    return (long)r0;
#elif defined(__riscv)
    register word a7 __asm__("a7") = number;
    register word a0 __asm__("a0") = a;
    register word a1 __asm__("a1") = b;
    register word a2 __asm__("a2") = c;
    register word a3 __asm__("a3") = d;
    register word a4 __asm__("a4") = e;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
    return (long)a0;
#endif
}

#define SYS(name, a, b, c, d, e)                                                                   \
    kernel(__NR_##name, (word)(a), (word)(b), (word)(c), (word)(d), (word)(e))

/* A set of signals as the kernel keeps it: bit n-1 for signal n. */
typedef unsigned long long signals;
#define SIGNAL(n) (1ULL << ((n) - 1))

#endif
