"""The acceptance file: exactly its members, every hash right, everything as the store has it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select

from lib import contract
from lib.actions import evidence
from lib.actions.import_rosters import import_rosters
from lib.actions.post import post
from lib.errors import RefusedError
from lib.kpi import settled
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.pictures.cleaning import clean
from lib.reports import archive
from lib.reports.archive.wanted import Wanted
from lib.store import contracts, findings, setup, signatures, signing
from lib.store.blobs import Blobs, open_blobs
from lib.store.chain import canonical, digest, linked
from lib.store.engine import reading, writing
from lib.store.evidence import Subject
from lib.store.schema import (
    audit_line,
    sample,
    sample_item,
    sample_result,
)
from lib.workbooks.own import read_own_workbook
from tests.support.pictures import photo
from tests.support.small_office import (
    EAST,
    LEAD,
    OPERATOR,
    POSTED_AT,
    REVIEWER,
    TERMS,
    book,
    case,
    logs,
    patrol,
    rosters,
)
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract

MARCH, SATURDAY = Month(2023, 3), date(2023, 4, 8)
MADE_AT = POSTED_AT + timedelta(days=1)
MARCH_BOOK = book(logs())
APRIL_BOOK = book({"对象排查": [patrol(SATURDAY, "示员甲", EAST)]})
NUMBERED_BOOK = book(
    {"业务协办": [case(date(2023, 3, 21), "示员甲", "示申007", 备注=f"证件 {NUMBER}")]}
)
PICTURE = clean(photo())


@pytest.fixture(scope="module")
def stored(shared_engine: Engine, blobs: Blobs) -> StoredContract:
    """An office with a month signed, opened and signed again; of everything there is something.

    Receipt 1 is of March, 2 of March without its file, 3 of April.
    """
    engine = shared_engine
    stored = setup.prepare(engine, contract.parse(TERMS, "合同.toml"))
    import_rosters(
        engine, stored, OPERATOR, read_own_workbook("名册.xlsx", book(rosters())), POSTED_AT
    )
    for name, data, viewer in (
        ("示员甲的三月.xlsx", MARCH_BOOK, OPERATOR),
        ("有证件.xlsx", NUMBERED_BOOK, LEAD),
        ("四月.xlsx", APRIL_BOOK, LEAD),
    ):
        workbook = read_own_workbook(name, data)
        (done,) = post(engine, stored, viewer, [workbook], today=POSTED_AT.date(), now=POSTED_AT)
        assert not done.plan.refusals
    with writing(engine) as connection:
        _accept(connection, stored)
    subject = Subject("receipt", 3)
    evidence.attach(engine, stored, LEAD, blobs, subject, [PICTURE], POSTED_AT)
    return stored


def _accept(connection: Connection, stored: StoredContract) -> None:
    """Explain a finding, draw a sample, sign March twice."""
    said = {"state": "explained", "note": "示例说明", "basis": "0", "at": POSTED_AT, "by": "示甲"}
    findings.add(connection, stored.id, "non_working_day", str(SATURDAY), said)
    _sample(connection, stored.id)
    facts = {
        "month": "2023-03",
        "signed_at": POSTED_AT,
        "signed_by": REVIEWER.name,
        "figures": settled.facts(settled.of_month(connection, Scope(stored, MARCH.last), MARCH)),
        "parameters": {"working_days": ["2023-03-01"], "terms": {"name": "示例"}},
    }
    rows = signing.rows(connection, stored.id, MARCH)
    first = signing.add(connection, stored.id, "", facts, rows)
    signing.reopen(
        connection, stored.id, [first], at=POSTED_AT, by=REVIEWER.name, reason="示例原因"
    )
    signing.add(connection, stored.id, "", facts, rows)


def _sample(connection: Connection, contract_id: int) -> None:
    drawn = {
        "sample_id": 1,
        "first_on": MARCH.first,
        "last_on": MARCH.last,
        "kinds": ["patrol"],
        "confidence": "0.95",
        "margin": "0.05",
        "seed": "示例种子",
        "population": 2,
        "frame_hash": "0",
        "strata": {"patrol|L1": [1, 1]},
        "drawn_at": POSTED_AT,
        "drawn_by": REVIEWER.name,
    }
    item = {"item_id": 1, "sample_id": 1, "position": 1, "stratum": "patrol|L1"}
    result = {"item_id": 1, "number": 1, "result": "untrue", "note": "=没有去"}
    recorded = {"recorded_at": POSTED_AT, "recorded_by": REVIEWER.name}
    for table, row in (
        (sample, drawn),
        (sample_item, item | {"entry_id": 6, "version": 1}),
        (sample_result, result | recorded),
    ):
        known = {name: value for name, value in row.items() if name in table.c}
        connection.execute(insert(table).values(contract_id=contract_id, **known))


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Blobs:
    return open_blobs(tmp_path_factory.mktemp("evidence").as_uri())


@pytest.fixture(scope="module")
def wanted(shared_engine: Engine, stored: StoredContract, blobs: Blobs) -> Wanted:
    return Wanted(shared_engine, stored, blobs, REVIEWER, MADE_AT, MADE_AT.date())


@pytest.fixture(scope="module")
def whole(wanted: Wanted) -> bytes:
    """The archive of the whole contract."""
    return made(wanted)


@pytest.fixture(scope="module")
def found(whole: bytes) -> Mapping[str, bytes]:
    """What stands in it."""
    return members(whole)


def made(wanted: Wanted) -> bytes:
    """The archive's bytes."""
    file = io.BytesIO()
    assert archive.write(wanted, file, silent) is not None
    return file.getvalue()


