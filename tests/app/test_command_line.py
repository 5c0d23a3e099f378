"""The operator's verbs (spec §7), each as a process of its own on both stores."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import docx
import pytest
from sqlalchemy import func, select

from lib import __main__ as command_line
from lib import clock, contract
from lib.actions import accounts, sign_in
from lib.store import setup
from lib.store.engine import open_store, reading, writing
from lib.store.schema import audit_line, entry, receipt, upload_file
from tests.support.shell import Shell
from tests.support.small_office import (
    EAST,
    END,
    FIRST_ROW,
    LEADER,
    MID_MONTH,
    PASSWORD,
    STAFF,
    TERMS,
    case,
    logs,
    patrol,
    rosters,
)
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DONE, REFUSED, USAGE = 0, 1, 2
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b(usage|error|invalid|required|argument|expected|choose|Traceback)\b")


@pytest.fixture
def shell(store_url: str, terms_file: Path, tmp_path: Path) -> Shell:
    """The command line on a store without the contract."""
    return Shell(store_url, terms_file, tmp_path)


@pytest.fixture
def opened(shell: Shell) -> Iterator[Office]:
    """The shell's store with contract and rosters in it."""
    with _opened(shell) as office:
        yield office


@pytest.fixture
def one_shell(sqlite_stores, terms_file: Path, tmp_path: Path) -> Iterator[Shell]:
    """The command line on one kind of store, for what the store has no part in."""
    with sqlite_stores.fresh(tmp_path) as url:
        yield Shell(url, terms_file, tmp_path)


@pytest.fixture
def one_opened(one_shell: Shell) -> Iterator[Office]:
    """That store with contract and rosters in it."""
    with _opened(one_shell) as office:
        yield office


@contextmanager
def _opened(shell: Shell) -> Iterator[Office]:
    engine = open_store(shell.url)
    office = Office(engine, setup.prepare(engine, contract.load(shell.contract)))
    office.import_rosters()
    yield office
    engine.dispose()


def rows(office: Office) -> dict[str, int]:
    """How many rows each table holds that a post writes to."""
    with reading(office.engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (entry, receipt, upload_file, audit_line)
        }


OUTSIDE = "填的是“2023-05-02”，不在合同期 2023-03-01 至 2023-04-30 内。"
UNKNOWN = "填的是“示员田”，服务人员名册中没有此人；您是不是要填“示员甲”？"
SPOILED = {
    "业务协办": [
        *logs()["业务协办"],
        case("2023年5月2日", "示员甲", "示申010"),
        case(date(2023, 3, 17), "示员田", "示申011"),
    ],
    "对象排查": [patrol(date(2023, 3, 17), "示员甲", None)],
}


def test_migrate_registers_the_contract_and_may_be_repeated(shell: Shell):
    before = shell("measures", "--json")
    assert (before.returncode, before.stdout) == (REFUSED, "")
    assert "python -m lib migrate" in before.stderr
    for _ in range(2):
        done = shell("migrate")
        assert (done.returncode, done.stdout) == (DONE, "")
        assert "示例小区2023年救助服务" in done.stderr


def test_rosters_are_imported_with_a_line_for_each_sheet(shell: Shell):
    engine = open_store(shell.url)
    setup.prepare(engine, contract.load(shell.contract))
    engine.dispose()
    done = shell("rosters", shell.file("名册.xlsx", rosters()))
    assert (done.returncode, done.stderr) == (DONE, "")
    assert done.stdout.splitlines() == [
        "村(社区)：新增 3，变更 0，未变 0，退回 0，表中没有而保留 0",
        "服务人员：新增 4，变更 0，未变 0，退回 0，表中没有而保留 0",
        "特困人员：新增 2，变更 0，未变 0，退回 0，表中没有而保留 0",
        "困难家庭：新增 3，变更 0，未变 0，退回 0，表中没有而保留 0",
    ]


def test_wrong_and_missing_roster_rows_are_named(one_shell: Shell, one_opened: Office):
    changed = rosters()
    changed["特困人员"][0] = {**changed["特困人员"][0], "自理能力": "半自理"}
    del changed["困难家庭"][1]
    done = one_shell("rosters", one_shell.file("名册.xlsx", changed))
    assert done.returncode == REFUSED
    assert f"“特困人员”第 {FIRST_ROW} 行“自理能力”：填的是“半自理”" in done.stderr
    assert "困难家庭 中没有这些编号，名册里仍保留：H2" in done.stderr
    assert "特困人员：新增 0，变更 0，未变 1，退回 1，表中没有而保留 0" in done.stdout


