"""What native code and the slow path both know of paths and descriptors, in one piece of memory.

Native code (`codegen/pathcode.py`) reads how it may use a path and the root directory's name. Both
note here which file was opened without O_LARGEFILE under which descriptor number (device and inode;
zeros for none), and that descriptors may run out. A note counts only while the descriptor is still
that file (see `fds`). `spec/desk.py` has the layout.
"""

from __future__ import annotations

from run32.spec.desk import (
    CLOCK,
    COUNT,
    ENTRIES,
    ENTRY,
    LENGTH,
    LOADED,
    MANY,
    NEAR,
    PLAIN,
    PYTHON,
    ROOT,
    ROOT_MAX,
    ROOTED,
    STATE,
    USE,
)

SIZE = ENTRIES + ENTRY * (1 << 16)
"""Bytes of a desk that has an entry for every descriptor a program may reasonably open."""


class Desk:
    """The memory at `view` (bytes, zeroed), or a small one of its own."""

    __slots__ = ("_bytes", "_quads", "_words", "count")

    def __init__(self, view: memoryview | None = None) -> None:
        if view is None:
            view = memoryview(bytearray(ENTRIES + 1024 * ENTRY))
        self._bytes = view
        self._words, self._quads = view.cast("I"), view.cast("Q")
        self.count = self._quads[COUNT // 8] = (len(view) - ENTRIES) // ENTRY

    def set_root(self, root: bytes | None) -> None:
        """Paths go through this directory, or (None) to the host as they are."""
        self._words[USE] = PYTHON
        if root is None:
            self._words[USE] = PLAIN
        elif len(root) <= ROOT_MAX:
            self._bytes[ROOT : ROOT + len(root) + 1] = root + b"\0"
            self._words[LENGTH // 4] = len(root)
            self._words[USE] = ROOTED

    @property
    def is_near(self) -> bool:
        """Whether modules should be loaded now because descriptors may run out."""
        return self._words[STATE // 4] == NEAR

    def loaded(self) -> None:
        """Every module is loaded."""
        if self._words[STATE // 4] != MANY:
            self._words[STATE // 4] = LOADED

    @property
    def clock(self) -> int:
        """Host address of the vDSO's clock_gettime; 0 not looked up, NO_CLOCK there is none."""
        return self._quads[CLOCK // 8]

    @clock.setter
    def clock(self, address: int) -> None:
        self._quads[CLOCK // 8] = address

    def note(self, fd: int, device: int, inode: int) -> None:
        """`fd` is this file, opened without O_LARGEFILE; zeros: it is not such a one."""
        if fd < self.count:
            at = (ENTRIES + ENTRY * fd) // 8
            self._quads[at], self._quads[at + 1] = device, inode

    def noted(self, fd: int) -> tuple[int, int]:
        """Device and inode noted for `fd`, or zeros."""
        if not 0 <= fd < self.count:
            return 0, 0
        at = (ENTRIES + ENTRY * fd) // 8
        return self._quads[at], self._quads[at + 1]