def silent(_done: int, _total: int, _words: str) -> None:
    """Tell nobody."""


def members(data: bytes) -> dict[str, bytes]:
    """What stands in the archive, by path, in order."""
    with ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def lines(found: Mapping[str, bytes], path: str) -> list[dict[str, Any]]:
    """The rows of a member of lines."""
    return [json.loads(line) for line in found[path].splitlines()]


KINDS = ("业务协办", "家计调查", "对象排查", "业务培训", "专项行动", "特困老人核查")
REPORTS = [
    "报告/月度结算报告_2023-03.docx",
    "报告/月度结算报告_2023-04.docx",
    "报告/服务履约验收报告_2023-04-30.docx",
    "报告/简报_2023-04-30.docx",
]
LEDGERS = [f"台账/{kind}.xlsx" for kind in KINDS]
CHECKED = [
    "疑点/疑点.json",
    "疑点/疑点.xlsx",
    "抽查/抽查.json",
    "抽查/抽查.xlsx",
    "签认/签认.jsonl",
    "签认/2023-03_1.jsonl",
    "签认/2023-03_2.jsonl",
    "回执/回执.jsonl",
    "回执/改格.jsonl",
    "回执/撤回.jsonl",
]
LAST = ["图片/清单.jsonl", "审计/审计.jsonl", "说明.txt", "manifest.sha256"]
PHOTO = f"图片/{hashlib.sha256(PICTURE.data).hexdigest()}.jpg"


def test_it_holds_exactly_these_members_and_they_are_the_stores_own(found: Mapping[str, bytes]):
    originals = ["原件/2023-000001.xlsx", "原件/2023-000003.xlsx", "原件/清单.jsonl"]
    assert list(found) == [*REPORTS, *LEDGERS, *CHECKED, *originals, PHOTO, *LAST]
    assert found["原件/2023-000001.xlsx"] == MARCH_BOOK
    assert found["原件/2023-000003.xlsx"] == APRIL_BOOK
    assert found[PHOTO] == PICTURE.data


def unpacked(data: bytes, folder: Path) -> Path:
    with ZipFile(io.BytesIO(data)) as opened:
        opened.extractall(folder)
    return folder


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sha256sum", "--strict", "-c", "manifest.sha256"],  # noqa: S607 - as the text says
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_manifest_is_checked_by_sha256sum(whole: bytes, tmp_path: Path):
    folder = unpacked(whole, tmp_path / "unpacked")
    done = check(folder)
    assert (done.returncode, done.stderr) == (0, "")
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert {line.rpartition(": ")[0] for line in done.stdout.splitlines()} == files - {
        "manifest.sha256"
    }

    spoiled = folder / "审计" / "审计.jsonl"
    data = bytearray(spoiled.read_bytes())
    data[10] ^= 1
    spoiled.write_bytes(data)
    done = check(folder)
    assert done.returncode == 1
    assert "审计/审计.jsonl: FAILED" in done.stdout


