"""What reports say, on a small contract: exact texts, the figures and nothing beyond them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.actions.post import post
from lib.errors import RefusedError
from lib.findings.found import findings
from lib.findings.non_working_day import NON_WORKING_DAY
from lib.findings.one_person_survey import ONE_PERSON_SURVEY
from lib.kpi import settled
from lib.kpi.figures import Figure
from lib.kpi.obligations import obligations
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.reports import acceptance_report, briefing, finding_tables, settlement_report
from lib.reports.conclusion import conclusion
from lib.reports.document import Heading, Made, Note, Paragraph, Table
from lib.reports.kinds import report
from lib.store import findings as said
from lib.store import signing
from lib.store.engine import reading, writing
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Engine

    from lib.reports.document import Block, Document
    from lib.store.contracts import StoredContract

MARCH = Month(2023, 3)
MADE = Made(datetime(2023, 6, 1, 1, tzinfo=UTC), "验收甲")
TODAY = date(2023, 3, 15)
POSTED_AT = datetime(2023, 3, 10, 1, tzinfo=UTC)


def survey(day: date, people: str, application: str) -> small.Cells:
    """A survey of a new application."""
    return {
        "日期": day,
        "服务人员": people,
        "调查类型": "新增申请",
        "受理编号": application,
        "村(社区)": "东社区",
        "调查结论": "符合",
    }


# Posted while the week is fresh, by several people, on working days: nothing odd about them.
WEEK = {
    "业务协办": [
        {
            "日期": date(2023, 3, 6),
            "服务人员": "钱二丰",
            "村(社区)": "东社区",
            "受理编号": f"SL{number}",
            "申请人": "申一",
            "救助类别": "低保",
            "办理环节": "受理",
        }
        for number in (1, 2)
    ],
    "家计调查": [survey(date(2023, 3, 7), "钱二丰、赵一", "SL1")],
    "专项行动": [
        {
            "日期": date(2023, 3, 7),
            "服务人员": "孙三",
            "户编号": "H3",
            "政策宣讲": "是",
            "发现问题": "屋顶漏雨",
        }
    ],
    "特困老人核查": [
        {
            "日期": date(2023, 3, day),
            "服务人员": "孙三",
            "特困人员编号": "E1",
            "生活状况": life,
            "健康状况": "良好",
        }
        for day, life in ((6, "良好"), (9, "一般"))
    ],
    "业务培训": [
        {
            "日期": date(2023, 3, 8),
            "服务人员": "赵一",
            "培训类别": "信息平台培训",
            "主题": subject,
            "方案备案日期": filed_on,
            "街道专管员人数": 1,
            "协理员人数": 1,
            "廉政教育": "是",
        }
        for subject, filed_on in (("平台", date(2023, 3, 1)), ("补课", None))
    ],
}
NAMES = [
    name
    for sheet in small.ROSTERS.values()
    for row in sheet.values()
    for name in (row.get("姓名"), row.get("户主姓名"))
    if name
]


def told(document: Document) -> list[str]:
    """The document's texts, a row of a table in one line."""
    return [document.title, document.state, *texts(document.body)]


def texts(body: Iterable[Block]) -> list[str]:
    """The texts of blocks, in the order of reading."""
    return [line for block in body for line in _lines(block)]


def _lines(block: Block) -> Sequence[str]:
    match block:
        case Heading(text, level):
            return [f"{'#' * level} {text}"]
        case Paragraph(text) | Note(text):
            return [text]
        case Table(caption, columns, rows):
            heads = "|".join(column.heading.replace("\n", "") for column in columns)
            return [caption, heads, *("|".join(row) for row in rows)]


def chapter(lines: Sequence[str], heading: str) -> list[str]:
    """What stands under a heading, down to the next of its rank or a higher one."""
    start = lines.index(heading) + 1
    ends = (n for n, line in enumerate(lines) if n >= start and _rank(line) <= _rank(heading))
    return list(lines[start : next(ends, len(lines))])


def _rank(line: str) -> int:
    return len(line.split(" ", maxsplit=1)[0]) if line.startswith("#") else 9


def posted(engine: Engine, terms: str = small.TERMS) -> StoredContract:
    """The small contract with its one week."""
    stored = small.entered(engine, terms=contract.parse(terms, "small.toml"))
    enter(engine, stored, WEEK, POSTED_AT)
    return stored


def enter(
    engine: Engine, stored: StoredContract, rows: dict[str, list[small.Cells]], at: datetime
) -> None:
    """Post rows; none may be refused."""
    (done,) = post(engine, stored, small.ANYBODY, [small.workbook(rows)], today=at.date(), now=at)
    assert not done.plan.refusals


