"""Verbs on users; a password is read from the terminal or standard input."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from lib import clock
from lib.access import Role, Viewer
from lib.actions import accounts, sessions, sign_in
from lib.errors import RefusedError
from lib.store import accounts as stored_accounts
from lib.store import setup
from lib.store.engine import reading
from lib.verbs.answers import DONE, OPERATOR, print_json, say

if TYPE_CHECKING:
    import argparse

    from sqlalchemy import Engine

    from lib.contract import Contract


def _password() -> str:
    """A password from the terminal, typed twice, or the first line of standard input."""
    try:
        password = _typed()
        password.encode()  # what the terminal could not read as text stands there as surrogates
    except UnicodeError as error:
        raise RefusedError("密码不是 UTF-8 编码的文字，请改用终端输入。") from error
    return password


def _typed() -> str:
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
    accounts.add_account(engine, stored, OPERATOR, new, _password(), clock.now())
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
                {
                    "name": a.name,
                    "role": str(a.role),
                    "team": a.team,
                    "disabled": a.disabled,
                    "oversees": a.oversees,
                }
                for a in found
            ]
        )
        return DONE
    for user in found:
        team = f"（{user.team}）" if user.team else ""
        more = "\t可看各合同" if user.oversees else ""
        print(
            f"{user.name}\t{user.role.label}{team}\t{'已停用' if user.disabled else '正常'}{more}"
        )
    return DONE


def disable_user(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Disable a user; open pages end at the next click."""
    stored = setup.opened(engine, terms)
    name = accounts.account_name(asked.name)
    accounts.set_disabled(engine, stored, OPERATOR, name, disabled=True, now=clock.now())
    say(f"已停用“{name}”。")
    return DONE


def change_password(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Give a user a new password."""
    stored = setup.opened(engine, terms)
    name = accounts.account_name(asked.name)
    accounts.set_password(engine, stored, OPERATOR, name, _password(), clock.now())
    say(f"已重设“{name}”的密码，原有登录随即失效。")
    return DONE


def change_role(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Give a user another role; open pages end at the next click."""
    stored = setup.opened(engine, terms)
    name, role = accounts.account_name(asked.name), Role(asked.role)
    accounts.change_role(engine, stored, OPERATOR, name, role, asked.team, clock.now())
    say(f"已把“{name}”改为{role.label}，原有登录随即失效。")
    return DONE


def change_oversight(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Let a user see the sums of all contracts of the store, or no longer."""
    stored = setup.opened(engine, terms)
    name = accounts.account_name(asked.name)
    accounts.set_oversight(engine, stored, OPERATOR, name, oversees=not asked.off, now=clock.now())
    said = f"“{name}”不再能看各合同" if asked.off else f"“{name}”可以看各合同的进度了"
    say(f"{said}，原有登录随即失效。")
    return DONE


def list_sessions(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Who is signed in, since when, last seen, from where."""
    stored = setup.opened(engine, terms)
    found = sessions.live(engine, stored, OPERATOR, clock.now())
    if asked.json:
        print_json(
            [
                {
                    "name": each.viewer.name,
                    "begun_at": each.begun_at.isoformat(),
                    "seen_at": each.seen_at.isoformat(),
                    "origin": each.origin,
                }
                for each in found
            ]
        )
        return DONE
    for each in found:
        begun, seen = (clock.local_text(at) for at in (each.begun_at, each.seen_at))
        print(f"{each.viewer.name}\t{begun} 登录\t最近操作 {seen}\t{each.origin}")
    return DONE


def end_sessions(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """End all sessions of a user at the next click."""
    stored = setup.opened(engine, terms)
    name = accounts.account_name(asked.name)
    count = sessions.end_all(engine, stored, OPERATOR, name, clock.now())
    say(f"已结束“{name}”的 {count} 处登录。")
    return DONE


def unlock(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Forget the wrong passwords of a user, or of an address."""
    stored = setup.opened(engine, terms)
    subject = accounts.account_name(asked.name)
    sign_in.lift(engine, stored, OPERATOR, subject, clock.now())
    say(f"“{subject}”可以马上再试了。")
    return DONE
