"""Verbs on the store as a whole: bringing it up to date, filling an empty one."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from lib import clock
from lib.actions.begin import begin
from lib.demonstration import fill
from lib.demonstration.users import admit, users
from lib.store import calendar, contracts, grants, setup
from lib.store.engine import reading, writing
from lib.verbs.answers import DONE, OPERATOR, say

if TYPE_CHECKING:
    import argparse

    from sqlalchemy import Engine

    from lib.contract import Contract


def migrate(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Bring the store to the newest schema, register the contract, let the app's account use it."""
    stored = setup.prepare(engine, terms)
    begin(engine, stored, OPERATOR, clock.now())
    if asked.app_role:
        with writing(engine) as connection:
            grants.grant(connection, asked.app_role)
        say(f"数据库账号“{asked.app_role}”可以运行本系统，不能改动或删除审计记录。")
    with reading(engine) as connection:
        years = calendar.unannounced_years(connection, terms.period)
    if years:
        named = "、".join(str(year) for year in years)
        say(f"注意：{named} 年的节假日安排尚未收录，暂按周一至周五计算工作日。")
    say(f"数据库已是最新结构，合同“{terms.name}”已登记。")
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