def settlement_of(
    engine: Engine, stored: StoredContract, day: date = small.TODAY, month: Month = MARCH
) -> list[str]:
    with reading(engine) as connection:
        return told(settlement_report.content(connection, Scope(stored, day), month, MADE))


def acceptance(
    engine: Engine, stored: StoredContract, day: date = small.END, made: Made = MADE
) -> list[str]:
    with reading(engine) as connection:
        return told(acceptance_report.content(connection, Scope(stored, day), made))


def test_a_month_that_nobody_signed(engine: Engine):
    stored = posted(engine)
    assert settlement_of(engine, stored) == [
        "小合同\n2023年3月结算报告",
        "截至2023年3月31日，尚未签认",
        "# 基本情况",
        (
            f"合同：小合同（编号 {stored.terms.code}），采购人为某局，"
            "服务期自2023年2月10日至2023年5月7日。2023年3月有 23 个合同工作日。"
        ),
        "支付依据：合同约定“按月支付”。",
        "# 本月结算",
        "截至2023年3月31日，各服务项目累计完成 6 人天（各项以合同数为限），合同共 44 人天。",
        "2023年3月结算",
        "项目|合同数|本月应达|本月完成|本月可计付|累计应达|累计完成|存疑|待核",
        "业务协办（人天）|6|2.34|1|1|3.66|1|—|—",
        "家计调查（人天）|4|1.56|2|2|2.44|2|—|—",
        "对象排查（人天）|5|1.95|0|0|3.05|0|—|—",
        "网络管理（人天）|2|0.78|0|0|1.22|0|—|—",
        "档案管理（人天）|3|1.17|0|0|1.83|0|—|—",
        "政策宣传（人天）|6|3|0|0|4|0|—|—",
        "专项行动（人天）|7|2.73|1|1|4.27|1|—|—",
        "特困老人定期核查（人天）|11|4.29|2|2|6.71|2|—|—",
        "专项行动入户（户）|5|1.95|1|1|3.05|1|—|—",
        "特困老人月访（人次）|21|6|2|2|12|2|—|—",
        "业务培训（次）|2|1|1|1|1|1|—|—",
        "新申请入户调查（件）|2|2|1|1|2|1|—|—",
        (
            "本月可计付＝累计完成中不超过合同数的部分，减去上月末累计中不超过合同数的部分；"
            "超出合同数的工作量照实列出，不计付。存疑、待核为本月人天，见第三部分。"
        ),
        "合同文件未载明单价，本报告只列数量，不列金额。",
        "# 疑点",
        "按合同文件载明的规则逐条核对日志，未发现疑点。",
        "# 抽查",
        "没有抽查记录。",
        "# 例外情况",
        "业务培训：2023年3月8日一场方案未备案，不计数。",
        "# 签认",
        "尚未签认。以上数字可能随日志的补充、更正而变动。",
    ]


def test_a_running_month_says_so(engine: Engine):
    lines = settlement_of(engine, posted(engine), date(2023, 3, 15))
    assert lines[1] == "截至2023年3月15日，本月未结束，尚未签认"
    assert chapter(lines, "# 基本情况")[-1] == (
        "本月尚未结束：完成数为截至2023年3月15日已入账的记录，"
        "应达数按全月计算，均可能变动，不能作为支付依据。"
    )


def test_amounts_where_the_contract_names_prices(engine: Engine):
    priced = small.TERMS.replace('name = "家计调查"', 'name = "家计调查"\nunit_price = "120.05"')
    lines = chapter(settlement_of(engine, posted(engine, priced)), "# 本月结算")
    assert lines[-4:] == [
        "按合同单价计算，本月可计付金额 240.10 元，其中存疑 0.00 元。",
        "可计付金额",
        "项目|本月可计付|单价（元）|金额（元）|其中存疑（元）",
        "家计调查（人天）|2|120.05|240.10|0.00",
    ]


def sign(engine: Engine, stored: StoredContract) -> tuple[int, dict[str, str]]:
    """Sign March at another figure than the ledger's; the number, and both hashes."""
    with writing(engine) as connection:
        scope = Scope(stored, small.TODAY)
        facts = settled.facts(settled.of_month(connection, scope, MARCH))
        facts["lines"][0]["delivered"] = "9/2"
        sealed = {
            "month": str(MARCH),
            "signed_at": datetime(2023, 4, 3, 2, tzinfo=UTC),
            "signed_by": "验收乙",
            "figures": facts,
            "parameters": {},
        }
        rows = signing.rows(connection, stored.id, MARCH)
        number = signing.add(connection, stored.id, "", sealed, rows)
        entries = signing.entries_hash(rows)
        whole = sealed | {"entries": len(rows), "entries_hash": entries}
        return number, {"entries": entries, "whole": signing.seal("", whole)}


