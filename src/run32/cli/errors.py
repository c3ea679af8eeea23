"""How run32 says no: one line, `run32: FILE: problem; remedy`, and an exit status.

The statuses follow the shell's convention for a program that starts another one.
Invariant: nothing here imports anything; the launch path uses it.
"""

USAGE = 2
"""The command line or a setting makes no sense."""
FAILED = 125
"""run32 itself failed."""
CANNOT_EXECUTE = 126
"""PROGRAM is there and cannot be executed."""
NOT_FOUND = 127
"""PROGRAM is not there."""


class Problem(Exception):
    """A failure to report in one line; `status` is the exit status of the process."""

    def __init__(self, subject: str, problem: str, remedy: str = "", status: int = FAILED) -> None:
        super().__init__(subject, problem, remedy, status)
        self.subject = subject
        self.problem = problem
        self.remedy = remedy
        self.status = status

    def __str__(self) -> str:
        line = ": ".join(part for part in ("run32", self.subject, self.problem) if part)
        if self.remedy:
            line += f"; {self.remedy}"
        # a file name may hold anything: it must not break the line or drive the terminal
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
