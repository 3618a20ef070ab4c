"""Runs one command after another for tools/province, and says what each took.

Linux counts into a process's peak memory what its starter held, so the starter has to be small:
this one imports next to nothing (8 MB; a client needs 13). A line of standard input is a command:
files for its output and errors, program, arguments, split by 0x1F. Two lines answer it: the process,
then exit status, seconds, seconds of processor, peak KiB.
"""
import os
import sys
import time

for line in sys.stdin.buffer:
    out, err, *command = line.rstrip(b"\n").split(b"\x1f")
    mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    start = time.monotonic()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, out, mode, 0o600), (os.POSIX_SPAWN_OPEN, 2, err, mode, 0o600)])
    sys.stdout.write(f"{process}\n")
    sys.stdout.flush()
    status, used = os.wait4(process, 0)[1:]
    sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {time.monotonic() - start:.6f} "
                     f"{used.ru_utime + used.ru_stime:.6f} {used.ru_maxrss}\n")
    sys.stdout.flush()