def test_a_signed_month_is_told_as_it_was_signed(engine: Engine):
    stored = posted(engine)
    _, hashes = sign(engine, stored)
    lines = settlement_of(engine, stored)
    assert lines[1] == "截至2023年3月31日，已签认"
    assert "业务协办（人天）|6|2.34|4.5|1|3.66|1|—|—" in lines
    assert chapter(lines, "# 签认") == [
        "本月由 验收乙 于 2023-04-03 10:00 签认，依据 8 条有效记录；以上结算数字为签认时的数字。",
        f"记录校验值（SHA-256）：\n{hashes['entries']}",
        f"签认校验值（SHA-256）：\n{hashes['whole']}",
    ]


def test_a_month_opened_again_keeps_its_reason(engine: Engine):
    stored = posted(engine)
    number, _ = sign(engine, stored)
    with writing(engine) as connection:
        at = datetime(2023, 4, 5, 2, tzinfo=UTC)
        reason = "漏了赵一的一天"
        signing.reopen(connection, stored.id, [number], at=at, by="验收丙", reason=reason)
    lines = settlement_of(engine, stored)
    assert lines[1] == "截至2023年3月31日，尚未签认"
    assert "业务协办（人天）|6|2.34|1|1|3.66|1|—|—" in lines
    assert chapter(lines, "# 例外情况")[0] == (
        "本月曾于 2023-04-03 10:00 由 验收乙 签认，"
        "2023-04-05 10:00 由 验收丙 重新打开，原因：漏了赵*的一天。"
    )


def test_the_acceptance_of_a_contract_that_is_over(engine: Engine):
    stored = posted(engine)
    lines = acceptance(engine, stored)
    assert lines[:2] == ["小合同\n服务履约验收报告", "截至2023年5月7日，合同期已满"]
    assert [line for line in lines if line.startswith("#")] == [
        "# 合同概况",
        "# 验收依据和方法",
        "# 履约情况",
        "## 合同义务",
        "## 分月情况",
        "## 专项行动入户",
        "## 特困老人月访",
        "## 业务培训",
        "## 新申请入户调查",
        "## 排查到村",
        "# 疑点",
        "# 抽查",
        "# 验收结论",
    ]
    assert chapter(lines, "## 分月情况") == [
        "分月情况",
        "月份|应达人天|完成人天|签认人|签认时间",
        "2023-02|9.37|0|尚未签认|—",
        "2023-03|17.81|6|尚未签认|—",
        "2023-04|12.88|0|尚未签认|—",
        "2023-05|3.93|0|尚未签认|—",
        "合计|44|6||",
    ]
    assert chapter(lines, "## 专项行动入户") == [
        (
            "合同 5 户。走访中发现问题 1 个，已跟进 0 个，已办结 0 个；"
            "未办结 1 个，其中 1 个超过 10 天。"
        ),
        "专项行动入户分街道情况",
        "街道|村（社区）数|名册户数|走访户数|未走访户数|走访率",
        "河口|3|4|1|3|25%",
        "专项行动入户分村（社区）情况",
        "序号|街道|村（社区）|名册户数|走访户数|未走访户数|走访率",
        "1|河口|东社区|1|0|1|0%",
        "2|河口|南村|2|1|1|50%",
        "3|河口|西山村|1|0|1|0%",
        "|合计||4|1|3|25%",
    ]
    assert chapter(lines, "## 特困老人月访")[2:] == [
        "2023-02|3|0|0%|6|0|0%",
        "2023-03|3|1|33.3%|6|2|33.3%",
        "2023-04|3|0|0%|6|0|0%",
        "2023-05|3|0|0%|3|0|0%",
    ]
    assert chapter(lines, "## 业务培训")[1:] == [
        "序号|日期|培训类别|廉政教育|方案备案日期|是否计数",
        "1|2023-03-08|信息平台培训|是|2023-03-01|计数",
        "2|2023-03-08|信息平台培训|是|—|方案未备案",
    ]
    assert chapter(lines, "## 新申请入户调查") == [
        "受理 2 件，已调查 1 件，待调查 1 件。",
        (
            "从受理到调查，中位数 1 个工作日，最长 1 个工作日；"
            "1 件在 3 个工作日内（管理指标，非合同义务）。"
        ),
    ]
    clauses = chapter(lines, "## 合同义务")
    assert clauses[:4] == [
        "各服务项目共完成 6 人天（各项以合同数为限），合同共 44 人天。",
        "合同义务逐条对照",
        "项目|合同条款|合同数|完成数|完成率|结论",
        "业务协办（人天）|—|6|1|16.6%|未达标",
    ]
    assert "业务培训（条）|—|—|2|—|只记录" in clauses
    start = clauses.index("各项佐证和疑点")
    assert clauses[start + 1 : start + 4] == [
        "项目|记录数|有照片的记录数|回执数|已认定疑点|待定疑点|存疑人天|待核人天",
        "业务协办|2|0|1|0|0|0|0",
        "家计调查|1|0|1|0|0|0|0",
    ]
    ending = chapter(lines, "# 验收结论")
    assert ending[0].startswith(
        "截至2023年5月7日，合同期已满，12 项量化义务中有 0 项完成数达到合同数，12 项未达到："
        "业务协办完成 1 人天，合同 6 人天，少 5 人天；家计调查完成 2 人天，合同 4 人天，少 2 人天；"
    )
    assert ending[1:] == [
        ("疑点已认定 0 项，尚未认定或排除 0 项；存疑 0 人天，待核 0 人天，均未从完成数中扣除。"),
        "服务已开始 4 个月，已签认 0 个月。",
        "以上由日志和抽查记录计算得出，供采购人作出验收决定。",
    ]


