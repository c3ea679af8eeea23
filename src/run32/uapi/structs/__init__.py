"""Struct rows, one file per topic. `run32.spec.layout` has the language."""
