"""Seeing all contracts of the store: for those whom the operator let see them, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import null, update

from lib import __main__ as command_line
from lib.access import Role
from lib.actions import accounts
from lib.clock import now
from lib.contract import parse, read
from lib.errors import NotPermittedError, RefusedError
from lib.periods import Period
from lib.store import accounts as stored_accounts
from lib.store import calendar, contracts
from lib.store.engine import reading, writing
from lib.store.schema import contract
from lib.ui import all_contracts, warming
from tests.support import small_office
from tests.support.small_office import (
    ADMIN,
    EAST,
    LEAD,
    LEADER,
    OPERATOR,
    PASSWORD,
    PERSONAL_NAMES,
    REVIEWER,
    TERMS,
    patrol,
)
from tests.support.visits import Office, html_texts, is_sign_in_form, links, messages, sent, titles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer

DONE, REFUSED = 0, 1
CONTRACTS = "progress/contracts"
NOWHERE = ["网址可能有误，或者您的角色不使用这一页。"]
OWN = "示例小区2023年救助服务"
OTHERS = pytest.mark.parametrize("viewer", [LEADER, REVIEWER, ADMIN], ids=lambda v: v.name)


def let(office: Office, viewer: Viewer, *, see: bool = True) -> None:
    """Let somebody see all contracts, or no longer."""
    accounts.set_oversight(
        office.engine, office.stored, OPERATOR, viewer.name, oversees=see, now=now()
    )


def neighbour(office: Office, name: str, days: Period, *, rows: bool = False) -> Office:
    """Another contract in the same store."""
    code = f"other-{name.encode().hex()}"
    terms = parse(TERMS, "other.toml").model_copy(
        update={"code": code, "name": name, "start": days.first, "end": days.last}
    )
    with writing(office.engine) as connection:
        stored = contracts.register(connection, terms)
        if calendar.fill(connection, days):
            contracts.touch_all(connection)
    other = Office(office.engine, stored)
    if rows:
        other.import_rosters()
        other.post({"对象排查": [patrol(date(2023, 3, 9), "示员丙", EAST)]})
    return other


def shown(app: AppTest) -> dict[str, list[str]]:
    """What stands in the row of each contract."""
    (head, *rows) = html_texts(app, "row")
    assert head[0] == "合同"
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("viewer", small_office.EVERYONE, ids=lambda viewer: viewer.name)
def test_without_leave_there_is_no_such_page_and_no_line_in_the_menu(
    office: Office, viewer: Viewer
):
    app = office.visit(viewer, CONTRACTS)

    assert (titles(app)[-1], messages(app)) == ("找不到这个页面", NOWHERE)
    assert OWN not in sent(app).replace("高新区", "")
    with pytest.raises(NotPermittedError):
        all_contracts.stands(viewer, small_office.END)
    with pytest.raises(NotPermittedError):
        all_contracts.days(viewer)


@OTHERS
def test_with_it_all_contracts_stand_below_each_other(office: Office, viewer: Viewer):
    neighbour(office, "示邻区", Period(date(2023, 3, 1), date(2023, 3, 31)), rows=True)
    neighbour(office, "示远区", Period(date(2023, 6, 1), date(2023, 12, 31)))
    let(office, viewer)

    app = office.visit(viewer, CONTRACTS, as_of="2023-03-15")

    assert not messages(app)
    assert not app.exception
    found = shown(app)
    # 15 days of 43, 11 working days of 23, none: 50 person-days each.
    assert list(found) == ["示邻区", OWN, "示远区"]
    assert found["示邻区"][:1] == ["2023-03-01 至 2023-03-31"]
    assert "▼ 滞后" in found["示邻区"]
    assert found["示邻区"][found["示邻区"].index("人天完成") :][:8] == [
        "人天完成",
        "1",
        "应达",
        "23.9",
        "合同",
        "50",
        "完成率",
        "2%",
    ]
    assert "○ 未到期" in found["示远区"]
    (headline,) = html_texts(app, "headline")
    assert headline[1] == "3 个合同：2 个滞后，1 个未到期。"
    assert [name for name in PERSONAL_NAMES if name in sent(app)] == []
    own = [address for address, text in links(app) if text == OWN]
    assert own == ["./?as_of=2023-03-15"]
    assert [text for _, text in links(app) if text in {"示邻区", "示远区"}] == []


def test_each_is_shown_by_its_own_end_at_the_latest(office: Office):
    neighbour(office, "示邻区", Period(date(2023, 3, 1), date(2023, 12, 31)), rows=True)
    let(office, LEADER)

    found = shown(office.visit(LEADER, CONTRACTS, as_of="2023-10-01"))

    assert found[OWN][found[OWN].index("应达") + 1] == "50"
    assert found["示邻区"][found["示邻区"].index("应达") + 1] != "50"


def test_they_are_found_by_status_and_by_a_part_of_the_name(office: Office):
    neighbour(office, "示远区", Period(date(2023, 6, 1), date(2023, 12, 31)))
    let(office, LEADER)

    app = office.visit(LEADER, CONTRACTS, as_of="2023-03-15", status="not_due")
    assert list(shown(app)) == ["示远区"]

    app = office.visit(LEADER, CONTRACTS, as_of="2023-03-15")
    app.text_input[0].set_value("小区").run()
    assert list(shown(app)) == [OWN]
    app.text_input[0].set_value("没有").run()
    assert messages(app) == ["没有这样的合同。"]


def test_many_contracts_stand_on_pages(office: Office):
    for number in range(60):
        neighbour(office, f"区{number:02d}", Period(date(2023, 3, 1), date(2023, 3, 31)))
    let(office, LEADER)

    first = shown(office.visit(LEADER, CONTRACTS, as_of="2023-03-15"))
    second = shown(office.visit(LEADER, CONTRACTS, as_of="2023-03-15", page="2"))

    assert (len(first), len(second)) == (50, 11)
    assert not set(first) & set(second)


def test_a_contract_without_terms_is_listed_and_a_made_up_one_is_marked(office: Office):
    other = neighbour(office, "示邻区", Period(date(2023, 3, 1), date(2023, 3, 31)))
    made_up = neighbour(office, "示演区", Period(date(2023, 3, 1), date(2023, 3, 31)))
    with writing(office.engine) as connection:
        row = update(contract).where(contract.c.contract_id == other.stored.id)
        connection.execute(row.values(terms=null()))
        contracts.mark_demonstration(connection, made_up.stored.id)
    let(office, LEADER)

    app = office.visit(LEADER, CONTRACTS, as_of="2023-03-15")

    found = shown(app)
    assert found["示邻区"] == ["2023-03-01 至 2023-03-31", "条款未登记，请运行 migrate"]
    assert found["示演区"][:2] == ["演示", "2023-03-01 至 2023-03-31"]
    (headline,) = html_texts(app, "headline")
    assert headline[1] == "2 个合同：1 个滞后，1 个条款未登记。"


def test_a_posting_into_another_contract_is_seen_at_the_next_look(office: Office):
    other = neighbour(office, "示邻区", Period(date(2023, 3, 1), date(2023, 3, 31)), rows=True)
    let(office, LEADER)

    def done() -> str:
        row = shown(office.visit(LEADER, CONTRACTS, as_of="2023-03-15"))["示邻区"]
        return row[row.index("人天完成") + 1]

    assert done() == "1"
    other.post({"对象排查": [patrol(date(2023, 3, 10), "示员丙", EAST)]})
    assert done() == "2"


def stands_of(office: Office, name: str) -> bool:
    """Whether the account may see all contracts."""
    with reading(office.engine) as connection:
        found = stored_accounts.find(connection, office.stored.id, name)
    return bool(found and found.oversees)


def test_the_operator_gives_and_takes_it_on_record_and_open_pages_end(
    office: Office, capsys: pytest.CaptureFixture[str]
):
    opened = office.visit(LEADER)

    assert command_line.main(["user", "oversee", "leader"]) == DONE
    assert capsys.readouterr().err == "“leader”可以看各合同的进度了，原有登录随即失效。\n"
    assert is_sign_in_form(opened.run())
    assert command_line.main(["user", "list"]) == DONE
    assert "leader\t区局领导\t正常\t可看各合同\n" in capsys.readouterr().out
    seeing = office.visit(LEADER, CONTRACTS)
    assert not messages(seeing)

    assert command_line.main(["user", "oversee", "leader", "--off"]) == DONE
    assert is_sign_in_form(seeing.run())
    assert messages(office.visit(LEADER, CONTRACTS)) == NOWHERE
    said = [(line["act"], line["subject"], line["after"]) for line in office.audit(*GIVING)]
    assert said == [
        ("let_oversee", "leader", {"oversees": True}),
        ("end_oversight", "leader", {"oversees": False}),
    ]


GIVING = ("let_oversee", "end_oversight")
REFUSALS: Mapping[str, tuple[list[str], str]] = {
    "a lead": (["lead1"], "项目组长不能看各合同。"),
    "again": (["leader", "--off"], "“leader”本来就不能看各合同，没有改动。"),
    "nobody": (["niemand"], "没有用户“niemand”。"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_given_is_refused(
    office: Office, capsys: pytest.CaptureFixture[str], case: str
):
    words, sentence = REFUSALS[case]
    assert command_line.main(["user", "oversee", *words]) == REFUSED
    assert capsys.readouterr().err == f"{sentence}\n"
    assert office.audit(*GIVING) == []


def test_the_administrator_comes_by_it_in_no_way(office: Office):
    let(office, LEADER)
    here = (office.engine, office.stored, ADMIN)

    with pytest.raises(NotPermittedError):
        accounts.set_oversight(*here, "admin", oversees=True, now=now())
    accounts.add_account(*here, replace(LEADER, name="new", oversees=True), PASSWORD, now())
    assert not stands_of(office, "new")
    # With a password of the administrator's choice, the administrator would see it.
    with pytest.raises(RefusedError, match=r"^“leader”能看各合同，密码请由运维人员重设。$"):
        accounts.set_password(*here, "leader", "雪松-口令-2024", now())
    accounts.set_password(office.engine, office.stored, OPERATOR, "leader", PASSWORD, now())


def test_who_becomes_a_team_lead_loses_it(office: Office):
    let(office, LEADER)
    here = (office.engine, office.stored, ADMIN)

    accounts.change_role(*here, "leader", Role.REVIEWER, None, now())
    assert stands_of(office, "leader")
    accounts.change_role(*here, "leader", Role.TEAM_LEAD, LEAD.team, now())
    assert not stands_of(office, "leader")
    accounts.change_role(*here, "leader", Role.LEADER, None, now())
    assert not stands_of(office, "leader")
    last = office.audit("change_role")[1]
    assert (last["before"]["oversees"], last["after"]["oversees"]) == (True, False)


def test_the_terms_of_all_are_read_as_the_server_starts(office: Office):
    neighbour(office, "示邻区", Period(date(2023, 3, 1), date(2023, 3, 31)))
    read.cache_clear()
    warming.warm()
    warmed = read.cache_info().misses

    let(office, LEADER)
    assert set(shown(office.visit(LEADER, CONTRACTS))) == {OWN, "示邻区"}
    assert read.cache_info().misses == warmed == 2
