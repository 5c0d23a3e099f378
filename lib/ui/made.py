"""Fetching a file that took a while to make: by the account that asked for it, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.ui.links import number_in
from lib.ui.resources import file_desk
from lib.ui.routes import MADE
from lib.ui.sending import Leaving, file_route, sends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer

_LOST = "做好的档案取不出来了，请回到页面重新制作；若一直这样，请告诉管理员。"


def _made(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """The made file of that number, part by part."""
    number = number_in(asked.get("id", ""))
    found = file_desk().fetch(viewer, number) if number is not None else None
    if found is None:
        return None
    made, parts = found
    size = {"Content-Length": str(made.size)}
    return Leaving(made.file_name or "", parts, "application/zip", headers=size)


send_made = sends(_made, _LOST)
routes = (file_route(MADE, send_made),)
