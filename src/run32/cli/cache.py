"""`run32 cache`: the translated code that programs share."""

from __future__ import annotations

import os

from run32.cli.deletion import delete
from run32.cli.errors import FAILED, Problem
from run32.cli.settings import Settings
from run32.codegen import regionfile, store
from run32.codegen.regionfiles import is_served, limit, listing
from run32.codegen.regionwriter import Sums


def info(settings: Settings) -> int:
    """Print where translated code is, how much, and for which engines."""
    top = regionfile.top(settings.cache)
    names = sorted(os.listdir(top)) if os.path.isdir(top) else []
    print(f"translated code in {top}, at most {limit() >> 20} MiB:")
    current = store.find(settings.cache, "arm")
    for name in names:
        directory = os.path.join(top, name)
        files = listing(directory)
        size = sum(st.st_size for _, st in files)
        use = "other engine or host"
        if current and name.startswith(regionfile.name_of_engine(current) + "-"):
            use = "in use"
        served = ", its translator runs" if is_served(directory) else ""
        print(f"  {name}  {len(files)} files, {size / 1024:.0f} KiB  {use}{served}")
    if not names:
        print("  none; it is made while programs run, or by: run32 compile PROGRAM")
    return 0


def clear(settings: Settings) -> int:
    """Delete all translated code; programs that run at this moment go on."""
    return delete(regionfile.top(settings.cache))


def verify(settings: Settings) -> int:
    """Check every file as a program would, and delete those that are damaged."""
    engine = store.find(settings.cache, "arm")
    top = regionfile.top(settings.cache)
    if engine is None:
        raise Problem(settings.cache, "no engine to check with", "run: run32 engine build")
    sums = Sums(engine)
    files = listing(top) if os.path.isdir(top) else []
    wrong = 0
    for path, _ in files:
        problem = check(path, sums)
        if problem:
            wrong += 1
            print(f"{path}: {problem}; deleted")
            os.unlink(path)
    print(f"{len(files)} files, {wrong} damaged")
    return FAILED if wrong else 0


def check(path: str, sums: Sums) -> str:
    """What is wrong with a code file, or ""."""
    with open(path, "rb") as file:
        data = memoryview(file.read())
        st = os.fstat(file.fileno())
    if st.st_uid not in (0, os.geteuid()) or st.st_mode & 0o022:
        return "others can write to it"
    stamp = os.path.basename(os.path.dirname(os.path.dirname(path)))

    def sum_of(at: int, size: int) -> int:
        return sums.of(bytes(data[at : at + size]))

    problem = regionfile.check_head(data, sum_of, stamp)
    at = regionfile.PAGE
    while not problem and at < len(data):
        record = regionfile.read_record(data, at, sum_of)
        if record is None:
            return f"no good record at byte {at} of {len(data)}"
        if record.kind == regionfile.INDEX:
            if sum_of(regionfile.PAGE, at - regionfile.PAGE) != record.covers:
                return f"the index at byte {at} is for other content"
        at += record.length
    return problem
