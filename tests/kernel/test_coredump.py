"""What a core file is called (core(5)); `tests/guest/test_cores.py` has the files themselves."""

import os

import pytest
from kernel.task_harness import Guest

from run32.kernel.coredump import file_name


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (b"core", b"core"),
        (b"core.%p", b"core.PID"),
        (b"%e-%s-%i", b"prog-11-42"),
        (b"/var/crash/%f", b"/var/crash/prog"),
        (b"%E", b"!usr!bin!prog"),
        (b"100%%.%u", b"100%.UID"),
        (b"%%p", b"%p"),
        (b"%%%p", b"%PID"),
        (b"%z.x%", b".x"),
        (b"", b""),
    ],
)
def test_file_name(pattern: bytes, name: bytes) -> None:
    name = name.replace(b"PID", b"%d" % os.getpid()).replace(b"UID", b"%d" % os.getuid())
    guest = Guest()
    try:
        guest.task.tid = 42
        assert file_name(guest.task, pattern, 11) == name
        guest.task.comm = b".."
        assert file_name(guest.task, b"%e", 11) == b"!."
    finally:
        guest.close()
