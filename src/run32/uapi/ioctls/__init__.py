"""ioctl rows, one file per driver. `run32.spec.ioctls` has the language."""
