"""run32 runs unmodified 32-bit Linux programs inside an ordinary 64-bit process.

The package imports nothing here: `run32 PROGRAM` pays for every import at start-up.
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`run32.Gate`, the kernel personality as a library, is imported when first asked for."""
    if name == "Gate":
        from run32.runtime.gate import Gate

        return Gate
    raise AttributeError(f"module 'run32' has no attribute {name!r}")