def test_post_writes_once_whatever_the_order_and_says_so_the_second_time(
    shell: Shell, opened: Office
):
    first, second = [
        shell.file(f"{number}.xlsx", {title: logs()[title]})
        for number, title in enumerate(("家计调查", "业务协办"))
    ]
    done = shell("post", first, second, "--by", "示例经办")
    assert (done.returncode, done.stderr) == (DONE, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("0.xlsx：新增 1，更正 0，未变 0，退回 0，回执 ")
    assert lines[1].startswith("1.xlsx：新增 4，更正 0，未变 0，退回 0，回执 ")
    assert {line["by"] for line in opened.audit("post")} == {"示例经办"}
    written = rows(opened)

    again = shell("post", second, first, "--by", "另一人")
    assert again.returncode == DONE
    assert again.stdout.splitlines() == [
        "1.xlsx：新增 0，更正 0，未变 4，退回 0",
        "0.xlsx：新增 0，更正 0，未变 1，退回 0",
    ]
    assert again.stderr.count("由 示例经办 上传") == 2
    assert rows(opened) == written


def test_a_dry_run_tells_the_same_and_writes_nothing(one_shell: Shell, one_opened: Office):
    before = rows(one_opened)
    book, broken = one_shell.file("三月.xlsx", SPOILED), one_shell.file("坏.xlsx", b"a,b")
    done = one_shell("post", book, broken, "--by", "示例经办", "--dry-run")
    assert done.returncode == REFUSED
    assert done.stdout.splitlines() == [
        "三月.xlsx：新增 4，更正 0，未变 0，退回 3",
        "坏.xlsx：整份退回",
    ]
    assert rows(one_opened) == before


def test_refused_rows_are_named_by_sheet_row_and_column_and_the_rest_posted(
    one_shell: Shell, one_opened: Office
):
    done = one_shell("post", one_shell.file("三月.xlsx", SPOILED), "--by", "示例经办")
    assert done.returncode == REFUSED
    assert done.stderr.splitlines() == [
        f"三月.xlsx：“业务协办”第 {FIRST_ROW + 4} 行“日期”：{OUTSIDE}",
        f"三月.xlsx：“业务协办”第 {FIRST_ROW + 5} 行“服务人员”：{UNKNOWN}",
        f"三月.xlsx：“对象排查”第 {FIRST_ROW} 行“村(社区)”：“村(社区)”必须填写。",
    ]
    assert rows(one_opened)["entry"] == 4


def test_what_post_tells_machines(one_shell: Shell, one_opened: Office):
    broken = one_shell.file("坏.xlsx", b"a,b")
    done = one_shell(
        "post", broken, one_shell.file("三月.xlsx", SPOILED), "--by", "示例经办", "--json"
    )
    assert done.returncode == REFUSED
    told = {facts["file"]: facts for facts in json.loads(done.stdout)}
    assert told["坏.xlsx"] == {
        "file": "坏.xlsx",
        "refused_whole": "不是 Excel 工作簿，请在 WPS 或 Excel 中另存为 .xlsx 后再传。",
    }
    problems = told["三月.xlsx"].pop("problems")
    number = one_opened.audit("post")[-1]["subject"]
    counts = {"new": 4, "corrected": 0, "unchanged": 0, "refused": 3}
    assert told["三月.xlsx"] == {"file": "三月.xlsx", "receipt": number, "notices": []} | counts
    assert problems[1] == {
        "sheet": "业务协办",
        "row": FIRST_ROW + 5,
        "column": "服务人员",
        "rule": "unknown_staff",
        "found": "示员田",
        "nearest": "示员甲",
        "sentence": UNKNOWN,
    }
    (line,) = one_opened.audit("upload_refused")
    assert (line["by"], line["after"]["file"]) == ("示例经办", "坏.xlsx")


def test_two_files_of_one_name_are_both_answered(one_shell: Shell, one_opened: Office):
    paths = []
    for team in ("一组", "二组"):
        (one_shell.folder / team).mkdir()
        paths.append(one_shell.file(f"{team}/三月.xlsx", f"{team} 的文件".encode()))
    done = one_shell("post", *paths, "--by", "示例经办", "--json")
    assert done.returncode == REFUSED
    assert len(json.loads(done.stdout)) == 2


def test_a_file_that_is_not_there_holds_back_no_other(one_shell: Shell, one_opened: Office):
    there = one_shell.file("在.xlsx", {"对象排查": logs()["对象排查"]})
    done = one_shell(
        "post", one_shell.folder / "不在.xlsx", one_shell.folder, there, "--by", "示例经办"
    )
    assert done.returncode == REFUSED
    assert "文件“不在.xlsx”打不开，请核对路径。" in done.stderr
    assert "在.xlsx：新增 2，" in done.stdout
    assert "Traceback" not in done.stderr


def test_files_that_cannot_be_read_hold_back_no_other_and_leave_no_line(
    one_shell: Shell, one_opened: Office
):
    there = one_shell.file("在.xlsx", {"对象排查": logs()["对象排查"]})
    unreadable = "/proc/self/mem"  # a file whose first byte cannot be read
    done = one_shell("post", unreadable, "长" * 300, there, "--by", "示例经办")
    assert done.returncode == REFUSED
    assert done.stderr.splitlines() == [
        "mem：文件“mem”打不开，请核对路径。",
        f"{'长' * 300}：文件“{'长' * 300}”打不开，请核对路径。",
    ]
    assert "在.xlsx：新增 2，" in done.stdout
    assert not one_opened.audit("upload_refused")


@pytest.mark.parametrize("content", [{"对象排查": logs()["对象排查"]}, b"a,b"], ids=["book", "csv"])
def test_a_name_that_is_no_text_is_written_so_that_it_can_be_read(
    shell: Shell, opened: Office, content
):
    path = shell.file(os.fsdecode(b"\xff\xc8\xd5.xlsx"), content)
    done = shell("post", path, "--by", "示例经办")
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith("\ufffd\ufffd\ufffd.xlsx：")
    (line,) = opened.audit("post", "upload_refused")
    assert line["by"] == "示例经办"


def test_a_file_of_which_every_row_is_refused_leaves_a_line_in_the_audit_log(
    shell: Shell, opened: Office
):
    book = shell.file("三月.xlsx", {"对象排查": SPOILED["对象排查"] * 2})
    shell("post", book, "--by", "示例经办", "--dry-run")
    assert shell("post", book, "--by", "示例经办").returncode == REFUSED
    (line,) = opened.audit("upload_refused")
    data = book.read_bytes()
    assert (line["by"], line["subject"]) == ("示例经办", hashlib.sha256(data).hexdigest())
    assert line["after"] == {"file": "三月.xlsx", "size": len(data), "reason": "2 行全部退回。"}


def refused_rosters() -> dict[str, list]:
    """Rosters in which no row is right."""
    return {"服务人员": [{**row, "到岗日期": "三月"} for row in rosters()["服务人员"]]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b", "不是 Excel 工作簿，请在 WPS 或 Excel 中另存为 .xlsx 后再传。"),
        (
            {"对象排查": []},
            "没有名册工作表，工作表名应为：“村(社区)”、“服务人员”、“特困人员”、“困难家庭”。",
        ),
        (refused_rosters(), "4 行全部退回。"),
    ],
    ids=["no workbook", "no roster", "every row"],
)
def test_rosters_that_are_refused_whole_leave_a_line_in_the_audit_log(
    shell: Shell, opened: Office, content, reason: str
):
    book = shell.file("新名册.xlsx", content)
    assert shell("rosters", book).returncode == REFUSED
    (line,) = opened.audit("upload_refused")
    data = book.read_bytes()
    assert (line["by"], line["subject"]) == ("运维人员", hashlib.sha256(data).hexdigest())
    assert line["after"] == {"file": "新名册.xlsx", "size": len(data), "reason": reason}


