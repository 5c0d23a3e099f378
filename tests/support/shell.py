"""The operator's command line, as processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.app_process import ROOT, heads_of
from tests.support.small_office import book

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

DONE = 0


@dataclass(frozen=True)
class Shell:
    """Runs `python -m lib` on a store, with no terminal behind it."""

    url: str
    contract: Path
    folder: Path

    def __call__(self, *words: object, given: str | bytes = "") -> subprocess.CompletedProcess[str]:
        """Run a verb to its end; `given` stands on standard input."""
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "lib", *map(str, words)],
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            timeout=60,
            cwd=ROOT,
            env=os.environ
            | heads_of(self.url, self.folder)
            | {"DATABASE_URL": self.url, "CONTRACT": str(self.contract)},
            check=False,
        )
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def json(self, *words: object) -> Any:  # noqa: ANN401 - JSON
        """What a verb that says nothing else prints for machines."""
        done = self(*words, "--json")
        assert (done.returncode, done.stderr) == (DONE, "")
        return json.loads(done.stdout)

    def file(self, name: str, sheets: Mapping[str, Iterable] | bytes) -> Path:
        """A workbook of these rows, or of these bytes, in a folder of the operator's."""
        path = self.folder / name
        path.write_bytes(sheets if isinstance(sheets, bytes) else book(sheets))
        return path
