"""Having the acceptance file made and fetching it: every role, double presses, crashes, time."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from lib import clock
from lib.access import Role, Viewer
from lib.actions import made_files
from lib.actions.made_files import Kept
from lib.errors import NotPermittedError
from lib.store import accounts, contracts, signing
from lib.store.engine import reading, writing
from lib.store.schema import made_file
from lib.ui import resources
from lib.ui.made import send_made
from tests.support.downloads import fetch, token
from tests.support.small_office import (
    ADMIN,
    EVERYONE,
    LEAD,
    LEADER,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
)
from tests.support.visits import FILES, TIMEOUT, button, html_texts, links, messages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.responses import Response
    from streamlit.testing.v1 import AppTest

    from tests.support.visits import Office

NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
OTHER_REVIEWER = Viewer("reviewer2", Role.REVIEWER)
BYTES = b"an archive" * 300_000
WHOLE = {"through": ""}
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where made files lie."""
    return tmp_path / "evidence" / "made"


def settled(app: AppTest) -> AppTest:
    """The page once nothing is made any more."""
    resources.file_desk().finish(TIMEOUT)
    return app.run()


def make(app: AppTest, label: str = "制作验收档案（整个合同）") -> AppTest:
    """Press the button, and wait."""
    button(app, label).click().run()
    return settled(app)


def begin(office: Office, viewer: Viewer = REVIEWER, **asked: str) -> tuple[int, bool]:
    return made_files.begin(office.engine, office.stored, viewer, WHOLE | asked, clock.now())


def keep(office: Office, data: bytes = BYTES, viewer: Viewer = REVIEWER) -> int:
    """A file of these bytes, as the desk keeps one that it has made."""
    file_id, _ = begin(office, viewer)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        sha256 = resources.blobs().keep_made(file)
    kept = Kept("验收档案.zip", sha256, len(data))
    for old in made_files.settle(office.engine, office.stored, viewer, file_id, kept, clock.now()):
        resources.blobs().drop_made(old)
    return file_id


def ask(office: Office, viewer: Viewer, file_id: object) -> Response:
    return fetch(send_made, token(office, viewer), {"id": str(file_id)})


def body(answer: Any) -> bytes:  # noqa: ANN401 - a streaming response, or none
    """All that is sent."""

    async def collected(parts: AsyncIterator[bytes]) -> bytes:
        return b"".join([part async for part in parts])

    return asyncio.run(collected(answer.body_iterator))


def rows(office: Office) -> list[dict[str, Any]]:
    with reading(office.engine) as connection:
        return [dict(row._mapping) for row in connection.execute(select(made_file))]


def age(office: Office, ago: timedelta) -> None:
    """Let everything that is made or being made have stood still for so long."""
    with writing(office.engine) as connection:
        connection.execute(update(made_file).values(moved_at=clock.now() - ago))


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_reviewer_has_it_made_and_takes_it(office: Office, folder: Path):
    app = make(office.visit(REVIEWER, FILES, month="2023-03"), "制作验收档案（截至 2023-03 月末）")
    (file,) = rows(office)
    assert (file["state"], file["file_name"]) == ("made", "验收档案_shi-2023_2023-03.zip")
    assert (f"made?id={file['file_id']}", file["file_name"]) in links(app)
    assert file["sha256"] in str(html_texts(app, "facts"))
    assert [each.name for each in folder.iterdir()] == [file["sha256"]]

    answer = ask(office, REVIEWER, file["file_id"])
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    data = body(answer)
    assert (hashed(data), len(data)) == (file["sha256"], file["size"])
    (begun,), (taken,) = office.audit("make_file"), office.audit("fetch_made")
    assert (begun["by"], begun["after"]) == ("reviewer", {"through": "2023-03"})
    assert (taken["by"], taken["after"]) == (
        "reviewer",
        {"through": "2023-03", "sha256": file["sha256"], "names": "full"},
    )


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_only_reviewers_have_one_made(office: Office, viewer: Viewer):
    may = viewer == REVIEWER
    app = office.visit(viewer, FILES)
    assert ("制作验收档案（整个合同）" in [each.label for each in app.button]) is may
    assert ("显示全名（将记录在案）" in [each.label for each in app.checkbox]) is may
    if not may:
        with pytest.raises(NotPermittedError):
            begin(office, viewer)
        assert rows(office) == []