def test_measures_print_the_keys_of_the_spec_and_nothing_else(shell: Shell, opened: Office):
    opened.post(logs())
    told = shell.json("measures", "--as-of", MID_MONTH)
    assert told.pop("person_days") == {
        # 11 of 43 working days have gone by.
        "case_handling": {"required": 20, "due": 5.1163, "delivered": 3.0},
        "home_survey": {"required": 8, "due": 2.0465, "delivered": 1.0},
        "patrol": {"required": 12, "due": 3.0698, "delivered": 2.0},
        "campaign": {"required": 4, "due": 1.0233, "delivered": 1.0},
        "elder_check": {"required": 6, "due": 1.5349, "delivered": 1.0},
    }
    assert told == {
        "as_of": "2023-03-15",
        "campaign_households": {"required": 4, "delivered": 1},
        "campaign_by_locality": {
            EAST: {"required": 1, "delivered": 1},
            "示南村": {"required": 1, "delivered": 0},
            "示西村": {"required": 1, "delivered": 0},
        },
        "elder_months": {"2023-03": {"elders": 2, "compliant": 0, "required": 4, "delivered": 1}},
        "training": {"required": 2, "delivered": 1, "held": 2},
        "new_applications": {"required": 2, "delivered": 1},
        "patrol_localities": {"2023-03": 2},
        "entries": {
            "campaign": 1,
            "case_handling": 3,
            "elder_check": 1,
            "home_survey": 1,
            "patrol": 2,
            "training": 2,
        },
    }


