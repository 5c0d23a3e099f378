"""The operator's verbs (spec §7): `python -m lib VERB`.

Exit status 0 done, 1 refused or some rows refused, 2 wrong usage; results on standard output,
messages on standard error.
"""

from __future__ import annotations

import argparse
import getpass
import json
import re
import secrets
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lib import clock, contract, settings
from lib.access import Role, Viewer, operator
from lib.actions import accounts, import_rosters, post
from lib.demonstration import fill
from lib.demonstration.users import admit, users
from lib.errors import RefusedError, UnreadableError
from lib.kpi.measures import measures
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope, of_kind
from lib.logs import LOG_KINDS, require_known_kinds
from lib.store import accounts as stored_accounts
from lib.store import calendar, contracts, setup
from lib.store.engine import open_store, reading
from lib.store.schema import entry
from lib.text import tidy
from lib.workbooks.reading import Workbook, read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.problems import Problem
    from lib.store.contracts import StoredContract

    Verb = Callable[[argparse.Namespace, Engine, Contract], int]

DONE, REFUSED, USAGE = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    """Wrong usage is answered in Chinese, with exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Say what was wrong, and how the verb is used."""
        for pattern, words in _WRONG_USAGE.items():
            message = re.sub(pattern, words, message)
        say(f"命令写法不对：{message}。")
        say(self.format_usage().replace("usage:", "用法：", 1).rstrip())
        raise SystemExit(USAGE)


# argparse speaks English; these are the sentences that a wrong command line can bring forth.
_WRONG_USAGE = {
    r"the following arguments are required: (.*)": r"缺少 \1",
    r"unrecognized arguments: (.*)": r"不认识 \1",
    r"argument (\S+): invalid choice: (\S+) \(choose from (.*)\)": r"\1 不认识 \2，可用：\3",
    r"argument (\S+): invalid _day value: (.*)": r"\1 应写成 2023-06-30 的样子，不能是 \2",
    r"argument (\S+): expected .*": r"\1 后面要有值",
    r"ambiguous option: (\S+) could match (.*)": r"\1 不明确，可能是 \2",
}