@pytest.mark.parametrize(
    ("viewer", "given"),
    [
        (LEADER, False),
        (LEAD, False),
        (OTHER_LEAD, False),
        (ADMIN, False),
        (OTHER_REVIEWER, False),
        (REVIEWER, True),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_made_file_is_its_own_accounts_only(office: Office, viewer: Viewer, given: bool):
    office.add(OTHER_REVIEWER)
    file_id = keep(office)
    answer = ask(office, viewer, file_id)
    assert answer.status_code == (200 if given else 404)
    assert (body(answer) == BYTES) if given else (answer.body.decode() == NOT_FOUND)
    assert len(office.audit("fetch_made")) == given


@pytest.mark.parametrize("number", ["", "0", "-1", "99", "9" * 30, "2'"])
def test_a_file_that_is_not_there_is_not_found(office: Office, number: str):
    answer = ask(office, REVIEWER, number)
    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)


@pytest.mark.parametrize("cookie", [None, "", "garbage"])
def test_nobody_gets_nothing(office: Office, cookie: str | None):
    assert fetch(send_made, cookie, {"id": str(keep(office))}).status_code == 404


def test_who_is_no_reviewer_any_more_fetches_nothing(office: Office):
    file_id, cookie = keep(office), token(office, REVIEWER)
    demoted = {"role": str(Role.LEADER)}
    with writing(office.engine) as connection:
        accounts.change(connection, office.stored.id, REVIEWER.name, **demoted)
    assert fetch(send_made, cookie, {"id": str(file_id)}).status_code == 404
    office.disable(REVIEWER)
    assert fetch(send_made, cookie, {"id": str(file_id)}).status_code == 404


def test_a_double_press_makes_one(office: Office):
    first, begins = begin(office)
    assert (begin(office), begins) == ((first, False), True)
    assert len(office.audit("make_file")) == len(rows(office)) == 1

    office.add(OTHER_REVIEWER)
    assert begin(office, OTHER_REVIEWER)[1], "another account's is another"


def test_a_file_in_the_making_is_not_given_out(office: Office):
    file_id, _ = begin(office)
    assert ask(office, REVIEWER, file_id).status_code == 404


def test_progress_is_there_for_who_comes_back(office: Office):
    file_id, _ = begin(office)
    progress = made_files.Progress(3, 12, "专项行动台账")
    made_files.tell(office.engine, office.stored, file_id, progress, clock.now())
    app = office.visit(REVIEWER, FILES)
    (bar,) = app.get("progress")
    assert bar.proto.text == "正在制作：专项行动台账（第 4 步，共 12 步）"
    assert not [each for each in app.button if "验收档案" in each.label]


def test_what_was_broken_off_says_so_and_is_made_anew(office: Office, folder: Path):
    begin(office)
    age(office, timedelta(minutes=2))
    app = office.visit(REVIEWER, FILES)
    assert "上次制作中断了，没有留下文件。请重新制作。" in messages(app)
    make(app)
    (file,) = rows(office)
    assert file["state"] == "made"
    assert [each.name for each in folder.iterdir()] == [file["sha256"]]


def test_what_cannot_be_kept_is_said_and_leaves_nothing(office: Office, folder: Path):
    folder.parent.mkdir()
    folder.touch()
    app = make(office.visit(REVIEWER, FILES))
    assert app.error[0].value.startswith("上次没有做成：存放图片的地方连不上或写不进去")
    assert [(each["state"], each["sha256"]) for each in rows(office)] == [("failed", None)]
    assert folder.stat().st_size == 0


def test_a_bug_is_told_by_its_number_and_leaves_nothing(office: Office, folder: Path):
    sign(office, "2023-03")  # over no figures, which no report can read
    app = make(office.visit(REVIEWER, FILES))
    said = app.error[0].value
    assert re.fullmatch(r"上次没有做成：程序出错.*编号 [0-9a-f]{8} 告诉管理员。", said)
    assert [each["state"] for each in rows(office)] == ["failed"]
    assert not folder.exists()


def test_a_newer_one_takes_the_place_of_the_older(office: Office, folder: Path):
    older, newer = keep(office, b"older"), keep(office, b"newer")
    assert [each["file_id"] for each in rows(office)] == [newer]
    assert [each.name for each in folder.iterdir()] == [hashed(b"newer")]
    assert ask(office, REVIEWER, older).status_code == 404


def test_a_maker_that_was_given_up_leaves_nothing(office: Office, folder: Path):
    late, _ = begin(office)
    age(office, timedelta(minutes=2))
    keep(office, b"newer")
    kept = Kept("验收档案.zip", hashed(b"late"), 4)
    given_up = made_files.settle(office.engine, office.stored, REVIEWER, late, kept, clock.now())
    assert given_up == [hashed(b"late")]
    assert [each["sha256"] for each in rows(office)] == [hashed(b"newer")]


def test_after_a_day_it_is_gone_bytes_and_all(office: Office, folder: Path):
    file_id = keep(office)
    orphan = folder / hashed(b"orphan")
    orphan.write_bytes(b"orphan")
    long_ago = (clock.now() - DAY - timedelta(minutes=1)).timestamp()
    for each in folder.iterdir():
        os.utime(each, (long_ago, long_ago))
    age(office, DAY)

    assert ask(office, REVIEWER, file_id).status_code == 404
    app = office.visit(REVIEWER, FILES)
    assert not html_texts(app, "facts")
    assert list(folder.iterdir()) == []
    begin(office)
    assert file_id not in [each["file_id"] for each in rows(office)]


def test_bytes_that_are_lost_are_said(office: Office, folder: Path):
    file_id = keep(office)
    (folder / hashed(BYTES)).unlink()
    answer = ask(office, REVIEWER, file_id)
    assert answer.status_code == 503
    assert answer.body.decode().startswith("做好的档案取不出来了")


def addresses(app: AppTest) -> list[str]:
    """Where its tables' links lead: the files that can be taken."""
    elsewhere = ("settlement?", "files?")
    return [address for address, _ in links(app) if not address.startswith(elsewhere)]


def test_a_months_files_can_be_taken_names_masked(office: Office):
    day = "month=2023-03&as_of=2023-03-31"
    assert addresses(office.visit(LEADER, FILES, month="2023-03")) == [
        f"report?what=settlement&{day}",
        f"report?what=briefing&{day}",
        f"ledger?{day}",
        f"finding_list?{day}",
    ]


def test_the_whole_contracts_files_can_be_taken_names_in_full(office: Office):
    app = office.visit(REVIEWER, FILES)
    app.checkbox[0].check().run()
    assert addresses(app) == [
        "report?what=acceptance&as_of=2023-04-30&names=full",
        "report?what=briefing&as_of=2023-04-30&names=full",
        "ledger?as_of=2023-04-30&names=full",
        "finding_list?as_of=2023-04-30&names=full",
    ]


def sign(office: Office, month: str) -> None:
    facts = {
        "month": month,
        "signed_at": POSTED_AT,
        "signed_by": REVIEWER.name,
        "figures": {},
        "parameters": {},
    }
    with writing(office.engine) as connection:
        signing.add(connection, office.stored.id, "", facts, [])
        contracts.touch(connection, office.stored.id)


def test_a_signed_month_is_ready_to_be_taken(office: Office):
    unsigned = office.visit(LEADER, FILES, month="2023-03")
    assert messages(unsigned) == ["2023-03 还没有签认，数字仍可能变动，请签认后再正式取用。"]
    assert ("settlement?month=2023-03", "到月度确认看 2023-03") in links(unsigned)
    sign(office, "2023-03")
    ready = "2023-03 已于 2023-05-04 10:00 由 reviewer 签认封存，月度结算报告、台账、"
    (said,) = messages(office.visit(LEADER, FILES, month="2023-03"))
    assert said == f"{ready}疑点清单和验收档案都可以取走。"
    whole = office.visit(LEADER, FILES)
    assert messages(whole) == [
        "合同共 2 个月，已签认 1 个月；从 2023-04 起还没有签认，验收报告和档案里的数字仍可能变动。"
    ]
    assert "files?month=2023-03" in [address for address, _ in links(whole)]
    sign(office, "2023-04")
    assert messages(office.visit(LEADER, FILES)) == [
        "合同的 2 个月都已签认封存，验收报告和验收档案可以取走。"
    ]


def test_a_month_that_was_opened_again_is_not(office: Office):
    sign(office, "2023-03")
    with writing(office.engine) as connection:
        signing.reopen(
            connection, office.stored.id, [1], at=POSTED_AT, by=REVIEWER.name, reason="示例原因"
        )
    (said,) = messages(office.visit(LEADER, FILES, month="2023-03"))
    opened = "2023-03 签认后已于 2023-05-04 10:00 由 reviewer 重新打开（示例原因）"
    assert said == f"{opened}，数字仍可能变动，请重新签认后再正式取用。"
    assert messages(office.visit(LEADER, FILES))[0].startswith("合同共 2 个月，已签认 0 个月")
