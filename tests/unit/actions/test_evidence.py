"""Photos and scans on entries and receipts: attached once, by their own team, seen by few."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from lib import contract
from lib.actions import evidence
from lib.actions.import_rosters import import_rosters
from lib.actions.post import post
from lib.errors import LostError, NotPermittedError, RefusedError
from lib.pictures.cleaning import Picture, clean
from lib.store import setup
from lib.store.blobs import Blobs, open_blobs
from lib.store.engine import open_store, reading
from lib.store.evidence import Subject
from lib.store.schema import attachment
from lib.store.schema import evidence as kept
from lib.workbooks.own import read_own_workbook
from tests.support.pictures import photo, scan
from tests.support.small_office import (
    ADMIN,
    EAST,
    EVERYONE,
    FIRST_LOG,
    LEAD,
    LEADER,
    OPERATOR,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
    TERMS,
    book,
    patrol,
    rosters,
)
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from lib.access import Viewer
    from lib.workbooks.reading import Workbook

ENTRY, RECEIPT, NOWHERE = Subject("entry", 1), Subject("receipt", 1), Subject("entry", 99)
BOTH = pytest.mark.parametrize("subject", [ENTRY, RECEIPT], ids=str)


@pytest.fixture(scope="module")
def cleaned_photo() -> Picture:
    return clean(photo())


@pytest.fixture(scope="module")
def cleaned_scan() -> Picture:
    return clean(scan())


@pytest.fixture(scope="module")
def workbooks() -> tuple[Workbook, Workbook]:
    """The rosters, and one entry of the first team's; read once for all tests."""
    rows = {"对象排查": [patrol(FIRST_LOG, "示员甲", EAST)]}
    listed, logged = book(rosters()), book(rows)
    return read_own_workbook("名册.xlsx", listed), read_own_workbook("日志.xlsx", logged)


def opened(url: str, workbooks: tuple[Workbook, Workbook]) -> Iterator[Office]:
    """An office with one entry, which the first team's lead posted."""
    engine = open_store(url)
    stored = setup.prepare(engine, contract.parse(TERMS, "合同.toml"))
    listed, logged = workbooks
    import_rosters(engine, stored, OPERATOR, listed, POSTED_AT)
    post(engine, stored, LEAD, [logged], today=POSTED_AT.date(), now=POSTED_AT)
    yield Office(engine, stored)
    engine.dispose()


@pytest.fixture
def office(store_url: str, workbooks: tuple[Workbook, Workbook]) -> Iterator[Office]:
    yield from opened(store_url, workbooks)


@pytest.fixture
def simple_office(
    sqlite_stores, tmp_path: Path, workbooks: tuple[Workbook, Workbook]
) -> Iterator[Office]:
    """The office in a file: where it does not matter which store it is."""
    with sqlite_stores.fresh(tmp_path) as url:
        yield from opened(url, workbooks)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
def blobs(folder: Path) -> Blobs:
    return open_blobs(folder.as_uri())


def attach(
    office: Office,
    blobs: Blobs,
    pictures: Sequence[Picture],
    subject: Subject = ENTRY,
    viewer: Viewer = LEAD,
) -> int:
    return evidence.attach(
        office.engine, office.stored, viewer, blobs, subject, pictures, POSTED_AT
    )


def remove(office: Office, number: int, viewer: Viewer = LEAD, reason: str = "传错了") -> None:
    evidence.remove(office.engine, office.stored, viewer, number, reason=reason, now=POSTED_AT)


def seen(office: Office, viewer: Viewer, subject: Subject = ENTRY) -> evidence.Gallery:
    return evidence.gallery(office.engine, office.stored, viewer, subject)


def numbers(office: Office, viewer: Viewer, subject: Subject = ENTRY) -> list[int]:
    return [each.attachment_id for each in seen(office, viewer, subject).shown]


def fetched(
    office: Office, blobs: Blobs, viewer: Viewer, number: int = 1, *, thumbnail: bool = False
) -> tuple[str, bytes] | None:
    return evidence.fetch(
        office.engine, office.stored, viewer, blobs, number, thumbnail=thumbnail, now=POSTED_AT
    )


