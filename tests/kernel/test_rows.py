"""Every slow row names a function that exists and takes what the row passes."""

import importlib
import inspect

import pytest

from run32.kernel import dispatch
from run32.spec import syscalls


@pytest.mark.parametrize("abi", ["arm", "i386"])
def test_every_slow_row_has_its_body(abi: str) -> None:
    wrong = []
    for number, row in syscalls.table(abi).items():
        if row.status or not row.module:
            continue
        module = importlib.import_module(f"run32.kernel.{row.module}")
        body = getattr(module, row.function, None)
        if body is None:
            wrong.append(f"{number} {row.name}: no {row.module}.{row.function}")
        elif len(inspect.signature(body).parameters) != len(row.args) + 1:
            wrong.append(f"{number} {row.name}: {inspect.signature(body)}")
    assert not wrong


@pytest.mark.parametrize("abi", ["arm", "i386"])
def test_every_slow_module_is_preloaded(abi: str) -> None:
    used = {row.module for row in syscalls.table(abi).values() if row.module and not row.status}
    assert used <= set(dispatch.MODULES)
