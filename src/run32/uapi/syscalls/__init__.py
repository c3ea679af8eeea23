"""Syscall rows, one file per topic. `run32.spec.syscalls` has the language."""
