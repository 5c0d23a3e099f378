"""Drop-downs as newer Excel stores those whose list stands on another sheet.

openpyxl drops them, and every template that was saved by Excel has them.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from openpyxl.worksheet.datavalidation import DataValidation

from lib.workbooks.watching import IdentityNumbers, PartWatcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMESPACE = b"schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_TEXTS = ("type", "operator", "errorStyle", "errorTitle", "error", "promptTitle", "prompt")
_SWITCHES = ("allowBlank", "showErrorMessage", "showInputMessage", "showDropDown")
_YES = {"1", "true"}


def extended_validations(data: bytes, part: str) -> Sequence[DataValidation]:
    """Those of the worksheet stored in this part of the workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(part)
    if _NAMESPACE not in xml:
        return []
    watcher = _Watcher()
    watcher.feed(xml, final=True)
    return watcher.found_validations


class _Watcher(PartWatcher):
    """Collects the validations whose formulas and range are elements, not attributes."""

    def __init__(self) -> None:
        super().__init__(IdentityNumbers())
        self.found_validations: list[DataValidation] = []
        self._attributes: Mapping[str, str] | None = None
        self._formula = ""
        self._texts: dict[str, str] = {}

    def begins(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A validation, or a formula of one, begins."""
        if tag == "dataValidation" and "sqref" not in attributes:
            self._attributes, self._texts = attributes, {}
        elif tag in {"formula1", "formula2"}:
            self._formula = tag

    def passes(self, block: str, text: str) -> None:
        """The text of a formula or of a range has passed."""
        if self._attributes is not None and block in {"f", "sqref"}:
            self._texts[self._formula if block == "f" else block] = text

    def ends(self, tag: str) -> None:
        """A validation, complete now."""
        if tag == "dataValidation" and self._attributes is not None and "sqref" in self._texts:
            self.found_validations.append(_validation(self._attributes, self._texts))
        if tag == "dataValidation":
            self._attributes = None


def _validation(attributes: Mapping[str, str], texts: Mapping[str, str]) -> DataValidation:
    said = {name: attributes[name] for name in _TEXTS if name in attributes}
    switched = {name: attributes.get(name) in _YES for name in _SWITCHES}
    return DataValidation(**said, **switched, **texts)  # type: ignore[arg-type]