def say(sentence: str) -> None:
    """Tell the operator something, beside the results."""
    print(sentence, file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit status."""
    asked = _parser().parse_args(arguments)
    path = getattr(asked, "contract", settings.contract_path())
    try:
        terms = contract.load(path)
        require_known_kinds(terms, str(path))
        run: Verb = asked.run
        return run(asked, open_store(settings.database_url()), terms)
    except RefusedError as refusal:
        say(refusal.sentence)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    # Before or after the verb; absent from both, the default holds.
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--contract", type=Path, metavar="FILE", help="合同文件")
    as_json = _Parser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="输出 JSON")
    parser = _Parser(
        prog="python -m lib", description="社会救助服务监管：运维命令", parents=[common]
    )
    verbs = parser.add_subparsers(required=True, metavar="命令")

    def verb(name: str, run: Verb, words: str, *parents: _Parser) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=words, description=words, parents=[common, *parents])
        added.set_defaults(run=run)
        return added

    verb("migrate", migrate, "把数据库升级到最新结构")
    verb("rosters", rosters, "导入名册工作簿").add_argument("file", type=Path, metavar="FILE")
    posting = verb("post", post_files, "过账日志工作簿，可一次多个，次序不限", as_json)
    posting.add_argument("files", type=Path, nargs="+", metavar="FILE")
    posting.add_argument("--by", required=True, metavar="NAME", help="由谁负责")
    posting.add_argument("--dry-run", action="store_true", help="只看会怎样，不写入")
    measuring = verb("measures", show_measures, "全部指标", as_json)
    measuring.add_argument("--as-of", type=_day, metavar="DATE", help="截至日期，默认今天")
    listing = verb("entries", show_entries, "有效记录", as_json)
    listing.add_argument("--kind", required=True, choices=list(LOG_KINDS), metavar="K")
    listing.add_argument("--from", dest="first", type=_day, metavar="D", help="自哪天起")
    listing.add_argument("--to", dest="last", type=_day, metavar="D", help="到哪天止")
    filling = verb("demo", demo, "在空的数据库中填入演示数据")
    filling.add_argument("--unless-filled", action="store_true", help="已有数据就什么也不做")
    users = verbs.add_parser("user", help="用户", description="用户", parents=[common])
    verbs = users.add_subparsers(required=True, metavar="动作")
    adding = verb("add", add_user, "新增用户，密码从终端或标准输入读")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("--role", required=True, choices=[str(role) for role in Role])
    adding.add_argument("--team", metavar="T", help="项目组长的小组")
    verb("list", list_users, "列出用户", as_json)
    verb("disable", disable_user, "停用用户").add_argument("name", metavar="NAME")
    changing = verb("password", change_password, "重设密码，从终端或标准输入读")
    changing.add_argument("name", metavar="NAME")
    return parser


def _day(text: str) -> date:
    return date.fromisoformat(text)


def migrate(_asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Bring the store to the newest schema and register the contract."""
    setup.prepare(engine, terms)
    with reading(engine) as connection:
        years = calendar.unannounced_years(connection, terms.period)
    if years:
        named = "、".join(str(year) for year in years)
        say(f"注意：{named} 年的节假日安排尚未收录，暂按周一至周五计算工作日。")
    say(f"数据库已是最新结构，合同“{terms.name}”已登记。")
    return DONE


def rosters(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Import a roster workbook."""
    stored = setup.opened(engine, terms)
    workbook = _read(asked.file)
    done = import_rosters.import_rosters(engine, stored, _OPERATOR, workbook, clock.now())
    for title, count in done.sheets.items():
        print(
            f"{title}：新增 {count.new}，变更 {count.changed}，未变 {count.unchanged}，"
            f"退回 {count.refused}，表中没有而保留 {len(count.missing)}"
        )
        if count.missing:
            say(f"{title} 中没有这些编号，名册里仍保留：{'、'.join(count.missing)}")
    for problem in done.problems:
        say(str(problem))
    return REFUSED if done.problems else DONE


_OPERATOR = operator("运维人员")


def _read(path: Path) -> Workbook:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"文件“{path.name}”打不开，请核对路径。") from error
    return read_workbook(path.name, data)


def post_files(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Post log workbooks in one go; files refused whole do not hold back the others."""
    stored = setup.opened(engine, terms)
    if not tidy(asked.by):
        raise RefusedError("请用 --by 写明由谁负责。")
    viewer, now = operator(tidy(asked.by)), clock.now()
    readable: list[Workbook] = []
    refused: list[tuple[str, str]] = []  # names, which may be alike, and sentences
    for path in asked.files:
        try:
            readable.append(_read(path))
        except UnreadableError as refusal:
            refused.append((path.name, refusal.sentence))
            if path.is_file() and not asked.dry_run:
                _record_refusal(engine, stored, viewer, path, refusal)
    if asked.dry_run:
        plans = post.preview(engine, stored, viewer, readable, clock.business_today())
        posted = [post.Posted(plan, None) for plan in plans]
    else:
        posted = post.post(engine, stored, viewer, readable, today=clock.business_today(), now=now)
    _tell_posted(posted, refused, as_json=asked.json)
    refusals = any(done.plan.refusal or done.plan.refusals for done in posted)
    return REFUSED if refused or refusals else DONE


def _record_refusal(
    engine: Engine, stored: StoredContract, viewer: Viewer, path: Path, refusal: UnreadableError
) -> None:
    post.record_refusal(
        engine,
        stored,
        viewer,
        name=path.name,
        data=path.read_bytes(),
        reason=refusal.sentence,
        now=clock.now(),
    )


def _tell_posted(
    posted: Sequence[post.Posted], unread: list[tuple[str, str]], *, as_json: bool
) -> None:
    whole = [(d.plan.workbook.name, d.plan.refusal) for d in posted if d.plan.refusal]
    refused = [*unread, *whole]
    posted = [done for done in posted if not done.plan.refusal]
    if as_json:
        facts = [{"file": name, "refused_whole": words} for name, words in refused]
        print_json([*(_posted_facts(done) for done in posted), *facts])
        return
    for done in posted:
        counts = "，".join(f"{o.label} {n}" for o, n in done.plan.counts.items())
        receipt = f"，回执 {done.receipt.number}" if done.receipt else ""
        print(f"{done.plan.workbook.name}：{counts}{receipt}")
        if done.plan.earlier:
            earlier = done.plan.earlier
            say(f"同一文件已于 {clock.local_text(earlier.posted_at)} 由 {earlier.posted_by} 上传。")
        for problem in (*done.plan.refusals, *done.plan.remarks):
            say(f"{done.plan.workbook.name}：{problem}")
    for name, words in refused:
        print(f"{name}：整份退回")
        say(f"{name}：{words}")


def _posted_facts(done: post.Posted) -> dict[str, Any]:
    counts = {str(outcome): number for outcome, number in done.plan.counts.items()}
    return {
        "file": done.plan.workbook.name,
        **counts,
        "receipt": done.receipt.number if done.receipt else None,
        "problems": [_problem_facts(problem) for problem in done.plan.refusals],
        "notices": [_problem_facts(problem) for problem in done.plan.remarks],
    }


def _problem_facts(problem: Problem) -> dict[str, Any]:
    return {
        "sheet": problem.place.sheet,
        "row": problem.place.row,
        "column": problem.place.column,
        "rule": problem.fault.rule,
        "found": problem.fault.found,
        "nearest": problem.fault.nearest,
        "sentence": problem.fault.sentence,
    }


def print_json(value: object) -> None:
    """Print one JSON value for machines."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def show_measures(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Every figure as of a day."""
    stored = setup.opened(engine, terms)
    scope = Scope(stored, terms.as_of(asked.as_of, clock.business_today()))
    with reading(engine) as connection:
        found = measures(connection, scope)
    if asked.json:
        print_json(found)
        return DONE
    names = {item.code: item.name for item in terms.item}
    print(f"{terms.name}，截至 {scope.as_of}")
    for code, figure in found["person_days"].items():
        print(
            f"{names[code]}：完成 {figure['delivered']} 人天，应完成 {figure['due']}，"
            f"合同 {figure['required']}"
        )
    say("其余指标请加 --json 查看。")
    return DONE


def show_entries(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Effective entries of one kind."""
    stored = setup.opened(engine, terms)
    scope = Scope(stored, min(asked.last or terms.end, terms.end))
    first = asked.first or terms.start
    with reading(engine) as connection:
        rows = ledger_rows(connection, of_kind(scope, asked.kind) & (entry.c.day >= first))
    facts = [
        {
            "id": row.entry_id,
            "kind": row.kind,
            "version": row.version,
            "date": row.day.isoformat(),
            "people": list(row.people),
            "names": list(row.people.values()),
            "locality": row.locality,
            "elder": row.elder,
            "household": row.household,
            "application": row.application,
            "details": dict(row.details),
            "file": row.file_name,
            "row": row.source_row,
        }
        for row in rows
    ]
    if asked.json:
        print_json(facts)
        return DONE
    for row in rows:
        print(
            f"{row.day}  {'、'.join(row.people.values())}  {row.file_name} 第 {row.source_row} 行"
        )
    say(f"共 {len(facts)} 条；逐项内容请加 --json 查看。")
    return DONE


def _password() -> str:
    """A password from the terminal, typed twice, or the first line of standard input."""
    if sys.stdin is None:
        raise RefusedError("没有标准输入，读不到密码。")
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("密码：")
    if getpass.getpass("再输一遍：") != first:
        raise RefusedError("两次输入的密码不一样。")
    return first


def add_user(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Add a user."""
    stored = setup.opened(engine, terms)
    new = Viewer(accounts.account_name(asked.name), Role(asked.role), asked.team)
    accounts.add_account(engine, stored, _OPERATOR, new, _password(), clock.now())
    say(f"已新增{Role(asked.role).label}“{new.name}”。")
    return DONE


def list_users(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """All users."""
    stored = setup.opened(engine, terms)
    with reading(engine) as connection:
        found = stored_accounts.listed(connection, stored.id)
    if asked.json:
        print_json(
            [
                {"name": a.name, "role": str(a.role), "team": a.team, "disabled": a.disabled}
                for a in found
            ]
        )
        return DONE
    for user in found:
        team = f"（{user.team}）" if user.team else ""
        print(f"{user.name}\t{user.role.label}{team}\t{'已停用' if user.disabled else '正常'}")
    return DONE


def disable_user(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Disable a user; open pages end at the next click."""
    stored = setup.opened(engine, terms)
    name = accounts.account_name(asked.name)
    accounts.set_disabled(engine, stored, _OPERATOR, name, disabled=True, now=clock.now())
    say(f"已停用“{name}”。")
    return DONE


def change_password(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Give a user a new password."""
    stored = setup.opened(engine, terms)
    name = accounts.account_name(asked.name)
    accounts.set_password(engine, stored, _OPERATOR, name, _password(), clock.now())
    say(f"已重设“{name}”的密码，原有登录随即失效。")
    return DONE


def demo(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Fill an empty store with the demonstration year; its users get new random passwords."""
    stored = setup.opened(engine, terms)
    with reading(engine) as connection:
        made_up = contracts.is_demonstration(connection, stored.id)
        in_use = contracts.any_in_use(connection)
    if asked.unless_filled and in_use and not made_up:
        say("数据库中已有数据，没有填入演示数据；请用已有账号登录。")
        return DONE
    if not (asked.unless_filled and made_up):
        say("正在填入演示数据，约需十几秒……")
        fill(engine, stored, today=clock.business_today(), now=clock.now())
    print("演示账号（密码每次启动随机生成，只显示这一次）：")
    for viewer in users(engine, stored):
        password = secrets.token_urlsafe(9)
        admit(engine, stored, viewer, password, clock.now())
        print(
            f"  {viewer.role.label if viewer.role else ''}\t用户名 {viewer.name}\t密码 {password}"
        )
    return DONE


if __name__ == "__main__":
    sys.exit(main())