def test_measures_for_people(one_shell: Shell, one_opened: Office):
    one_opened.post(logs())
    done = one_shell("measures", "--as-of", "2030-01-01")
    assert done.returncode == DONE
    assert done.stdout.startswith(f"示例小区2023年救助服务，截至 {END}\n")
    assert "业务协办：完成 4.0 人天，应完成 20.0，合同 20" in done.stdout
    assert CHINESE.search(done.stderr)


def test_entries_of_a_kind_between_two_days(shell: Shell, opened: Office):
    opened.post(logs())
    words = ("entries", "--kind", "case_handling")
    every = shell.json(*words)
    assert [fact["application"] for fact in every] == ["示申001", "示申002", "示申002", "示申003"]
    assert every[1] == {
        "id": every[1]["id"],
        "kind": "case_handling",
        "version": 1,
        "date": "2023-03-07",
        "people": ["G1", "G2"],
        "names": [STAFF["G1"], STAFF["G2"]],
        "locality": "L1",
        "elder": None,
        "household": None,
        "application": "示申002",
        "details": {"applicant": "示申一", "aid_category": "低保", "step": "受理"},
        "file": "日志.xlsx",
        "row": FIRST_ROW + 1,
    }
    some = shell.json(*words, "--from", "2023-03-07", "--to", "2023-03-14")
    assert [fact["date"] for fact in some] == ["2023-03-07", "2023-03-14"]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["settlement", "--month", "2023-03"], "示例小区2023年救助服务\n2023年3月结算报告"),
        (["acceptance"], "示例小区2023年救助服务\n履约验收报告"),
        (["briefing", "--as-of", "2023-03-15"], "示例小区2023年救助服务简报"),
    ],
)
def test_a_report_is_written_into_a_file(
    office: Office,
    words: list[str],
    title: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    path = tmp_path / "报告.docx"
    assert command_line.main(["report", *words, "--out", str(path)]) == DONE
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"已写入 {path}。\n")
    assert docx.Document(str(path)).paragraphs[0].text == title


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["settlement"], "结算报告要写明合同期内的月份，如 2023-03。"),
        (["settlement", "--month", "2024-01"], "结算报告要写明合同期内的月份，如 2023-03。"),
        (["briefing", "--out", "/nowhere/x"], "写不了文件 /nowhere/x：FileNotFoundError。"),
    ],
)
def test_no_report_without_a_month_or_a_place(
    office: Office,
    words: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    path = tmp_path / "报告.docx"
    assert command_line.main(["report", "--out", str(path), *words]) == REFUSED
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{sentence}\n")
    assert not path.exists()


EASY = (
    "密码太容易猜：请用几个互不相干的词连起来，不要用姓名、日期、手机号、单位名称、"
    "常见的词，或键盘上相邻的键。"
)


def test_users_are_added_listed_and_disabled(shell: Shell, opened: Office):
    added = shell(
        "user", "add", "Shili", "--role", "team_lead", "--team", "示一组", given=f"{PASSWORD}\n"
    )
    assert (added.returncode, added.stdout) == (DONE, "")
    assert added.stderr == "已新增项目组长“shili”。\n"
    assert shell("user", "disable", "Shili").returncode == DONE
    assert shell.json("user", "list") == [
        {
            "name": "shili",
            "role": "team_lead",
            "team": "示一组",
            "disabled": True,
            "oversees": False,
        }
    ]


@pytest.mark.parametrize(
    ("words", "given", "sentence"),
    [
        (["add", "a", "--role", "leader"], "", "密码至少 10 位。"),
        (
            ["add", "a", "--role", "team_lead"],
            PASSWORD,
            "项目组长要指定名册中的小组，现有：示一组、示二组。",
        ),
        (
            ["add", "", "--role", "leader"],
            PASSWORD,
            "用户名应为 1 至 40 个字，不含空格，字母用小写。",
        ),
        (["disable", "nobody"], "", "没有用户“nobody”。"),
        (["password", "nobody"], PASSWORD, "没有用户“nobody”。"),
        (["password", "leader"], "woaini1314520", EASY),
        (["role", "nobody", "--role", "leader"], "", "没有用户“nobody”。"),
        (
            ["role", "admin", "--role", "leader"],
            "",
            "“admin”是最后一位能登录的管理员，请先另设一位管理员。",
        ),
        (["end", "nobody"], "", "“nobody”现在没有登录。"),
        (["unlock", "nobody"], "", "“nobody”现在没有登录限制。"),
    ],
    ids=[
        "no password",
        "no team",
        "no name",
        "disable nobody",
        "password of nobody",
        "easy password",
        "role of nobody",
        "last administrator",
        "end nobody",
        "unlock nobody",
    ],
)
def test_what_does_not_do_is_refused_in_one_sentence(
    office: Office,
    words: list[str],
    given: str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    assert command_line.main(["user", *words]) == REFUSED
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{sentence}\n")


def test_sessions_are_listed_and_ended_and_a_role_changed(
    office: Office, capsys: pytest.CaptureFixture[str]
):
    begun = accounts.begin_session(office.engine, office.stored, "leader", clock.now(), "10.0.0.1")
    assert command_line.main(["user", "sessions", "--json"]) == DONE
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["name"], listed["origin"]) == ("leader", "10.0.0.1")
    assert listed["begun_at"] == listed["seen_at"]
    assert command_line.main(["user", "sessions"]) == DONE
    assert re.fullmatch(r"leader\t.+ 登录\t最近操作 .+\t10.0.0.1\n", capsys.readouterr().out)
    assert command_line.main(["user", "end", "Leader"]) == DONE
    assert capsys.readouterr().err == "已结束“leader”的 1 处登录。\n"
    viewer = accounts.viewer_of(office.engine, office.stored, begun.session_id, clock.now())
    assert viewer is None
    assert command_line.main(["user", "role", "leader", "--role", "reviewer"]) == DONE
    assert capsys.readouterr().err == "已把“leader”改为验收人员，原有登录随即失效。\n"
    lines = office.audit("end_sessions", "change_role")
    assert [(line["by"], line["subject"]) for line in lines] == [("运维人员", "leader")] * 2


def test_wrong_passwords_are_forgotten_by_a_command(
    office: Office, capsys: pytest.CaptureFixture[str]
):
    engine, stored = office.engine, office.stored
    for _ in range(10):
        sign_in.is_right(engine, stored, "leader", "错的", "10.0.0.1", clock.now())
    assert not sign_in.is_right(engine, stored, "leader", PASSWORD, "10.0.0.1", clock.now())
    assert command_line.main(["user", "unlock", "Leader"]) == DONE
    assert capsys.readouterr().err == "“leader”可以马上再试了。\n"
    assert sign_in.is_right(engine, stored, "leader", PASSWORD, "10.0.0.1", clock.now())
    assert command_line.main(["user", "unlock", "10.0.0.1"]) == DONE


def test_a_new_password_ends_sessions(one_shell: Shell, one_opened: Office):
    one_opened.add(LEADER)
    session = one_opened.begin_session(LEADER)
    assert one_shell("user", "password", "leader", given="云杉-新口令-2023\n").returncode == DONE
    assert accounts.viewer_of(one_opened.engine, one_opened.stored, session, clock.now()) is None
    assert one_shell("user", "list").stdout == "leader\t区局领导\t正常\n"


def test_a_password_that_is_no_text_is_refused(one_shell: Shell, one_opened: Office):
    done = one_shell("user", "add", "a", "--role", "leader", given=b"\xff" * 12)
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert done.stderr == "密码不是 UTF-8 编码的文字，请改用终端输入。\n"


def test_a_bug_is_logged_with_a_number_and_without_data(one_shell: Shell, one_opened: Office):
    with writing(one_opened.engine) as connection:
        connection.exec_driver_sql("DROP TABLE account")
    done = one_shell("user", "disable", "某人")
    assert (done.returncode, done.stdout) == (REFUSED, "")
    *log, sentence = done.stderr.splitlines()
    found = re.fullmatch(r"程序出错，请把编号 ([0-9a-f]{8}) 和以上记录告诉维护人员。", sentence)
    assert found
    assert log[0] == f"error {found[1]}: OperationalError"
    assert "某人" not in done.stderr


WRONG_USAGE = [
    [],
    ["fly"],
    ["post"],
    ["post", "a.xlsx"],
    ["post", "--by", "示例经办"],
    ["post", "a.xlsx", "--by", ""],
    ["post", "a.xlsx", "--by", " \u200b"],
    ["rosters"],
    ["measures", "--json=yes"],
    ["measures", "--as-of", "garbage"],
    ["measures", "--as-of", "2023-02-30"],
    ["measures", "--as-of"],
    ["measures", "--fast"],
    ["entries"],
    ["entries", "--kind", "nothing"],
    ["entries", "--kind", "patrol", "--from", "三月"],
    ["report"],
    ["report", "diary", "--out", "a.docx"],
    ["report", "briefing"],
    ["user"],
    ["user", "fly"],
    ["user", "add", "a"],
    ["user", "add", "a", "--role", "king"],
    ["user", "disable"],
]


@pytest.mark.parametrize("words", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_is_answered_in_chinese(words: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        command_line.main(words)
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (USAGE, "")
    assert CHINESE.search(said.err)
    assert not ENGLISH.search(said.err)


def test_somebody_has_to_answer_for_what_is_posted(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        command_line.main(["post", "a.xlsx", "--by", ""])
    first, _ = capsys.readouterr().err.split("\n", 1)
    assert first == "命令写法不对：--by 要写明由谁负责。"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["migrate"],
        ["backup"],
        ["restore"],
        ["post"],
        ["entries"],
        ["findings"],
        ["verify"],
        ["report"],
        ["user"],
        ["user", "add"],
    ],
    ids=" ".join,
)
def test_the_help_is_chinese(words: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        command_line.main([*words, "--help"])
    said = capsys.readouterr()
    assert (ended.value.code, said.err) == (DONE, "")
    assert said.out.startswith("用法：python -m lib ")
    assert "-h, --help" in said.out
    # What stays is what is typed, and what stands for a word of the user's.
    typed = r"python -m lib|--?[a-z-]+|\{[a-z_,]+\}|\b[A-Z]+\b|JSON|PostgreSQL|\b\d+[dwm]\b"
    english = re.sub(typed, "", said.out)
    verbs = (
        "migrate|rosters|post|measures|entries|findings|verify|archive|demo|user|add|list|disable|password"
        "|report|settlement|acceptance|briefing|role|sessions|end|unlock|oversee|backup|restore|orphans"
        "|sums"
    )
    assert set(re.findall(r"[A-Za-z]+", re.sub(rf"\b({verbs})\b", "", english))) == set()


def test_wrong_usage_of_the_process_itself(one_shell: Shell):
    done = one_shell("measures", "--as-of", "garbage")
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert CHINESE.search(done.stderr)


@pytest.mark.parametrize("before_the_verb", [True, False])
def test_the_contract_can_be_named_before_or_after_the_verb(
    before_the_verb: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    other = tmp_path / "other.toml"
    other.write_text(TERMS.replace("示例小区2023年救助服务", "另一份合同"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.db'}")
    monkeypatch.delenv("CONTRACT", raising=False)
    named = ["--contract", str(other)]
    words = [*named, "migrate"] if before_the_verb else ["migrate", *named]
    assert command_line.main(words) == DONE
    assert "合同“另一份合同”已登记。" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "code：缺少这一项"),
        ("code = ", "不是合法的 TOML"),
        (TERMS.replace("person_days = 20", "person_days = 21"), "2 人 × 10 天不等于 21 人天"),
        (TERMS.replace('code = "patrol"', 'code = "fly"', 1), "item.fly：没有这种日志"),
        (TERMS.replace("start = 2023-03-01", 'start = "三月"'), "start：应为日期"),
    ],
    ids=["empty", "no TOML", "sum", "kind", "day"],
)
def test_a_wrong_contract_file_is_refused_with_file_key_and_reason(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text)
    assert command_line.main(["measures", "--contract", str(wrong)]) == REFUSED
    said = capsys.readouterr()
    assert said.out == ""
    assert str(wrong) in said.err
    assert words in said.err
