"""Attaching photos and scans on an entry's page, seeing and fetching them: every role."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from lib.actions import evidence
from lib.clock import now
from lib.pictures.cleaning import Picture, clean
from lib.store.blobs import open_blobs
from lib.store.evidence import Subject
from lib.ui.downloads import send_evidence
from tests.support.downloads import fetch, token
from tests.support.pictures import photo, scan
from tests.support.small_office import (
    ADMIN,
    EAST,
    EVERYONE,
    LEAD,
    LEADER,
    MID_MONTH,
    OTHER_LEAD,
    REVIEWER,
    patrol,
)
from tests.support.visits import HISTORY, button, html_texts, messages, sent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
LOST = "图片现在取不出来。请稍后再试；若一直这样，请告诉管理员。"
REFUSED = "示例户.jpg：不是照片或扫描件：只收 JPEG、PNG、WebP 图片和 PDF。"
ENTRY, RECEIPT = Subject("entry", 1), Subject("receipt", 2)  # of the first team's
HEADERS = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
}


@pytest.fixture(scope="module")
def cleaned_photo() -> Picture:
    return clean(photo())


@pytest.fixture(scope="module")
def cleaned_scan() -> Picture:
    return clean(scan())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
def attached(office: Office, folder: Path, cleaned_photo: Picture, cleaned_scan: Picture) -> Office:
    """1: a photo on an entry. 2 and 3: photo and scan on a receipt. 4: a scan taken off again."""
    office.post({"对象排查": [patrol(MID_MONTH, "示员甲", EAST)]}, LEAD)
    for subject, pictures in (
        (ENTRY, [cleaned_photo]),
        (RECEIPT, [cleaned_photo, cleaned_scan]),
        (ENTRY, [cleaned_scan]),
    ):
        evidence.attach(
            office.engine,
            office.stored,
            LEAD,
            open_blobs(folder.as_uri()),
            subject,
            pictures,
            now(),
        )
    evidence.remove(office.engine, office.stored, LEAD, 4, reason="传错了人家", now=now())
    return office


def test_evidence_is_fetched_by_its_team_and_reviewers_alone(attached: Office):
    cookies = {viewer: token(attached, viewer) for viewer in EVERYONE}
    answers = {
        viewer: [
            fetch(send_evidence, cookie, {"id": str(number), "size": size}).status_code
            for number, size in (
                (1, "thumb"),
                (1, "full"),
                (2, "thumb"),
                (3, "full"),
                (3, "thumb"),
                (4, "full"),
            )
        ]
        for viewer, cookie in cookies.items()
    }
    nothing = [404] * 6
    assert answers == {
        LEADER: nothing,
        LEAD: [200, 200, 200, 200, 404, 404],
        OTHER_LEAD: nothing,
        REVIEWER: [200, 200, 200, 200, 404, 200],
        ADMIN: nothing,
    }


@pytest.mark.parametrize("cookie", [None, "", "x" * 5000, "garbage"])
def test_nobody_gets_nothing(attached: Office, cookie: str | None):
    answer = fetch(send_evidence, cookie, {"id": "1"})
    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)


def test_a_session_that_ended_gets_nothing(attached: Office):
    cookie = token(attached, LEAD)
    assert fetch(send_evidence, cookie, {"id": "1"}).status_code == 200
    attached.disable(LEAD)
    assert fetch(send_evidence, cookie, {"id": "1"}).status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        *({"id": text} for text in ("", "0", "-1", "99", "9" * 30, "1'", "１")),
        {},
        {"id": "1", "size": "huge"},
    ],
    ids=str,
)
def test_what_is_not_there_is_answered_like_what_is_not_yours(
    attached: Office, asked: Mapping[str, str]
):
    answer = fetch(send_evidence, token(attached, REVIEWER), asked)
    not_yours = fetch(send_evidence, token(attached, OTHER_LEAD), {"id": "1"})
    assert (answer.status_code, answer.body) == (404, NOT_FOUND.encode())
    assert (answer.body, answer.headers) == (not_yours.body, not_yours.headers)


def test_a_photo_is_shown_and_a_scan_is_a_file(
    attached: Office, cleaned_photo: Picture, cleaned_scan: Picture
):
    cookie = token(attached, LEAD)
    for asked, data, kind, disposition in (
        ({"id": "2"}, cleaned_photo.data, "image/jpeg", "inline"),
        ({"id": "2", "size": "thumb"}, cleaned_photo.thumbnail, "image/jpeg", "inline"),
        ({"id": "3"}, cleaned_scan.data, "application/pdf", "attachment; filename*=UTF-8''3.pdf"),
    ):
        answer = fetch(send_evidence, cookie, asked)
        told = HEADERS | {"content-type": kind, "content-disposition": disposition}
        assert answer.body == data
        assert {name: answer.headers[name] for name in told} == told


def test_a_photo_that_is_lost_is_said(attached: Office, folder: Path, cleaned_photo: Picture):
    (folder / cleaned_photo.sha256[:2] / cleaned_photo.sha256).unlink()
    answer = fetch(send_evidence, token(attached, LEAD), {"id": "1"})
    assert (answer.status_code, answer.body.decode()) == (503, LOST)


@pytest.mark.parametrize(
    ("viewer", "addresses", "says"),
    [
        (LEADER, [], "附有 1 个，只有本组和验收人员可以看。"),
        (ADMIN, [], "附有 1 个，只有本组和验收人员可以看。"),
        (OTHER_LEAD, [], "附有 1 个，只有本组和验收人员可以看。"),
        (LEAD, ["evidence?id=1"], ""),
        (REVIEWER, ["evidence?id=1", "evidence?id=4"], ""),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_entrys_page_shows_to_each_what_is_theirs(
    attached: Office, viewer: Viewer, addresses: list[str], says: str
):
    app = attached.visit(viewer, HISTORY, id="1")
    page = sent(app)
    assert [
        f"evidence?id={n}" for n in range(1, 5) if f'href="evidence?id={n}"' in page
    ] == addresses
    assert ("evidence?id=1&amp;size=thumb" in page) is bool(addresses)
    assert ("已移除：传错了人家" in page) is (viewer == REVIEWER)
    assert [each.value for each in app.caption if "附有" in each.value] == [says] * bool(says)
    assert bool(app.file_uploader) is (viewer == LEAD)


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_a_page_without_evidence_says_nothing_of_it_but_to_its_team(office: Office, viewer: Viewer):
    app = office.visit(viewer, HISTORY, id="1")
    assert ("照片和扫描件" in [each.value for each in app.subheader]) is (viewer == LEAD)


def choose(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Choose files, whatever they say they are."""
    given = [(name, data, "image/jpeg") for name, data in files]
    return app.file_uploader[0].set_value(given).run()


