"""The command line (spec §7): `python -m lib VERB`.

Exit status 0 done, 1 refused or some rows refused, 2 wrong usage; results on standard output,
messages on standard error.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lib import contract, settings
from lib.access import Role
from lib.errors import RefusedError, logged
from lib.findings import RULES
from lib.logs import LOG_KINDS, require_known_kinds
from lib.periods import Month
from lib.reports.kinds import NAMES
from lib.store.backup.folder import Keep
from lib.store.engine import open_store
from lib.store.heads import keep_in
from lib.store.private import PRIVATE
from lib.text import tidy
from lib.verbs import (
    archive,
    backups,
    figures,
    files,
    findings,
    reports,
    store,
    sums,
    users,
    verify,
)
from lib.verbs.answers import REFUSED, USAGE, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Engine

    from lib.contract import Contract

    Verb = Callable[[argparse.Namespace, Engine, Contract], int]


class _Parser(argparse.ArgumentParser):
    """Speaks Chinese; wrong usage ends with exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Say what was wrong, and how the verb is used."""
        for pattern, words in _WRONG_USAGE.items():
            message = re.sub(pattern, words, message)
        say(f"命令写法不对：{message}。")
        say(self.format_usage().rstrip())
        raise SystemExit(USAGE)

    def format_usage(self) -> str:
        """How the verb is written."""
        return _in_chinese(super().format_usage())

    def format_help(self) -> str:
        """What the verb does, and with which words."""
        return _in_chinese(super().format_help())


# argparse speaks English; these are the sentences that a wrong command line can bring forth.
_WRONG_USAGE = {
    r"the following arguments are required: (.*)": r"缺少 \1",
    r"unrecognized arguments: (.*)": r"不认识 \1",
    r"argument (\S+): invalid choice: (\S+) \(choose from (.*)\)": r"\1 不认识 \2，可用：\3",
    r"argument (\S+): invalid _day value: (.*)": r"\1 应写成 2023-06-30 的样子，不能是 \2",
    r"argument (\S+): invalid _month value: (.*)": r"\1 应写成 2023-06 的样子，不能是 \2",
    r"argument (\S+): invalid _hours value: (.*)": r"\1 应是小时数，如 24，不能是 \2",
    r"argument (\S+): invalid parse value: (.*)": r"\1 应写成 7d,5w,12m 的样子，不能是 \2",
    r"argument (\S+): invalid _somebody value: .*": r"\1 要写明由谁负责",
    r"argument (\S+): expected .*": r"\1 后面要有值",
    r"argument (\S+): ignored explicit argument (.*)": r"\1 后面不能有值 \2",
    r"ambiguous option: (\S+) could match (.*)": r"\1 不明确，可能是 \2",
}
_HELP = {
    "usage: ": "用法：",
    "positional arguments:": "参数：",
    "options:": "选项：",
    "show this help message and exit": "显示本帮助",
}


def _in_chinese(text: str) -> str:
    for english, chinese in _HELP.items():
        text = text.replace(english, chinese)
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit status. The edge: here errors end."""
    asked = _parser().parse_args(arguments)
    path = getattr(asked, "contract", settings.contract_path())
    try:
        terms = contract.load(path)
        require_known_kinds(terms, str(path))
        run: Verb = asked.run
        engine = keep_in(open_store(settings.database_url()), settings.audit_heads())
        try:
            return run(asked, engine, terms)
        finally:
            engine.dispose()
    except RefusedError as refusal:
        say(refusal.sentence)
    except Exception as error:  # noqa: BLE001 - the edge: logged with a number, told as that
        say(f"程序出错，请把编号 {logged(error)} 和以上记录告诉维护人员。")
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

    def verb(
        name: str,
        run: Verb,
        words: str,
        *parents: _Parser,
        add: Callable[..., argparse.ArgumentParser] = verbs.add_parser,
    ) -> argparse.ArgumentParser:
        added = add(name, help=words, description=words, parents=[common, *parents])
        added.set_defaults(run=run)
        return added

    _store_verbs(verb, as_json)
    importing = verb("rosters", files.rosters, "导入名册工作簿")
    importing.add_argument("file", type=Path, metavar="FILE")
    posting = verb("post", files.post_files, "过账日志工作簿，可一次多个，次序不限", as_json)
    posting.add_argument("files", type=Path, nargs="+", metavar="FILE")
    posting.add_argument("--by", type=_somebody, required=True, metavar="NAME", help="由谁负责")
    posting.add_argument("--dry-run", action="store_true", help="只看会怎样，不写入")
    measuring = verb("measures", figures.show_measures, "全部指标", as_json)
    measuring.add_argument("--as-of", type=_day, metavar="DATE", help="截至日期，默认今天")
    listing = verb("entries", figures.show_entries, "有效记录", as_json)
    listing.add_argument("--kind", required=True, choices=list(LOG_KINDS), metavar="K")
    listing.add_argument("--from", dest="first", type=_day, metavar="D", help="自哪天起")
    listing.add_argument("--to", dest="last", type=_day, metavar="D", help="到哪天止")
    verb("verify", verify.verify, "核验审计记录和已签认的月份", as_json)
    finding = verb("findings", findings.show_findings, "疑点：规则找出的可疑记录", as_json)
    finding.add_argument("--month", type=_month, metavar="MONTH", help="只看哪个月，如 2023-06")
    finding.add_argument("--as-of", type=_day, metavar="DATE", help="截至日期，默认今天")
    finding.add_argument("--rule", choices=list(RULES), metavar="CODE", help="只看哪条规则")
    reporting = verb("report", reports.write_report, "把报告写成 DOCX 文件")
    kinds = "、".join(f"{what} {name}" for what, name in NAMES.items())
    reporting.add_argument("what", choices=list(NAMES), metavar="WHAT", help=kinds)
    reporting.add_argument("--month", metavar="M", help="哪个月的结算，如 2023-06")
    reporting.add_argument("--as-of", type=_day, metavar="D", help="截至日期，默认今天")
    reporting.add_argument("--out", type=Path, required=True, metavar="FILE", help="写到哪里")
    archiving = verb("archive", archive.write_archive, "写出验收档案（含全名和原件，记录在案）")
    archiving.add_argument("--out", type=Path, required=True, metavar="FILE", help="写到哪个文件")
    archiving.add_argument("--month", metavar="YYYY-MM", help="截至哪个月末，默认整个合同")
    archiving.add_argument("--by", type=_somebody, required=True, metavar="NAME", help="由谁负责")
    user = verbs.add_parser("user", help="用户", description="用户", parents=[common])
    of_user = user.add_subparsers(required=True, metavar="动作").add_parser
    _add_user_verbs(partial(verb, add=of_user), as_json)
    return parser


