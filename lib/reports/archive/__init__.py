"""The acceptance file: one ZIP with all that an acceptance rests on, and a manifest of hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.errors import RefusedError
from lib.reports.archive import accepted, papers, sources
from lib.reports.archive.explanation import explanation
from lib.reports.archive.zipped import Step, new_archive
from lib.store import contracts
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from lib.reports.archive.wanted import Wanted

    # Told at every member: how many steps are done, of how many, and the words of the next.
    Tell = Callable[[int, int, str], None]

_TRIES = 3


def write(wanted: Wanted, file: BinaryIO, tell: Tell) -> Sequence[str]:
    """Write the acceptance file into an empty file; gives back what is to be known of it.

    All of it shows one state of the contract: when somebody changes that meanwhile, it is begun
    anew, and RefusedError says so when that does not end.
    """
    for _ in range(_TRIES):
        file.seek(0)
        file.truncate()
        remarks = _write(wanted, file, tell)
        if remarks is not None:
            return remarks
    raise RefusedError("制作期间台账一直有变动，没有做成。请等过账告一段落后再做。")


def _steps(wanted: Wanted) -> Sequence[Step]:
    """What is made one after the other, in the order in which it stands in the archive."""
    return [
        *papers.reports(wanted),
        *papers.ledgers(wanted),
        Step("疑点", accepted.found),
        Step("抽查", accepted.sampled),
        Step("签认", accepted.signed),
        Step("回执", sources.received),
        Step("原件", sources.originals),
        Step("图片", sources.pictures),
        Step("审计日志", sources.audited),
    ]


def _write(wanted: Wanted, file: BinaryIO, tell: Tell) -> Sequence[str] | None:
    """What is to be known of the archive; None as soon as somebody has changed the contract."""
    zipped, steps, before = new_archive(file, wanted.made_at), _steps(wanted), _revision(wanted)
    with zipped.archive:
        for done, step in enumerate(steps):
            tell(done, len(steps), step.words)
            for member in step.members(wanted):
                zipped.add(member)
                tell(done, len(steps), step.words)
            if _revision(wanted) != before:
                return None
        zipped.add(explanation(wanted, zipped))
        zipped.add_manifest()
    return zipped.remarks


def _revision(wanted: Wanted) -> int:
    with reading(wanted.engine) as connection:
        return contracts.revision(connection, wanted.stored.id)
