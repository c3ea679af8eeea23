"""Named constants for strace and for values that differ between arm and x86."""
