"""`--stats`: what ran how, on standard error when the process ends."""

from __future__ import annotations

from run32.kernel import host
from run32.spec import exits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.process import Process

NAMES = {value: name[5:].lower() for name, value in vars(exits).items() if name.startswith("EXIT_")}


class Stats:
    """Counters of one process; forked ones go on counting from their parent's."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.exits: dict[int, int] = {}
        enter = process.engine.enter

        def counted(cpu: int) -> int:
            reason: int = enter(cpu)
            self.exits[reason] = self.exits.get(reason, 0) + 1
            return reason

        process.engine.enter = counted

    def lines(self) -> list[str]:
        """The report."""
        tiers = self.process.tiers
        count = tiers.counts
        found = [f"{NAMES.get(r, r)} {n}" for r, n in sorted(self.exits.items())]
        codes = [s.code for s in tiers.sources if s.code is not None]
        size = sum(c.mapped for c in codes)
        entries = sum(c.installed for c in codes)
        link = tiers.link
        lines = [
            "exits: " + (", ".join(found) or "none"),
            f"samples: {count['samples']}, places asked for: {count['places']}, "
            f"requests taken: {count['requests']}",
            f"files of code: {count['sources']} ({count['hits']} in the cache, "
            f"{count['misses']} not), windows of memory: {count['windows']}, "
            f"dropped: {count['dropped']}",
            f"installed: {entries} entries, {size / 1024:.0f} KiB, {count['updates']} times",
        ]
        if link is not None:
            lines.append(
                f"translator: started {link.starts} times, {link.failed} requests not taken"
            )
        return lines

    def report(self) -> None:
        """Write the lines; a closed standard error is no problem."""
        text = "".join(f"run32: {line}\n" for line in self.lines()).encode()
        from run32.kernel.buf import syscall

        syscall(host.NR["write"], 2, text, len(text))