def send(app: AppTest, number: int) -> AppTest:
    return button(app, f"附上这 {number} 个文件").click().run()


def test_the_good_ones_are_attached_and_the_others_named(office: Office):
    app = office.visit(LEAD, HISTORY, id="1")
    bad = b"<html>"
    choose(app, ("a.jpg", photo()), ("示例户.jpg", bad), ("b.jpg", photo(40, 30)))
    app = send(app, 3)

    assert messages(app) == ["1 个没有附上：", "已附上 2 个。"]
    assert html_texts(app, "problems") == [[REFUSED]]
    assert "evidence?id=2&amp;size=thumb" in sent(app)
    assert app.file_uploader[0].value == []
    (line,) = office.audit("evidence_refused")
    assert (line["by"], line["subject"], line["after"]) == (
        LEAD.name,
        "entry 1",
        {
            "sha256": hashlib.sha256(bad).hexdigest(),
            "size": len(bad),
            "reason": REFUSED.partition("：")[2],
        },
    )
    # No file's own name is kept: it may be a person's.
    assert "示例户" not in str(office.audit("evidence_refused", "attach_evidence"))


def test_the_same_photo_sent_again_is_attached_once(office: Office):
    app = office.visit(LEAD, HISTORY, id="1")
    for said in ("已附上 1 个。", "1 个已经附在这里，没有重复附上。"):
        app = send(choose(app, ("a.jpg", photo())), 1)
        assert messages(app) == [said]
    assert len(office.audit("attach_evidence")) == 1


def test_more_than_there_is_room_for_stays_chosen(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evidence, "MOST", 1)
    app = office.visit(LEAD, HISTORY, id="1")
    app = send(choose(app, ("a.jpg", photo()), ("b.jpg", photo(40, 30))), 2)
    assert messages(app) == [
        "一处最多附 1 个文件，已有 0 个，这次选了 2 个新的；还能附 1 个，请去掉一些再试。"
    ]
    assert len(app.file_uploader[0].value) == 2


def test_what_cannot_be_kept_stays_chosen(office: Office, folder: Path):
    folder.touch()
    app = office.visit(LEAD, HISTORY, id="1")
    app = send(choose(app, ("a.jpg", photo())), 1)
    assert messages(app) == ["现在存不了，文件还在上面。请稍后再试；若一直这样，请告诉管理员。"]
    assert len(app.file_uploader[0].value) == 1


def test_one_is_removed_with_a_reason(attached: Office):
    app = attached.visit(LEAD, HISTORY, id="1")
    app = button(app, "移除").click().run()
    assert messages(app) == ["移除必须写明原因。"]

    (reason,) = (field for field in app.text_input if field.label == "原因")
    reason.set_value("拍得不清楚")
    app = button(app, "移除").click().run()
    assert "evidence?id=1" not in sent(app)
    assert [line["before"]["attachment"] for line in attached.audit("remove_evidence")] == [4, 1]
    assert "已移除：拍得不清楚" in sent(attached.visit(REVIEWER, HISTORY, id="1"))
