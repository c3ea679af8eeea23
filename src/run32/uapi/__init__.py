"""Facts of the 32-bit Linux user ABI: constants, structs, syscalls, ioctls. One file per topic.

The launch path imports nothing from here; the engine's build condenses what it needs.
"""
