/*
 * Linked in before User-Mode Linux's own libraries (LD_PRELOAD), so that it starts on processors with AMX.
 * UML 6.1 keeps 2696 bytes of a process's extended processor state (XSAVE); with AMX the state has 11008, and
 * PTRACE_SETREGSET refuses a shorter one, upon which UML aborts before init. Here a short state that is to be set is
 * laid over the process's whole state first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define NT_X86_XSTATE 0x202

long ptrace(enum __ptrace_request request, ...) {
  static long (*next)(int, ...);
  static char whole[65536] __attribute__((aligned(64)));
  va_list words;
  va_start(words, request);
  int pid = va_arg(words, int);
  void *address = va_arg(words, void *);
  void *data = va_arg(words, void *);
  va_end(words);
  if (!next) next = (long (*)(int, ...))dlsym(RTLD_NEXT, "ptrace");
  if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE) {
    struct iovec *given = data, full = {whole, sizeof whole};
    if (next(PTRACE_GETREGSET, pid, address, &full) == 0 && given->iov_len < full.iov_len) {
      memcpy(whole, given->iov_base, given->iov_len);
      return next(PTRACE_SETREGSET, pid, address, &full);
    }
  }
  return next(request, pid, address, data);
}
