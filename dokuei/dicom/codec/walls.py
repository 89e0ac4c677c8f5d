"""What a decoding process gives up before it meets the first foreign byte. Linux; called once, in the child.

Limits on memory, CPU time, file size and core dumps; no new privileges; death with the parent; and a list of the
system calls that are left (seccomp). None of those opens a file, a socket or a program: whoever takes over a decoder
finds nothing to read and nobody to talk to.
"""

import ctypes
import os
import platform
import resource
import signal
import struct

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
ALLOW, EPERM = 0x7FFF0000, 0x00050001
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# read, write, close, fstat, poll / ppoll, lseek, mmap, mprotect, munmap, brk, rt_sigaction, rt_sigprocmask,
# rt_sigreturn, pread64, pwrite64, sched_yield, mremap, madvise, getpid, sendto, recvfrom, exit, ftruncate,
# getrusage, gettid, futex, clock_gettime, clock_nanosleep, exit_group, setrlimit, prlimit64, getrandom,
# sched_getaffinity, sigaltstack, nanosleep, restart_syscall, rseq
SYSTEM_CALLS = {
    "x86_64": (0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 24, 25, 28, 39, 44, 45, 60, 77, 98, 186,
               202, 228, 230, 231, 160, 302, 318, 204, 131, 35, 219, 271, 334),
    "aarch64": (63, 64, 57, 80, 73, 62, 222, 226, 215, 214, 134, 135, 139, 67, 68, 124, 216, 233, 172, 206, 207,
                93, 46, 165, 178, 98, 113, 115, 94, 164, 261, 278, 123, 132, 101, 128, 293),
}  # fmt: skip


def give_up(memory_bytes: int, file_bytes: int, parent: int) -> None:
    """Set the limits and tie this process to its parent."""
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(PR_SET_DUMPABLE, 0)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if os.getppid() != parent:  # it died before we were tied to it
        os._exit(0)


def limit_cpu(seconds: float) -> None:
    """From now on this much CPU time, then the kernel ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def seal() -> bool:
    """Leave only the system calls a decoder needs; False where that is not known for this machine."""
    machine = platform.machine()
    if machine not in SYSTEM_CALLS:
        return False
    calls = SYSTEM_CALLS[machine]
    steps = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, ARCHITECTURES[machine]), (RETURN, 0, 0, EPERM), (LOAD, 0, 0, 0)]
    steps += [(EQUAL, len(calls) - number, 0, call) for number, call in enumerate(calls)]
    steps += [(RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)]
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(kept))
    return _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(header, len(header)))


def _prctl(option: int, *values: object) -> bool:
    padded = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in (*values, 0, 0, 0, 0)][:4]
    return bool(ctypes.CDLL(None, use_errno=True).prctl(option, *padded) == 0)
