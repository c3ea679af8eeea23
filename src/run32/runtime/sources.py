"""Guest memory that is translated as a whole, file or window (`runtime/sourcemap.py`)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.regions import Code

LOOK, SELDOM = 3_000_000, 24_000_000  # ns between looks at the cache while something is awaited


class Source:
    """Guest code that is translated as a whole: guest range [low, high), places less `bias`."""

    __slots__ = (
        "answered", "asked", "bias", "code", "data", "fields", "high", "looked", "low", "name",
        "path", "pause", "stale", "steps", "told", "wanted",
    )  # fmt: skip

    def __init__(self, low: int, high: int, bias: int, name: str, path: bytes) -> None:
        self.low = low
        self.high = high
        self.bias = bias
        self.name = name
        """Below the cache's directory, without the mode."""
        self.path = path
        self.data = b""
        """Of a window: the bytes it was made from."""
        self.fields: tuple[int, ...] = ()
        self.code: Code | None = None
        self.asked: set[int] = set()
        """Places that were asked for."""
        self.answered: set[int] = set()
        """Places that the cache has an answer for, or that nobody will answer."""
        self.wanted: dict[int, int] = {}
        """Places to ask for, with what they count since the last time."""
        self.steps: set[tuple[int, int]] = set()
        """Places and where control went from there, to be told to the translator."""
        self.told: set[tuple[int, int]] = set()
        self.looked = 0
        self.pause = LOOK
        self.stale = False
        """Of a window: memory has changed, though not what its code was made from."""
