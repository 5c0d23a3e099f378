"""A form derived from a kind's declaration: each column's widget follows from its type.

What a widget holds lives in the session under the form's name and the column's slug. A type that is
not known here gets a line of text, which its own `read` checks like a cell of a workbook.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib.fields import Choice, Count, Day, Money
from lib.logs.columns import DAY
from lib.logs.references import ElderCode, HouseholdCode, LocalityName, People
from lib.text import mask_identity_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lib.fields import Field
    from lib.periods import Period
    from lib.ui.choosable import Choosable

Written = str | int | float

_JOINT = "、"
_OTHERS, _COMMON = ".others", ".common"
_OTHER_TEAMS = ""  # no code of anybody's
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # as in a contract file
_PAUSE = "500ms"  # without typing, after which a text is sent and kept


@dataclass(frozen=True)
class Form:
    """One form, to be filled once: another `name` is a form that starts anew.

    `start` is what it holds at first, by slug; `day` is its own, `days` all that can be recorded.
    `locked` columns cannot be changed. `notes` are said beside a column's heading, in plain words;
    `faults` below its widget.
    """

    name: str
    start: Mapping[str, Written]
    choosable: Choosable
    day: date
    days: Period
    locked: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def key(self, column: Field) -> str:
        """Where the session keeps what stands in a column."""
        return key(self.name, column)


def key(name: str, column: Field) -> str:
    """Where the session keeps what stands in a column of the form of that name."""
    return f"{name}.{column.slug}"


def typed(name: str, start: Mapping[str, Written], columns: Iterable[Field]) -> dict[str, Written]:
    """The filled cells by slug as they are at this moment; before they are drawn, the start's."""
    found = {column.slug: _typed(key(name, column), start.get(column.slug)) for column in columns}
    return {slug: cell for slug, cell in found.items() if cell is not None}


def _typed(name: str, start: Written | None) -> Written | None:
    if name not in st.session_state:
        return start
    held = st.session_state[name]
    match held:
        case date():
            return held.isoformat()
        case list():
            codes = {*held, *st.session_state.get(name + _OTHERS, [])} - {_OTHER_TEAMS}
            return _JOINT.join(sorted(codes)) or None
        case str():
            return held or None
        case _:
            number: int | float | None = held
            return number


def mask_typed(name: str, columns: Iterable[Field]) -> frozenset[str]:
    """Mask the identity numbers in what was just typed, before anything is drawn; the columns."""
    masked = set()
    for column in columns:
        held = st.session_state.get(key(name, column))
        if isinstance(held, str) and mask_identity_numbers(held) != held:
            st.session_state[key(name, column)] = mask_identity_numbers(held)
            masked.add(column.slug)
    return frozenset(masked)


def ask(form: Form, column: Field) -> None:
    """Draw a column's widget, and below it what is wrong with what it held.

    Both stand in a box of their own: what comes and goes elsewhere must not move a widget among its
    neighbours, for the browser begins a moved one anew: its list closed, its keyboard away.
    """
    with st.container(gap="xsmall"):
        _widget(form, column)
        for sentence in form.faults.get(column.slug, ()):
            st.html(f'<p class="fault" role="alert">{escape(sentence)}</p>')


def _widget(form: Form, column: Field) -> None:
    match column.type:
        case Choice(options=options):
            _pills(form, column, options)
        case Day():
            _day(form, column)
        case People():
            _people(form, column)
        case LocalityName():
            _member(form, column, "locality")
        case ElderCode():
            _member(form, column, "elder")
        case HouseholdCode():
            _member(form, column, "household")
        case Count(limit=limit):
            _number(form, column, most=limit)
        case Money():
            _number(form, column)
        case _:
            _text(form, column)


def _label(form: Form, column: Field) -> str:
    """The heading and what is said beside it; without markup, which would be read aloud."""
    star = " *" if column.required else ""
    note = form.notes.get(column.slug)
    return f"{column.heading}{star}{f'（{note}）' if note else ''}"


def _begin(name: str, value: object) -> None:
    """Let a widget hold a value at first."""
    if name not in st.session_state:
        st.session_state[name] = value


