"""The operator's command line, as processes of its own."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.__main__ import main
from lib.store.private import PRIVATE
from tests.support import forks
from tests.support.app_process import ROOT, heads_of
from tests.support.small_office import book

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DONE = 0
# Each run is a process forked off one that has read the product's modules, and done nothing else.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["lib.__main__"])


def _run(arguments: Sequence[str], environment: Mapping[str, str], streams: Sequence[Path]) -> None:
    """Be `python -m lib` with these words, in this environment, with files for a terminal."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    modes = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for number, (path, mode) in enumerate(zip(streams, modes, strict=True)):
        os.dup2(os.open(path, mode), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as at a start
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["lib", *arguments]
    os.umask(PRIVATE)
    sys.exit(main(arguments))


@dataclass(frozen=True)
class Shell:
    """Runs `python -m lib` on a store, with no terminal behind it."""

    url: str
    contract: Path
    folder: Path

    def __call__(self, *words: object, given: str | bytes = "") -> subprocess.CompletedProcess[str]:
        """Run a verb to its end; `given` stands on standard input."""
        environment = (
            dict(os.environ)
            | heads_of(self.url, self.folder)
            | {"DATABASE_URL": self.url, "CONTRACT": str(self.contract)}
        )
        with tempfile.TemporaryDirectory() as place:
            streams = [Path(place, name) for name in ("in", "out", "err")]
            streams[0].write_bytes(given.encode() if isinstance(given, str) else given)
            arguments = [str(word) for word in words]
            process = _FORKS.Process(target=_run, args=(arguments, environment, streams))
            forks.start(process)
            process.join(60)
            assert process.exitcode is not None, arguments
            said = [each.read_bytes().decode() if each.exists() else "" for each in streams[1:]]
            code = process.exitcode
            process.close()
        return subprocess.CompletedProcess(arguments, code, *said)

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