def refusal(act: Callable[[], object], kind: type[RefusedError] = RefusedError) -> str:
    with pytest.raises(kind) as refused:
        act()
    assert type(refused.value) is kind
    return refused.value.sentence


@BOTH
def test_several_are_attached_at_once_and_each_once(
    office: Office, blobs: Blobs, subject: Subject, cleaned_photo: Picture, cleaned_scan: Picture
):
    both = [cleaned_photo, cleaned_scan]
    assert attach(office, blobs, [*both, cleaned_photo], subject) == 2
    assert attach(office, blobs, both, subject) == 0

    shown = seen(office, LEAD, subject).shown
    assert [(each.sha256, each.media_type, each.subject) for each in shown] == [
        (picture.sha256, picture.media_type, subject) for picture in both
    ]
    lines = office.audit("attach_evidence")
    assert [(line["by"], line["subject"], line["after"]) for line in lines] == [
        (LEAD.name, str(subject), {"attachment": number, "sha256": picture.sha256})
        for number, picture in enumerate(both, 1)
    ]


def test_a_picture_that_is_written_differently_by_now_is_still_the_same(
    simple_office: Office, blobs: Blobs, cleaned_photo: Picture
):
    attach(simple_office, blobs, [cleaned_photo])
    assert attach(simple_office, blobs, [replace(cleaned_photo, data=b"otherwise")]) == 0


def test_one_picture_on_two_subjects_is_kept_once(
    office: Office, blobs: Blobs, cleaned_photo: Picture
):
    assert [attach(office, blobs, [cleaned_photo], each) for each in (ENTRY, RECEIPT)] == [1, 1]
    with reading(office.engine) as connection:
        (row,) = connection.execute(select(kept)).mappings()
    assert dict(row) == {
        "contract_id": office.stored.id,
        "sha256": cleaned_photo.sha256,
        "media_type": "image/jpeg",
        "size": len(cleaned_photo.data),
        "width": 300,
        "height": 400,
        "received_sha256": cleaned_photo.received_sha256,
        "kept_at": POSTED_AT,
    }


def test_pressing_twice_at_the_same_time_attaches_once(
    office: Office, blobs: Blobs, cleaned_photo: Picture
):
    with ThreadPoolExecutor(4) as presses:
        done = [presses.submit(attach, office, blobs, [cleaned_photo]) for _ in range(4)]
    assert sorted(each.result() for each in done) == [0, 0, 0, 1]


@pytest.mark.parametrize("subject", [ENTRY, RECEIPT, NOWHERE], ids=str)
def test_only_the_own_team_attaches(
    simple_office: Office, blobs: Blobs, folder: Path, subject: Subject, cleaned_photo: Picture
):
    others = [viewer for viewer in EVERYONE if viewer != LEAD or subject == NOWHERE]
    for viewer in others:
        act = partial(attach, simple_office, blobs, [cleaned_photo], subject, viewer)
        assert refusal(act, NotPermittedError) == (
            "您的角色不能给这里附图片，如有需要请联系管理员。"
        )
    assert list(folder.iterdir()) == []


@BOTH
def test_faces_are_for_reviewers_and_the_own_team(
    office: Office, blobs: Blobs, subject: Subject, cleaned_photo: Picture
):
    attach(office, blobs, [cleaned_photo], subject)
    found = {viewer: seen(office, viewer, subject) for viewer in EVERYONE}

    assert {each.number for each in found.values()} == {1}
    assert [viewer for viewer, each in found.items() if each.shown] == [LEAD, REVIEWER]
    assert [viewer for viewer, each in found.items() if each.may_see] == [LEAD, REVIEWER]
    assert [viewer for viewer, each in found.items() if each.may_change] == [LEAD]
    for viewer in EVERYONE:
        given = fetched(office, blobs, viewer)
        assert given == (("image/jpeg", cleaned_photo.data) if found[viewer].may_see else None)
        small = fetched(office, blobs, viewer, thumbnail=True)
        assert (small is not None) is found[viewer].may_see


