"""How the blocks of a unit are divided into host functions.

Each entry's region has all blocks it reaches without passing another entry. A block that several
entries reach is part of each of them if little follows it, and is an entry otherwise. So loops
stay whole even if calls return into the middle of them.

Code is often found hot in the middle of a loop nest. A host function that began there would have
one loop with many ways back, which LLVM makes slow code of. So the nest gets an entry where it
begins, and the region of that place has all of it; what was asked for, a *side entry*, has only the
way to there. A hot place outside of loops with little behind it is a side entry too, so that what
was found hot first does not matter.
"""

from __future__ import annotations

from run32.codegen.unit import Unit

MAX_COPIED = 40  # instructions that may be part of several regions
MAX_COPIES = 4


class Partition:
    """The regions of a unit, which gets the entries that it needs."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.side: set[int] = set()
        """Entries that regions of others do not end at."""

    def regions(self) -> dict[int, list[int]]:
        """The blocks of each entry."""
        unit = self.unit
        self._find_side_entries()
        entries = [e for e in sorted(unit.entries) if e in unit.blocks]
        found: dict[int, list[int]] = {}
        while entries:
            entry = entries.pop()
            found[entry] = self._region(entry)
            seen: dict[int, int] = {}
            for e, places in found.items():
                for p in places if e not in self.side else ():
                    if p != e and p not in unit.entries:
                        seen[p] = seen.get(p, 0) + 1
            for place, times in seen.items():
                if times > MAX_COPIES or (times > 1 and self._weight(place) > MAX_COPIED):
                    unit.entries.add(place)
                    entries.append(place)
                    for e in [e for e, places in found.items() if place in places]:
                        found[e] = self._region(e)
                    break
        for entry in [e for e in unit.entries if e in unit.blocks and e not in found]:
            found[entry] = self._region(entry)
        return found

    def _find_side_entries(self) -> None:
        """Let loop nests begin where they do, whatever was asked for."""
        unit = self.unit
        fixed: set[int | None] = set()
        for block in unit.blocks.values():
            if not unit.division(block.call):
                fixed.update((block.call, block.resume))
        for start in sorted(unit.entries - fixed):
            nest = self._nest(start, fixed) if start in unit.blocks else {start}
            if min(nest) != start:
                self.side.add(start)
                unit.entries.add(min(nest))
            elif len(nest) == 1 and start in unit.blocks and self._is_short(start):
                self.side.add(start)

    def _nest(self, start: int, fixed: set[int | None]) -> set[int]:
        """The blocks that are in a loop with `start`, calls left out, and `start` itself."""
        unit = self.unit
        reached = {start}
        todo = [start]
        before: dict[int, list[int]] = {}
        while todo:
            place = todo.pop()
            for s in unit.successors(unit.blocks[place]):
                if s in fixed:
                    continue
                before.setdefault(s, []).append(place)
                if s not in reached:
                    reached.add(s)
                    todo.append(s)
        found = {start}
        todo = [start]
        while todo:
            for p in before.get(todo.pop(), ()):
                if p not in found:
                    found.add(p)
                    todo.append(p)
        return found

    def _region(self, entry: int) -> list[int]:
        """What `entry` reaches without passing another entry."""
        found = {entry}
        todo = [entry]
        ends = self.unit.entries - self.side
        while todo:
            for s in self.unit.successors(self.unit.blocks[todo.pop()]):
                if s not in found and s not in ends:
                    found.add(s)
                    todo.append(s)
        return sorted(found)

    def _is_short(self, start: int) -> bool:
        """Whether `start` is in no loop of blocks and little follows it."""
        unit = self.unit
        if start in unit.successors(unit.blocks[start]):
            return False
        return self._weight(start) <= MAX_COPIED

    def _weight(self, place: int) -> int:
        """Instructions in the region that `place` would be."""
        return sum(len(self.unit.blocks[p].insns) for p in self._region(place))