def test_signatures_are_the_stores_and_their_hashes_can_be_made_again(
    found: Mapping[str, bytes], wanted: Wanted
):
    with reading(wanted.engine) as connection:
        held = signatures.listed(connection, wanted.stored.id)
    assert lines(found, "签认/签认.jsonl") == [json.loads(canonical(vars(each))) for each in held]
    assert [each["reason"] for each in lines(found, "签认/签认.jsonl")] == ["示例原因", None]

    rows = lines(found, "签认/2023-03_2.jsonl")
    assert [row["entry_id"] for row in rows] == [*range(1, 16)]
    assert [digest(row["row"]) for row in rows] == [row["row_hash"] for row in rows]
    covered = [[row["entry_id"], row["row"]["version"], row["row_hash"]] for row in rows]
    assert digest(covered) == held[1].entries_hash


def test_the_audit_log_can_be_chained_again(found: Mapping[str, bytes], wanted: Wanted):
    previous = ""
    for line in lines(found, "审计/审计.jsonl"):
        said = line.pop("hash")
        assert linked(previous, line) == said
        previous = said
    last = select(audit_line.c.hash).order_by(audit_line.c.line_id.desc()).limit(1)
    with reading(wanted.engine) as connection:
        assert previous == connection.execute(last).scalar_one()


def test_a_file_that_was_not_kept_is_listed_with_its_hash_and_why(found: Mapping[str, bytes]):
    listed = lines(found, "原件/清单.jsonl")
    assert [(each["receipt"], each["path"], each["not_kept"]) for each in listed] == [
        ("2023-000001", "原件/2023-000001.xlsx", None),
        (
            "2023-000002",
            None,
            "文件里有身份证号码，或有看不到内容的宏、嵌入对象，按规定没有留存，只留了校验值",
        ),
        ("2023-000003", "原件/2023-000003.xlsx", None),
    ]
    assert listed[1]["sha256"] == hashlib.sha256(NUMBERED_BOOK).hexdigest()


def test_no_path_names_anybody(found: Mapping[str, bytes], wanted: Wanted):
    assert wanted.file_name == "验收档案_shi-2023_2023-04-30.zip"
    assert "示员甲" not in "".join(found)


def test_an_item_stands_there_with_its_strata_and_result(found: Mapping[str, bytes]):
    (drawn,) = json.loads(found["抽查/抽查.json"])
    assert (drawn["seed"], drawn["strata"]) == ("示例种子", {"patrol|L1": [1, 1]})
    (item,) = drawn["items"]
    assert (item["entry_id"], item["results"][0]["result"]) == (6, "untrue")
    sheet = load_workbook(io.BytesIO(found["抽查/抽查.xlsx"])).worksheets[0]
    assert [cell.value for cell in sheet[2]][7:9] == ["不符", "=没有去"]
    assert sheet["I2"].data_type == "s"


def test_a_finding_stands_there_with_all_that_was_said_of_it(found: Mapping[str, bytes]):
    every = json.loads(found["疑点/疑点.json"])
    said = {each["subject"]: [act["note"] for act in each["acts"]] for each in every}
    assert said[str(SATURDAY)] == ["示例说明"]


def test_through_a_month_it_holds_nothing_later(wanted: Wanted):
    early = replace(wanted, through=MARCH)
    found = members(made(early))
    assert early.file_name == "验收档案_shi-2023_2023-03.zip"
    assert PHOTO not in found, "it hangs on the receipt of April"
    assert [each["receipt"] for each in lines(found, "原件/清单.jsonl")] == [
        "2023-000001",
        "2023-000002",
    ]
    assert "范围：截至 2023-03 月末，数据截至 2023-03-31" in found["说明.txt"].decode()


def test_a_picture_that_is_lost_is_said_and_keeps_nothing_back(wanted: Wanted, tmp_path: Path):
    found = members(made(replace(wanted, blobs=open_blobs(tmp_path.as_uri()))))
    assert PHOTO not in found
    assert [each["path"] for each in lines(found, "图片/清单.jsonl")] == [None]
    remark = "注意：有 1 个图片或扫描件取不出来，图片/清单.jsonl 中 path 为空的就是。"
    assert remark in found["说明.txt"].decode()


def test_when_the_ledger_changes_meanwhile_it_begins_anew(wanted: Wanted):
    told: list[int] = []

    def change(times: int) -> archive.Tell:
        def tell(done: int, _total: int, words: str) -> None:
            if words == "月度结算报告 2023-03" and len(told) < times:
                told.append(done)
                with writing(wanted.engine) as connection:
                    contracts.touch(connection, wanted.stored.id)

        return tell

    assert archive.write(wanted, io.BytesIO(), change(1)) == []
    with pytest.raises(RefusedError, match="制作期间台账一直有变动"):
        archive.write(wanted, io.BytesIO(), change(99))
