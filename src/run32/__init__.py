"""run32 runs unmodified 32-bit Linux programs inside an ordinary 64-bit process.

The package imports nothing here: `run32 PROGRAM` pays for every import at start-up.
"""

__version__ = "0.1.0"
