"""A progress bar for people, plain lines for logs. Both go to standard error."""

from __future__ import annotations

import sys
import time
from types import TracebackType

PLAIN_EVERY = 5.0
"""Seconds between lines when standard error is no terminal."""


class Progress:
    """One task with a title and `total` units; `update` says how many are done.

    Use as a context manager. On a terminal a bar that moves; otherwise a line at the start, one
    now and then, and one at the end with the time it took.
    """

    def __init__(self, title: str, total: float = 1.0) -> None:
        self.title = title
        self.total = total
        self._started = self._said = time.monotonic()
        self._bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
            from rich.progress import TimeElapsedColumn as Elapsed

            text = TextColumn("{task.description} [dim]{task.fields[note]}")
            columns = (BarColumn(), TaskProgressColumn(), Elapsed(), text)
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._task = self._bar.add_task(title, total=total, note="")

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        else:
            self._line("...")
        return self

    def update(self, done: float, total: float | None = None, note: str = "") -> None:
        """`done` of `total` units are finished; `note` says what is being worked on."""
        self.total = total if total is not None else self.total
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=self.total, note=note)
        elif time.monotonic() - self._said >= PLAIN_EVERY:
            share = min(1.0, done / self.total) if self.total else 1.0
            self._line(f" {share:4.0%} {note}".rstrip())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            if kind is None:
                self._bar.update(self._task, completed=self.total, note="")
            self._bar.stop()
        elif kind is None:
            self._line(f" done in {time.monotonic() - self._started:.1f} s")

    def _line(self, text: str) -> None:
        self._said = time.monotonic()
        print(f"run32: {self.title}{text}", file=sys.stderr, flush=True)