def test_the_acceptance_of_a_running_contract_says_so(engine: Engine):
    stored = posted(engine)
    sign(engine, stored)
    lines = acceptance(engine, stored, date(2023, 3, 15))
    assert lines[1] == "截至2023年3月15日，合同未到期"
    assert "业务协办（人天）|—|6|1|16.6%|滞后" in lines
    assert "2023-03|17.81|6|验收乙|2023-04-03 10:00" in lines
    assert chapter(lines, "# 验收结论")[-2] == "服务已开始 2 个月，已签认 1 个月。"


@pytest.mark.parametrize(
    ("delivered", "words"),
    [
        (["20", "8"], "2 项量化义务中有 2 项完成数达到合同数，没有未达到的。"),
        (
            ["19.999", "8"],
            (
                "2 项量化义务中有 1 项完成数达到合同数，1 项未达到："
                "业务协办完成 19.99 人天，合同 20 人天，少 0.01 人天。"
            ),
        ),
        (
            ["59/3", "8"],
            (
                "2 项量化义务中有 1 项完成数达到合同数，1 项未达到："
                "业务协办完成 19.66 人天，合同 20 人天，少 0.34 人天。"
            ),
        ),
    ],
)
def test_the_conclusion_claims_what_the_figures_say(
    engine: Engine, delivered: list[str], words: str
):
    scope = Scope(small.entered(engine), small.END)
    with reading(engine) as connection:
        found = obligations(connection, scope)
    clauses = tuple(
        replace(clause, figure=Figure(quota, Fraction(n), Fraction(n), Fraction(done)))
        for clause, quota, n, done in zip(
            found.clauses, scope.contract.quotas, (20, 8), delivered, strict=False
        )
    )
    first, *_ = conclusion(replace(found, clauses=clauses))
    assert first == f"截至2023年5月7日，合同期已满，{words}"


ODD = {
    "家计调查": [survey(date(2023, 3, 8), "赵一", "SL2")],
    "对象排查": [
        {
            "日期": date(2023, 3, 4),
            "服务人员": "赵一",
            "村(社区)": "东社区",
            "排查情况": "一切如常",
        }
    ],
}


def odd(engine: Engine) -> StoredContract:
    """The small contract with a survey by one person, confirmed, and a patrol on a Saturday."""
    stored = posted(engine)
    enter(engine, stored, ODD, POSTED_AT)
    with writing(engine) as connection:
        (found,) = findings(connection, Scope(stored, small.END), rules=[ONE_PERSON_SURVEY])
        facts = {
            "state": "confirmed",
            "note": "赵一一人入户",
            "basis": found.basis,
            "at": small.NOW,
            "by": "验收乙",
        }
        said.add(connection, stored.id, ONE_PERSON_SURVEY.code, found.subject, facts)
    return stored


