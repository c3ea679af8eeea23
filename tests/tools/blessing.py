"""Expected output of C programs, taken from a real arm64 kernel that executes AArch32."""

from __future__ import annotations

from pathlib import Path

from tools import arm64_guest
from tools.build import STATIC, compile_c

ON_LINUX = """
for program in /host/bin/*; do
    name=${program##*/}
    mkdir /tmp/$name; cd /tmp/$name
    timeout 60 busybox linux32 $program </dev/null >/tmp/output
    echo "status $?" >>/tmp/output
    cp /tmp/output /host/out/$name
done
"""


def bless_programs(programs: list[Path], share: Path, before: str = "") -> None:
    """Write what the programs print on Linux beside them, as `NAME.expected`.

    `share` is an empty directory, `before` a shell command that prepares the machine.
    """
    reason = arm64_guest.ensure()
    assert not reason, reason
    (share / "bin").mkdir()
    (share / "out").mkdir()
    for source in programs:
        (share / "bin" / source.stem).write_bytes(compile_c(source, *STATIC).read_bytes())
        (share / "bin" / source.stem).chmod(0o755)
    result = arm64_guest.run(before + ON_LINUX, share, cpu="neoverse-n1")
    assert result.status == 0, result.stderr.decode()
    for source in programs:
        source.with_suffix(".expected").write_bytes((share / "out" / source.stem).read_bytes())
