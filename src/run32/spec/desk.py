"""Layout of the desk: memory that native code and the slow path share (see `kernel.desk`).

Native code may use a path: not at all (PYTHON), as it is (PLAIN), below a root directory (ROOTED).
Descriptors: few are open (FEW), some are high and modules are not loaded yet (NEAR), they are
loaded (LOADED), or there are more than the desk has entries for (MANY).
"""

USE, STATE, LENGTH, CLOCK, COUNT = 0, 4, 8, 16, 24
"""Byte offsets of the words; CLOCK and COUNT have 64 bits."""
ROOT, ENTRIES, ENTRY = 64, 1024, 16
"""Offsets of the root directory's name and of the entries; size of an entry."""
ROOT_MAX = 896
PYTHON, PLAIN, ROOTED = 0, 1, 2
FEW, NEAR, LOADED, MANY = 0, 1, 2, 3
NO_CLOCK = 1
"""The host has no clock_gettime in a vDSO."""