@pytest.mark.parametrize(("full_names", "who"), [(False, "G1"), (True, "G1 赵一")])
def test_findings_by_rule_and_those_confirmed(engine: Engine, *, full_names: bool, who: str):
    scope = Scope(odd(engine), small.END)
    rules = (ONE_PERSON_SURVEY, NON_WORKING_DAY)
    with reading(engine) as connection:
        found = findings(connection, scope, rules=rules)
        blocks = finding_tables.blocks(connection, scope, found, full_names=full_names)
        lines = texts(blocks)
    assert lines == [
        (
            "按合同文件载明的规则逐条核对日志，共发现疑点 2 项："
            "待说明 1 项，已说明 0 项，已认定 1 项，已排除 0 项。"
        ),
        "疑点",
        "规则|界限|待说明|已说明|已认定|已排除",
        "单人入户调查|入户调查应有 2 人以上|0|0|1|0",
        "非工作日服务|法定节假日和调休以国务院办公厅公布的安排为准|1|0|0|0",
        (
            "已认定疑点涉及的人天列为“存疑”，尚未认定或排除的列为“待核”；"
            "两者均与完成数并列，不从完成数中扣除。"
        ),
        "已认定疑点涉及的记录",
        "规则|日期|项目|服务人员|对象",
        f"单人入户调查|2023-03-08|家计调查|{who}|SL2",
    ]


def test_nobody_is_named_unless_asked_for(engine: Engine):
    stored = odd(engine)
    with reading(engine) as connection:
        short = told(briefing.content(connection, Scope(stored, small.END), MADE))
    for lines in (settlement_of(engine, stored), acceptance(engine, stored), short):
        assert [name for name in NAMES if any(name in line for line in lines)] == []
    full = acceptance(engine, stored, made=Made(MADE.at, MADE.by, full_names=True))
    assert [name for name in NAMES if any(name in line for line in full)] == ["赵一"]


@pytest.mark.parametrize(
    ("what", "month", "asked", "as_of", "name"),
    [
        ("briefing", "", None, TODAY, "简报_2023-03-15.docx"),
        ("briefing", "", date(2023, 3, 1), date(2023, 3, 1), "简报_2023-03-01.docx"),
        ("acceptance", "", date(2023, 4, 1), date(2023, 3, 15), "服务履约验收报告_2023-03-15.docx"),
        (
            "settlement",
            "2023-02",
            date(2023, 2, 20),
            date(2023, 3, 15),
            "月度结算报告_2023-02.docx",
        ),
    ],
)
def test_no_report_is_of_days_to_come_and_a_month_is_told_whole(
    engine: Engine, what: str, month: str, asked: date | None, as_of: date, name: str
):
    stored = small.entered(engine)
    found = report(stored, what, month, asked, TODAY)
    assert (found.scope.as_of, found.file_name) == (as_of, name)


@pytest.mark.parametrize(
    ("what", "month", "sentence"),
    [
        ("diary", "", "没有这种报告：diary。可用：settlement、acceptance、briefing。"),
        ("settlement", "", "结算报告要写明合同期内的月份，如 2023-02。"),
        ("settlement", "2023-06", "结算报告要写明合同期内的月份，如 2023-02。"),
        ("settlement", "2023-04", "2023-04 还没有开始，没有结算报告。"),
    ],
)
def test_what_is_no_report_is_refused(engine: Engine, what: str, month: str, sentence: str):
    with pytest.raises(RefusedError) as refusal:
        report(small.entered(engine), what, month, None, TODAY)
    assert refusal.value.sentence == sentence


def test_the_briefing_says_what_the_overview_says(engine: Engine):
    stored = posted(engine)
    with reading(engine) as connection:
        lines = told(briefing.content(connection, Scope(stored, date(2023, 3, 31)), MADE))
    assert lines[:2] == ["小合同简报", "截至2023年3月31日，合同未到期"]
    assert chapter(lines, "# 总体情况：滞后")[0].startswith("人天总进度 13.6%，应达 61.7%；滞后：")
    assert chapter(lines, "# 先看这些") == [
        "（急）特困老人月访：2 人未访够，其中 2 人一次未访；本月已无工作日。",
        "（急）新申请入户调查：1 件待调查，其中 1 件受理已超过 3 个工作日。",
        "业务培训：2023-03-08 一场方案未备案，不计数。",
        "专项行动入户：发现问题 1 个，未办结 1 个，其中 1 个超过 10 天。",
        "排查到村：本月还有 3 个村（社区）未到（管理指标）。",
    ]
    table = chapter(lines, "# 各项进度")
    assert table[:3] == [
        "截至2023年3月31日",
        "项目|状态|完成|应达|合同|预计",
        "业务协办（人天）|滞后|1|3.7|6|1",
    ]
    assert table[-1] == "最近一次过账 2023-03-10 09:00。"
