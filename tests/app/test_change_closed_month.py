"""Every way in which a user can change a month: none of them changes one that is closed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lib import __main__ as command_line
from lib.actions import evidence, withdraw
from lib.logs import LOG_KINDS
from lib.pictures.cleaning import Picture
from lib.store import contracts, ledger, signing
from lib.store.blobs import open_blobs
from lib.store.engine import reading, writing
from lib.store.evidence import Subject
from tests.support.forms import asked, fill
from tests.support.small_office import (
    ADMIN,
    END,
    LEAD,
    LEADER,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
    SOUTH,
    book,
    patrol,
)
from tests.support.visits import (
    HISTORY,
    QUICK_ENTRY,
    RECEIPT,
    UPLOAD,
    button,
    hand_in,
    html_texts,
    links,
    messages,
    press,
    sent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

PATROL = LOG_KINDS["patrol"]
CLOSED = (
    "2023-03 已签认封存（2023-05-04 10:00，reviewer），不能再改；"
    "确需更正，请验收人员说明原因后重新打开该月。"
)
# What the second team posted: 15 and 16 (withdrawn) by receipt 2, 17 by receipt 3.
FIRST, WITHDRAWN = 15, 16
ALONE = "3"
BY_SQL = 7


@pytest.fixture
def prepared(office: Office, tmp_path: Path) -> Office:
    """The office with what each way changes; nothing is signed yet."""
    rows = [patrol(f"2023-03-{day}", "示员丁", SOUTH) for day in (15, 16, 17)]
    office.post({"对象排查": rows[:2]}, OTHER_LEAD)
    office.post({"对象排查": rows[2:]}, OTHER_LEAD)
    here = (office.engine, office.stored, OTHER_LEAD)
    withdraw.withdraw(*here, WITHDRAWN, reason="错录", now=POSTED_AT)
    blobs = open_blobs((tmp_path / "evidence").as_uri())
    photo = Picture("image/jpeg", b"a photo", b"small", 1, 1, "as it was sent")
    for subject in (Subject("entry", FIRST), Subject("receipt", 3)):
        evidence.attach(*here, blobs, subject, [photo], POSTED_AT)
    # A form that was begun before.
    cells = {"day": "2023-03-20", "people": "G4", "locality": "L3", "situation": "一切如常"}
    fill(office.visit(OTHER_LEAD, QUICK_ENTRY, kind="patrol"), PATROL, cells)
    return office


def sign(office: Office) -> None:
    """Close March."""
    facts = {"month": "2023-03", "signed_at": POSTED_AT, "signed_by": REVIEWER.name}
    with contracts.acting(office.engine, office.stored) as connection:
        said = {**facts, "figures": {}, "parameters": {}}
        signing.add(connection, office.stored.id, "", said, ())
        contracts.touch(connection, office.stored.id)


def reopen(office: Office) -> None:
    """Open March again."""
    with contracts.acting(office.engine, office.stored) as connection:
        said = {"at": POSTED_AT, "by": REVIEWER.name, "reason": "更正"}
        signing.reopen(connection, office.stored.id, [1], **said)
        contracts.touch(connection, office.stored.id)


def asked_why(app: AppTest, label: str) -> AppTest:
    """Give a reason and press, where an act is offered."""
    if [each for each in app.button if each.label == label]:
        app.text_input(key="act_reason").set_value("核实")
        button(app, label).click().run()
    return app


def withdrawing(office: Office, _folder: Path) -> Sequence[str]:
    app = office.visit(OTHER_LEAD, HISTORY, id=str(FIRST), act="withdraw")
    return messages(asked_why(app, "确认撤回这条"))


def restoring(office: Office, _folder: Path) -> Sequence[str]:
    app = office.visit(OTHER_LEAD, HISTORY, id=str(WITHDRAWN), act="restore")
    return messages(asked_why(app, "确认重新计入"))


def correcting(office: Office, _folder: Path) -> Sequence[str]:
    app = office.visit(OTHER_LEAD, QUICK_ENTRY, entry=str(FIRST))
    if app.text_input:
        fill(app, PATROL, {"situation": "屋顶漏水"})
        button(app, "提交").click().run()
        next(each for each in app.text_input if each.label == "原因 *").set_value("核实")
        button(app, "确认更正").click().run()
    return messages(app)


def going_on(office: Office, _folder: Path) -> Sequence[str]:
    app = office.visit(OTHER_LEAD, QUICK_ENTRY, kind="patrol")
    button(app, "提交").click().run()
    return [*messages(app), *(sentence for (sentence,) in html_texts(app, "fault"))]


def undoing(office: Office, _folder: Path) -> Sequence[str]:
    app = office.visit(OTHER_LEAD, RECEIPT, id=ALONE, act="undo")
    return messages(asked_why(app, "确认撤销回执 2023-000003"))


def uploading(office: Office, _folder: Path) -> Sequence[str]:
    app = office.visit(OTHER_LEAD, UPLOAD)
    hand_in(app, {"对象排查": [patrol("2023-03-21", "示员丁", SOUTH)]}, "新.xlsx")
    if [each for each in app.button if each.label == "过账 1 行"]:
        press(app, "过账 1 行")
    return [CLOSED] if CLOSED in sent(app) else messages(app)


def by_command(office: Office, folder: Path) -> Sequence[str]:
    file = folder / "命令行.xlsx"
    file.write_bytes(book({"对象排查": [patrol("2023-03-22", "示员丁", SOUTH)]}))
    return [str(command_line.main(["post", str(file), "--by", "示例人"]))]


def by_sql(office: Office, _folder: Path) -> Sequence[str]:
    statement = text("UPDATE entry SET effective = false WHERE entry_id = :number")
    try:
        with writing(office.engine) as connection:
            connection.execute(statement, {"number": BY_SQL})
    except IntegrityError as refusal:
        return [str(refusal.orig)]
    return []


# By the way: how it is gone, and what is said of it while the month is closed.
WAYS: dict[str, tuple[Callable[[Office, Path], Sequence[str]], str]] = {
    "correct on the form": (correcting, CLOSED),
    "go on with a draft": (going_on, CLOSED),
    "withdraw": (withdrawing, CLOSED),
    "count again": (restoring, CLOSED),
    "undo a receipt": (undoing, CLOSED),
    "upload": (uploading, CLOSED),
    "command line": (by_command, "1"),
    "SQL": (by_sql, "the month is signed and closed"),
}
CHANGES = ("post", "withdraw", "restore", "undo")


def test_no_way_leads_into_a_closed_month_and_each_into_an_open_one(
    prepared: Office, tmp_path: Path
):
    sign(prepared)
    before = prepared.measures(END), prepared.audit(*CHANGES)
    for name, (go, sentence) in WAYS.items():
        assert sentence in go(prepared, tmp_path), name
    assert (prepared.measures(END), prepared.audit(*CHANGES)) == before

    reopen(prepared)
    done = {}
    for name, (go, _) in WAYS.items():
        earlier = len(prepared.audit(*CHANGES))
        go(prepared, tmp_path)
        done[name] = [line["act"] for line in prepared.audit(*CHANGES)[earlier:]]
    assert done == {
        "correct on the form": ["post"],
        "go on with a draft": ["post"],
        "withdraw": ["withdraw"],
        "count again": ["restore"],
        "undo a receipt": ["undo"],
        "upload": ["post"],
        "command line": ["post"],
        "SQL": [],
    }
    with reading(prepared.engine) as connection:
        assert not ledger.held_entry(connection, prepared.stored.id, BY_SQL).effective


def offers(app: AppTest) -> Sequence[str]:
    """What can be done on the page itself."""
    ways = [text for address, text in links(app) if address.startswith("quick_entry")]
    buttons = [each.label for each in app.button]
    return [*buttons, *ways, *(each.label for each in app.file_uploader)]


ATTACH = "附上照片或扫描件（可拍照，可一次选几个）"
NO_PICTURES = "所在月份已签认封存，照片和扫描件不能再增减。"


def test_pages_say_so_in_place_of_what_they_offer(prepared: Office):
    pages = {(HISTORY, "entry"): str(FIRST), (RECEIPT, "receipt"): ALONE}
    opened = [offers(prepared.visit(OTHER_LEAD, page, id=n)) for (page, _), n in pages.items()]
    sign(prepared)
    closed = [prepared.visit(OTHER_LEAD, page, id=n) for (page, _), n in pages.items()]

    assert opened == [
        ["撤回这条…", "移除", "更正这条", ATTACH],
        ["撤销这张回执…", "移除", ATTACH],
    ]
    assert [offers(app) for app in closed] == [[], []]
    for app in closed:
        assert messages(app) == [CLOSED]
        assert NO_PICTURES in [each.value for each in app.caption]


def test_rows_of_a_closed_month_are_told_from_those_to_be_mended(prepared: Office):
    sign(prepared)
    app = prepared.visit(OTHER_LEAD, UPLOAD)
    rows = [
        patrol("2023-03-09", "示员丁", SOUTH),  # as it is held
        patrol("2023-03-15", "示员丁", SOUTH, "屋顶漏水"),
        patrol("2023-03-21", "示员丁", SOUTH),
        patrol("2023-04-03", "示员田", SOUTH),
    ]
    hand_in(app, {"对象排查": rows}, "新.xlsx")

    assert [tile[:2] for tile in html_texts(app, "tile")] == [
        ["新增", "0"],
        ["更正", "0"],
        ["未变", "1"],
        ["退回", "3"],
    ]
    assert messages(app)[0] == (
        "退回的行里有 2 行在已签认封存的月份，与台账不同或台账里没有。"
        "这些行不用改，台账以签认的为准。"
    )


@pytest.mark.parametrize("viewer", [LEADER, LEAD, REVIEWER, ADMIN], ids=lambda v: v.name)
def test_everybody_reads_on_an_entry_that_its_month_is_closed(prepared: Office, viewer: Viewer):
    sign(prepared)

    assert messages(prepared.visit(viewer, HISTORY, id=str(FIRST))) == [CLOSED]


def test_a_new_form_offers_the_days_that_are_open(prepared: Office):
    sign(prepared)
    app = prepared.visit(LEAD, QUICK_ENTRY, kind="patrol")
    day = asked(app.date_input, PATROL.by_slug["day"])

    assert (day.label, day.min, day.max) == (
        "日期 *（2023-03 及以前已封存）",
        date(2023, 4, 1),
        END,
    )
