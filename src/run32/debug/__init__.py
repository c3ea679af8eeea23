"""Views derived from rows: strace lines, disassembly, coverage pages."""
