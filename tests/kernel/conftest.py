"""Fixtures: a guest without a CPU (see `task_harness`).

Guest descriptors are this process's descriptors: what a test leaves open is closed after it.
"""

import os
from collections.abc import Iterator

import pytest
from kernel.task_harness import Guest


@pytest.fixture
def guest() -> Iterator[Guest]:
    """An arm guest without a root directory."""
    made = Guest()
    yield made
    made.close()


@pytest.fixture(params=["arm", "i386"])
def each(request: pytest.FixtureRequest) -> Iterator[Guest]:
    """A guest of each ABI."""
    made = Guest(request.param)
    yield made
    made.close()


def _open() -> set[int]:
    return {int(name) for name in os.listdir("/proc/self/fd")}


@pytest.fixture(autouse=True)
def descriptors_end_with_the_test() -> Iterator[None]:
    before = _open()
    yield
    for fd in _open() - before:
        try:
            os.close(fd)
        except OSError:
            continue  # the listing's own
