"""Shuts the reading process in: limits on memory, time and files written, no sockets, no other programs.

Called first thing in that process, before the map libraries are imported. Standard library only.
"""

import ctypes
import errno
import platform
import resource
import struct
import sys

# Linux: <linux/prctl.h>, <linux/seccomp.h>, <linux/bpf_common.h>.
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
SECCOMP_ALLOW, SECCOMP_ERRNO = 0x7FFF0000, 0x00050000
LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
NUMBER_OFFSET, ARCH_OFFSET = 0, 4
X32_BIT = 0x40000000
# machine: (audit architecture, [socket, io_uring_setup, execve, execveat])
FORBIDDEN_CALLS = {
    "x86_64": (0xC000003E, (41, 425, 59, 322)),
    "aarch64": (0xC00000B7, (198, 425, 221, 281)),
}


def limit_resources(*, memory_bytes: int, cpu_seconds: int, written_bytes: int, open_files: int = 64) -> None:
    """Set hard limits: beyond them an allocation fails, a write fails, or the kernel ends the process."""
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, written_bytes),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        ceiling = resource.getrlimit(what)[1]
        most = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(what, (most, most))


def forbid_network_and_programs() -> bool:
    """Refuse new sockets and new programs from here on (seccomp); False where this kernel offers no way.

    Needs no privilege. A map format that fetches an address, or a flaw that starts a shell, meets EPERM.
    """
    known = FORBIDDEN_CALLS.get(platform.machine())
    if known is None or not sys.platform.startswith("linux") or struct.calcsize("P") != 8:
        return False
    architecture, calls = known
    refuse = SECCOMP_ERRNO | errno.EPERM
    program = [(LOAD, 0, 0, ARCH_OFFSET), (EQUAL, 1, 0, architecture), (ANSWER, 0, 0, refuse)]
    program += [(LOAD, 0, 0, NUMBER_OFFSET), (AT_LEAST, 0, 1, X32_BIT), (ANSWER, 0, 0, refuse)]
    for number in calls:
        program += [(EQUAL, 0, 1, number), (ANSWER, 0, 0, refuse)]
    program.append((ANSWER, 0, 0, SECCOMP_ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(header), 0, 0) == 0
