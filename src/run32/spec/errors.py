"""What a row says when it does not register: the fault, the remedy, and the file and line."""

import sys


class RowError(ValueError):
    """A row that breaks a rule of its language, or contradicts itself or another one."""

    def __init__(self, problem: str, remedy: str = "", at: str = "") -> None:
        text = f"{at}: {problem}" if at else problem
        super().__init__(f"{text}; {remedy}" if remedy else text)
        self.problem, self.remedy, self.at = problem, remedy, at


def where() -> str:
    """`file:line` of the nearest caller outside `run32.spec`: the line of the row."""
    frame = sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__", "")).startswith("run32.spec"):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