@BOTH
def test_what_is_removed_stays_for_reviewers_alone(
    office: Office, blobs: Blobs, subject: Subject, cleaned_photo: Picture
):
    attach(office, blobs, [cleaned_photo], subject)
    remove(office, 1, reason=" 传错了人家 ")

    assert {seen(office, viewer, subject).number for viewer in EVERYONE} == {0}
    assert [v for v in EVERYONE if numbers(office, v, subject)] == [REVIEWER]
    assert [v for v in EVERYONE if fetched(office, blobs, v)] == [REVIEWER]
    (removed,) = seen(office, REVIEWER, subject).shown
    assert (removed.removed_by, removed.removed_at, removed.removed_reason) == (
        LEAD.name,
        POSTED_AT,
        "传错了人家",
    )
    (line,) = office.audit("remove_evidence")
    assert (line["by"], line["subject"], line["before"]) == (
        LEAD.name,
        str(subject),
        {"attachment": 1, "sha256": cleaned_photo.sha256},
    )
    # It can be attached anew, as another one.
    assert attach(office, blobs, [cleaned_photo], subject) == 1
    assert numbers(office, LEAD, subject) == [2]


def test_removing_takes_a_reason_and_the_own_team(
    office: Office, blobs: Blobs, cleaned_photo: Picture
):
    attach(office, blobs, [cleaned_photo])
    assert refusal(lambda: remove(office, 1, reason=" \u200b")) == "移除必须写明原因。"
    for viewer in (OTHER_LEAD, LEADER, REVIEWER, ADMIN):
        refusal(partial(remove, office, 1, viewer), NotPermittedError)
    for number in (0, -1, 2, 10**12):
        refusal(partial(remove, office, number), NotPermittedError)
    assert numbers(office, LEAD) == [1]
    remove(office, 1)
    assert refusal(lambda: remove(office, 1)) == "这个图片已经移除。"


def test_more_than_the_limit_is_refused_and_nothing_of_it_attached(
    office: Office,
    blobs: Blobs,
    cleaned_photo: Picture,
    cleaned_scan: Picture,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(evidence, "MOST", 1)
    assert refusal(lambda: attach(office, blobs, [cleaned_photo, cleaned_scan])) == (
        "一处最多附 1 个文件，已有 0 个，这次选了 2 个新的；还能附 1 个，请去掉一些再试。"
    )
    with reading(office.engine) as connection:
        assert connection.execute(select(attachment)).all() == []
    assert attach(office, blobs, [cleaned_photo]) == 1


def test_a_scan_leaves_as_a_file_on_record_and_has_no_thumbnail(
    office: Office, blobs: Blobs, cleaned_photo: Picture, cleaned_scan: Picture
):
    attach(office, blobs, [cleaned_photo, cleaned_scan])
    fetched(office, blobs, REVIEWER, 1, thumbnail=True)
    assert fetched(office, blobs, REVIEWER, 2, thumbnail=True) is None
    assert office.audit("fetch_evidence") == []

    assert fetched(office, blobs, REVIEWER, 2) == ("application/pdf", cleaned_scan.data)
    (line,) = office.audit("fetch_evidence")
    assert (line["by"], line["subject"], line["after"]) == (
        REVIEWER.name,
        str(ENTRY),
        {"sha256": cleaned_scan.sha256},
    )


def test_both_places_keep_and_give_alike(
    simple_office: Office, evidence_url: str, cleaned_photo: Picture, cleaned_scan: Picture
):
    blobs = open_blobs(evidence_url)
    attach(simple_office, blobs, [cleaned_photo, cleaned_scan])
    given = partial(fetched, simple_office, blobs, LEAD)
    assert given(1) == ("image/jpeg", cleaned_photo.data)
    assert given(1, thumbnail=True) == ("image/jpeg", cleaned_photo.thumbnail)
    assert given(2) == ("application/pdf", cleaned_scan.data)


def test_a_row_without_its_bytes_is_said(
    simple_office: Office, blobs: Blobs, folder: Path, cleaned_photo: Picture
):
    attach(simple_office, blobs, [cleaned_photo])
    for path in list(folder.rglob("*.thumbnail")) + list(folder.rglob(cleaned_photo.sha256)):
        path.unlink()
    for thumbnail in (True, False):
        act = partial(fetched, simple_office, blobs, LEAD, thumbnail=thumbnail)
        assert refusal(act, LostError) == "图片文件不在了或已损坏：请从备份中恢复存放图片的地方。"
