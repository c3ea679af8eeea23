"""Deleting what run32 has made and can make again."""

from __future__ import annotations

import os
import shutil

from run32.cli.errors import Problem


def delete(top: str) -> int:
    """Delete the directory `top` with all that is in it, and say so; the exit status."""
    if not os.path.isdir(top):
        print(f"nothing in {top}")
        return 0
    try:
        shutil.rmtree(top)
    except OSError as error:
        raise Problem(str(error.filename or top), error.strerror or str(error)) from None
    print(f"deleted {top}")
    return 0
