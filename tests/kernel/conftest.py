"""Fixtures: a guest without a CPU (see `task_harness`)."""

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