def _add_user_verbs(verb: Callable[..., argparse.ArgumentParser], as_json: _Parser) -> None:
    of_role = _Parser(add_help=False)
    of_role.add_argument("--role", required=True, choices=[str(role) for role in Role])
    of_role.add_argument("--team", metavar="T", help="项目组长的小组")
    adding = verb("add", users.add_user, "新增用户，密码从终端或标准输入读", of_role)
    adding.add_argument("name", metavar="NAME")
    verb("list", users.list_users, "列出用户", as_json)
    disabling = verb("disable", users.disable_user, "停用用户")
    disabling.add_argument("name", metavar="NAME")
    overseeing = verb("oversee", users.change_oversight, "允许用户看各合同的进度，或取消")
    overseeing.add_argument("name", metavar="NAME")
    overseeing.add_argument("--off", action="store_true", help="取消")
    changing = verb("password", users.change_password, "重设密码，从终端或标准输入读")
    changing.add_argument("name", metavar="NAME")
    moving = verb("role", users.change_role, "改角色", of_role)
    moving.add_argument("name", metavar="NAME")
    verb("sessions", users.list_sessions, "列出现在的登录", as_json)
    ending = verb("end", users.end_sessions, "结束一个用户的所有登录")
    ending.add_argument("name", metavar="NAME")
    freeing = verb("unlock", users.unlock, "不再计一个用户或地址输错的密码")
    freeing.add_argument("name", metavar="NAME", help="用户名，或网络地址")


def _store_verbs(verb: Callable[..., argparse.ArgumentParser], as_json: _Parser) -> None:
    """The verbs on the store as a whole."""
    verb("migrate", store.migrate, "把数据库升级到最新结构").add_argument(
        "--app-role", metavar="ROLE", help="授权给 PostgreSQL 的哪个应用账号"
    )
    backing = verb("backup", backups.write_backups, "备份整个数据库和图片，并试恢复核对", as_json)
    backing.add_argument("--to", type=Path, metavar="DIR", help="写到哪个文件夹")
    keeping = "各保留几份，默认 7d,5w,12m：7 天、5 周、12 个月"
    backing.add_argument(
        "--keep", type=Keep.parse, default=Keep(), metavar="7d,5w,12m", help=keeping
    )
    backing.add_argument("--every", type=_hours, metavar="HOURS", help="每隔几小时备份，直到被终止")
    restoring = verb("restore", backups.restore, "把备份恢复到空的数据库", as_json)
    restoring.add_argument("file", type=Path, metavar="FILE")
    restoring.add_argument("--check", action="store_true", help="只试恢复并核对，不写入数据库")
    accepting = "内容与签认时不同也恢复，用于查证"
    restoring.add_argument("--accept-differences", action="store_true", help=accepting)
    leftover = verb("orphans", backups.show_orphans, "没有记录引用的图片文件", as_json)
    leftover.add_argument("--remove", action="store_true", help="删除超过一天的")
    summing = verb(
        "sums", sums.rebuild_sums, "按记录重算所有合同的每日、每月合计，说明原来是否一致", as_json
    )
    summing.add_argument("--check", action="store_true", help="只核对，不更正")
    filling = verb("demo", store.demo, "在空的数据库中填入演示数据")
    filling.add_argument("--unless-filled", action="store_true", help="已有数据就什么也不做")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _month(text: str) -> Month:
    return Month.parse(text)


def _hours(text: str) -> float:
    """Hours, from a minute to a month; ValueError for anything else."""
    hours = float(text)
    if not 1 / 60 <= hours <= 24 * 31:
        raise ValueError
    return hours


def _somebody(text: str) -> str:
    """The name without what nobody sees; ValueError when nothing is left."""
    if not tidy(text):
        raise ValueError
    return tidy(text)


if __name__ == "__main__":
    os.umask(PRIVATE)
    sys.exit(main())
