/* User-mode Linux sets the floating-point state of its processes without the part for matrices
 * (AMX), and a host kernel that knows that part takes the whole state only: "put_fp_registers"
 * fails. This is preloaded into linux.uml, and adds what is missing from the state as it is. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_BYTES (1 << 16)

static long (*ptrace_of_libc)(long, long, void *, void *);

__attribute__((constructor)) static void find(void)
{
    ptrace_of_libc = dlsym(RTLD_NEXT, "ptrace");
}

long ptrace(enum __ptrace_request request, ...)
{
    /* Not on the stack: that of a user-mode kernel is small, and it has one processor. */
    static char whole[MOST_BYTES];
    struct iovec all = {whole, sizeof whole}, *given;
    va_list rest;
    va_start(rest, request);
    long process = va_arg(rest, int);
    void *address = va_arg(rest, void *), *data = va_arg(rest, void *);
    va_end(rest);
    given = data;
    if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE
        && syscall(SYS_ptrace, PTRACE_GETREGSET, process, address, &all) == 0
        && given->iov_len < all.iov_len) {
        memcpy(whole, given->iov_base, given->iov_len);
        data = &all;
    }
    return ptrace_of_libc(request, process, address, data);
}
