"""bash, Python and Perl of a Debian armhf root with children, pipes and threads.

`processes/scripts/NAME.expected` is what the same script prints on the host itself, with programs
of its own architecture: nothing in it depends on versions. What the root lacks (`sh`) is the
host's, so both kinds of programs execute each other.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.guests import environment, library_environment, run32

SCRIPTS = Path(__file__).parent / "processes/scripts"
INTERPRETERS = {".sh": "bash", ".py": "python3.11", ".pl": "perl"}


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.??")), ids=lambda path: path.suffix[1:])
def test_script(script: Path, engine: Path, armhf_root: Path, tmp_path: Path) -> None:
    env = environment(tmp_path, **library_environment(armhf_root))
    argv = [INTERPRETERS[script.suffix], str(script)]
    result = run32(argv, cwd=tmp_path, rootfs=armhf_root, env=env)
    assert result.status == 0, result.stderr.decode()
    expected = script.with_name(script.name + ".expected").read_text()
    assert result.stdout.decode() == expected, result.stderr.decode()