def _pills(form: Form, column: Field, options: Sequence[str]) -> None:
    start = form.start.get(column.slug)
    _begin(form.key(column), start if start in options else None)
    st.pills(
        _label(form, column),
        options,
        key=form.key(column),
        disabled=column.slug in form.locked,
        width="stretch",
        wrap=True,
    )


def _day(form: Form, column: Field) -> None:
    start = form.start.get(column.slug)
    _begin(form.key(column), date.fromisoformat(str(start)) if start else None)
    own = column == DAY
    st.date_input(
        _label(form, column),
        value=None,
        min_value=form.days.first if own else _FIRST_DAY,
        max_value=form.days.last if own else _LAST_DAY,
        key=form.key(column),
        format="YYYY-MM-DD",
        disabled=column.slug in form.locked,
    )


def _people(form: Form, column: Field) -> None:
    """The own team's people to tap on; others after one more tap, for pairs across teams."""
    name, locked = form.key(column), column.slug in form.locked
    cell = typed(form.name, form.start, (column,)).get(column.slug, "")
    chosen = frozenset(str(cell).split(_JOINT)) - {""}
    own = form.choosable.own_staff(form.day, chosen)
    others = form.choosable.other_staff(form.day, chosen)
    theirs = sorted(chosen & others.keys())
    _begin(name, [*sorted(chosen & own.keys()), *([_OTHER_TEAMS] if theirs else [])])
    words = {**own, _OTHER_TEAMS: "别组……"} if others else own
    st.pills(
        _label(form, column),
        list(words),
        selection_mode="multi",
        format_func=words.__getitem__,
        key=name,
        disabled=locked,
        wrap=True,
    )
    if _OTHER_TEAMS in st.session_state[name]:
        _begin(name + _OTHERS, theirs)
        st.multiselect(
            "别组的服务人员",
            list(others),
            format_func=others.__getitem__,
            key=name + _OTHERS,
            placeholder="点开选择，或输入姓名查找",
            select_all=False,
            disabled=locked,
        )


def _member(form: Form, column: Field, sheet: str) -> None:
    """A place, an elder or a household, looked for by any part of its words."""
    chosen = typed(form.name, form.start, (column,)).get(column.slug)
    options = form.choosable.members(sheet)
    _begin(form.key(column), chosen if chosen in options else None)
    st.selectbox(
        _label(form, column),
        list(options),
        index=None,
        format_func=options.__getitem__,
        key=form.key(column),
        placeholder="点开选择，或输入几个字查找",
        filter_mode="contains",
        disabled=column.slug in form.locked,
    )


def _number(form: Form, column: Field, most: int | None = None) -> None:
    """A whole number where `most` bounds it, otherwise an amount in yuan."""
    start = form.start.get(column.slug)
    whole = most is not None
    kind: type[int | float] = int if whole else float
    _begin(form.key(column), None if start is None else kind(start))
    st.number_input(
        _label(form, column),
        min_value=kind(0),
        max_value=most,
        value=None,
        step=1 if whole else 0.01,
        key=form.key(column),
        placeholder=column.type.hint,
        disabled=column.slug in form.locked,
    )


def _text(form: Form, column: Field) -> None:
    """A line of text, sent as it is typed; the common values above it fill it."""
    start = form.start.get(column.slug)
    name, locked = form.key(column), column.slug in form.locked
    _begin(name, "" if start is None else str(start))
    offered = bool(column.suggestions) and not locked
    if offered:
        st.pills(
            _label(form, column),
            column.suggestions,
            key=name + _COMMON,
            on_change=_take,
            args=(name,),
            wrap=True,
        )
    st.text_input(
        _label(form, column),
        key=name,
        live=_PAUSE,
        placeholder="点上面的常用，或直接填写" if offered else None,
        disabled=locked,
        label_visibility="collapsed" if offered else "visible",
    )


def _take(name: str) -> None:
    """Put the common value that was tapped into the text, and let go of it."""
    if st.session_state[name + _COMMON]:
        st.session_state[name] = st.session_state[name + _COMMON]
    st.session_state[name + _COMMON] = None
