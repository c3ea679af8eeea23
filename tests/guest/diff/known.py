"""Cases in which run32 does not print what Linux prints: {program: {case: why}}."""

from __future__ import annotations

KNOWN: dict[str, dict[str, str]] = {
    "threads": {
        "robust_process_is_terminated": "the host ends the process at once, and cannot walk a "
        "list of 32-bit pointers",
        "robust_process_is_killed": "as before: nothing in the process runs after SIGKILL, "
        "and no list of 64-bit pointers can be kept beside one that guests change without a call; "
        "the host's own 32-bit list takes guest addresses for host addresses",
    },
}
