"""The log kinds, one declaration a file; a new kind is one line more in `LOG_KINDS`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from lib.contract import (
    Cases,
    Condition,
    Contract,
    Coverage,
    Events,
    LocalityMonths,
)
from lib.errors import ContractError
from lib.fields import Choice, Day
from lib.logs.archive_work import ARCHIVE_WORK
from lib.logs.campaign import CAMPAIGN
from lib.logs.case_handling import CASE_HANDLING
from lib.logs.data_work import DATA_WORK
from lib.logs.elder_check import ELDER_CHECK
from lib.logs.home_survey import HOME_SURVEY
from lib.logs.other_task import OTHER_TASK
from lib.logs.patrol import PATROL
from lib.logs.publicity import PUBLICITY
from lib.logs.training import TRAINING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lib.logs.kind import LogKind

LOG_KINDS: Mapping[str, LogKind] = MappingProxyType(
    {
        kind.slug: kind
        for kind in (
            CASE_HANDLING,
            HOME_SURVEY,
            PATROL,
            DATA_WORK,
            ARCHIVE_WORK,
            TRAINING,
            PUBLICITY,
            CAMPAIGN,
            ELDER_CHECK,
            OTHER_TASK,
        )
    }
)


def kinds_of(contract: Contract) -> tuple[LogKind, ...]:
    """The log kinds that the contract's items are recorded with, in its order."""
    return tuple(LOG_KINDS[slug] for slug in contract.kinds)


def require_known_kinds(contract: Contract, name: str) -> None:
    """Raise ContractError where the contract names a kind, field or value that no log has."""
    misfits = list(_misfits(contract))
    if misfits:
        raise ContractError(f"合同文件 {name} 有误：{'；'.join(misfits)}")


def _misfits(contract: Contract) -> Iterator[str]:
    for item in contract.item:
        if item.code not in LOG_KINDS:
            yield f"item.{item.code}：没有这种日志，可用的有 {'、'.join(LOG_KINDS)}"
    for obligation in contract.obligation:
        match obligation:
            case Cases(opened=opened, answered=answered):
                yield from _condition_misfits(obligation.code, opened)
                yield from _condition_misfits(obligation.code, answered)
            case Events(kind=kind, filed_field=filed_field, shown_fields=shown_fields):
                yield from _field_misfits(obligation.code, kind, (filed_field, *shown_fields))
                filed = LOG_KINDS[kind].by_slug.get(filed_field) if kind in LOG_KINDS else None
                if filed and not isinstance(filed.type, Day):
                    yield f"obligation.{obligation.code}：“{filed_field}”不是日期列"
            case Coverage(kind=kind, problems=problems, shown_fields=shown_fields):
                fields = (*dict(problems).values(), *shown_fields)
                yield from _field_misfits(obligation.code, kind, fields)
            case LocalityMonths(kind=kind, leads_field=leads_field):
                yield from _field_misfits(obligation.code, kind, (leads_field,))
            case _:
                yield from _field_misfits(obligation.code, obligation.kind, ())


def _field_misfits(code: str, kind: str, fields: tuple[str, ...]) -> Iterator[str]:
    if kind not in LOG_KINDS:
        yield f"obligation.{code}：没有“{kind}”这种日志"
        return
    for field in fields:
        if field not in LOG_KINDS[kind].by_slug:
            yield f"obligation.{code}：日志“{kind}”没有“{field}”这一列"


def _condition_misfits(code: str, condition: Condition) -> Iterator[str]:
    misfits = list(_field_misfits(code, condition.kind, (condition.field,)))
    yield from misfits
    if misfits:
        return
    kind = LOG_KINDS[condition.kind].by_slug[condition.field].type
    if not isinstance(kind, Choice) or condition.value not in kind.options:
        yield f"obligation.{code}：“{condition.field}”没有“{condition.value}”这个选项"
