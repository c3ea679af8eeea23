"""`python -m run32.debug.show INSN [HOST]`: a row, its encodings, and the code made of it.

For each handler of the row: the IR that its form and semantic function emit, and the host's code.
"""

from __future__ import annotations

import sys

from run32.codegen import build, interp, llvm, store
from run32.codegen.ir import Module
from run32.spec.rows import Encoding, Row


def describe(row: Row) -> str:
    """Name, effect, reference and encodings."""
    lines = [f"{row.name}: {row.doc}", f"  {row.ref}", f"  {row.where}"]
    lines += [f"  {e!r}" for e in row.encodings]
    return "\n".join(lines)


def handler_code(e: Encoding, host: str) -> tuple[str, str]:
    """(IR, assembly) of the handler that serves an encoding."""
    module = Module(host)
    interp.emit_handler(module, "handler", e)
    module.add(interp.METADATA)
    text = module.text()
    return text, llvm.compile_assembly(text, host)


def main(argv: list[str]) -> int:
    """Print everything about one row."""
    isa, _ = build.isa_rows("arm")
    if not argv or argv[0] not in isa.rows:
        wanted = argv[0] if argv else ""
        close = ", ".join(n for n in isa.rows if wanted and wanted[:3] in n)
        print(f"run32.debug.show: no row {wanted!r}; rows: {close or ', '.join(isa.rows)}")
        return 2
    row = isa.rows[argv[0]]
    host = argv[1] if len(argv) > 1 else store.host()
    print(describe(row))
    seen = set()
    for e in row.encodings:
        if e.key in seen:
            continue
        seen.add(e.key)
        ir, assembly = handler_code(e, host)
        body = ir[ir.index("define hidden preserve_nonecc void @handler") :].split("\n}")[0]
        print(f"\n=== {e.form.name}{e.static} for {e.set}\n{body}\n}}\n--- {host}\n{assembly}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
