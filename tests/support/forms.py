"""What somebody fills into the form of a kind: a cell for every column that can be asked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from lib.fields import Choice, Count, Day, Money
from lib.logs.references import ElderCode, HouseholdCode, LocalityName, NameOf, People

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamlit.testing.v1 import AppTest

    from lib.fields import Field
    from lib.logs.kind import LogKind


def filled(kind: LogKind, day: date, elder: str) -> dict[str, str | int | float]:
    """A cell for each field by slug, everything filled; places and people by code."""
    fields = [field for field in kind.fields if not isinstance(field.type, NameOf)]
    return {field.slug: _cell(field, day, elder) for field in fields}


def _cell(field: Field, day: date, elder: str) -> str | int | float:
    match field.type:
        case Day():
            return day.isoformat()
        case People():
            return "G1"
        case LocalityName():
            return "L1"
        case ElderCode():
            return elder
        case HouseholdCode():
            return "H1"
        case Choice(options=options):
            return options[0]
        case Count():
            return 3
        case Money():
            return 812.5
        case _:
            return f"示例{field.heading}"


def fill(app: AppTest, kind: LogKind, cells: Mapping[str, str | int | float]) -> AppTest:
    """Fill the form on the page with these cells, as far as there are any; nothing is pressed."""
    for slug, cell in cells.items():
        _fill(app, kind.by_slug[slug], cell)
    return app.run()


def _fill(app: AppTest, field: Field, cell: str | float) -> None:
    match field.type:
        case Choice():
            asked(app.pills, field).set_value(cell)
        case Day():
            asked(app.date_input, field).set_value(date.fromisoformat(str(cell)))
        case People():
            asked(app.pills, field).set_value(str(cell).split("、"))
        case LocalityName() | ElderCode() | HouseholdCode():
            asked(app.selectbox, field).set_value(cell)
        case Count() | Money():
            asked(app.number_input, field).set_value(cell)
        case _:
            asked(app.text_input, field).set_value(cell)


def asked(widgets: Iterable[Any], field: Field) -> Any:  # noqa: ANN401 - one of many widgets
    """The widget that asks for a column."""
    (found,) = (each for each in widgets if heading(each) == field.heading)
    return found


def heading(widget: Any) -> str:  # noqa: ANN401 - one of many widgets
    """The heading of the column that a widget asks for, what is said beside it left out."""
    said: str = widget.label
    return said.partition("（")[0].removesuffix(" *")
