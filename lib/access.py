"""Who may do what (spec §6), as small predicates over the viewer and the thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from lib.errors import NotPermittedError
from lib.text import mask_identity_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lib.rosters import Roster


class Role(StrEnum):
    """The four roles; the value is how the command line and the store write them."""

    LEADER = "leader"
    TEAM_LEAD = "team_lead"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        """The role as officials call it."""
        return _LABELS[self]


_LABELS = {
    Role.LEADER: "区局领导",
    Role.TEAM_LEAD: "项目组长",
    Role.REVIEWER: "验收人员",
    Role.ADMIN: "管理员",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who acts or looks: a signed-in user, or (role None) the operator at the machine.

    `origin` is where from, for the audit log: an address, or the operator's machine. Who `oversees`
    was let see the sums of all contracts of the store.
    """

    name: str
    role: Role | None
    team: str | None = None
    origin: str = field(default="", compare=False)
    oversees: bool = False

    @property
    def is_operator(self) -> bool:
        """Whether this is the command line's operator, who answers for any team."""
        return self.role is None


def operator(name: str, origin: str = "") -> Viewer:
    """The operator at the command line, recorded under the name given there (spec §2)."""
    return Viewer(mask_identity_numbers(name), None, origin=origin)


def may_upload(viewer: Viewer) -> bool:
    """Whether log workbooks can be posted at all."""
    return viewer.is_operator or viewer.role is Role.TEAM_LEAD


def may_record(viewer: Viewer, people: Iterable[str], roster: Roster) -> bool:
    """Whether an entry of these people is the viewer's to post, correct or withdraw.

    An entry is a team's own when at least one of its people belongs to that team.
    """
    if viewer.is_operator:
        return True
    teams = {roster.staff[code].team for code in people if code in roster.staff}
    return viewer.role is Role.TEAM_LEAD and viewer.team in teams


def may_undo(viewer: Viewer, team: str | None) -> bool:
    """Whether what a receipt of this team changed can be taken back: by its own team's lead."""
    return viewer.is_operator or (viewer.role is Role.TEAM_LEAD and viewer.team == team)


def may_administer(viewer: Viewer) -> bool:
    """Whether rosters, users and the contract can be changed."""
    return viewer.is_operator or viewer.role is Role.ADMIN


def may_assign(viewer: Viewer) -> bool:
    """Whether localities can be given to teams to look after."""
    return viewer.is_operator or viewer.role is Role.ADMIN


def may_promise(viewer: Viewer) -> bool:
    """Whether trips can be promised, and taken back: by a team's lead, for that team."""
    return viewer.role is Role.TEAM_LEAD


def sees_full_names(viewer: Viewer) -> bool:
    """Whether personal names are shown in full wherever they stand."""
    return viewer.is_operator or viewer.role is Role.REVIEWER


def sees_name_at(viewer: Viewer, team: str | None, *, met: bool = False) -> bool:
    """Whether the name of an elder or a household is shown in full.

    Reviewers see all of them; a team lead those of places that the lead's own team looks after
    (`team` is the place's), and of whom that team has an entry about (`met`). A place that is
    nobody's gives nobody names by itself.
    """
    if viewer.role is Role.TEAM_LEAD:
        return met or viewer.team == team
    return sees_full_names(viewer)


def may_see_file(viewer: Viewer, team: str | None) -> bool:
    """Whether an original file, full names and all, may be fetched: reviewers, and its own team.

    The same holds of its receipt, which says what stood in it.
    """
    return sees_full_names(viewer) or (viewer.team is not None and viewer.team == team)


def may_see_pictures(viewer: Viewer, *, own: bool) -> bool:
    """Whether photos and scans are shown: a face cannot be masked, so to reviewers and the `own`.

    An entry's are one's own as the entry is (`may_record`), a receipt's as its file.
    """
    return own or sees_full_names(viewer)


def may_review(viewer: Viewer) -> bool:
    """Whether findings are decided, samples drawn and recorded, months signed and opened again."""
    return viewer.role is Role.REVIEWER


def may_explain(viewer: Viewer, people: Iterable[str], roster: Roster) -> bool:
    """Whether a finding about entries of these people is the viewer's to explain."""
    return viewer.role is Role.TEAM_LEAD and may_record(viewer, people, roster)


def sees_acceptance(viewer: Viewer) -> bool:
    """Whether all findings, samples and reports are seen: by all but those who are checked."""
    return viewer.role is not Role.TEAM_LEAD


def may_oversee(role: Role) -> bool:
    """Whether somebody of the role can be let see the sums of all contracts: no team lead."""
    return role is not Role.TEAM_LEAD


def may_rebuild(viewer: Viewer) -> bool:
    """Whether what is kept beside the ledger can be made anew: by the operator."""
    return viewer.is_operator


def oversees_all(viewer: Viewer) -> bool:
    """Whether the sums of all contracts of the store are seen."""
    return viewer.role is not None and may_oversee(viewer.role) and viewer.oversees


def may_give_oversight(viewer: Viewer) -> bool:
    """Whether others can be let see all contracts: no district's administrator opens another's."""
    return viewer.is_operator


def sees_audit(viewer: Viewer) -> bool:
    """Whether what everybody did is looked up: by those who accept, and those who administer."""
    return viewer.role in (Role.REVIEWER, Role.ADMIN)


def may_take_acceptance_file(viewer: Viewer) -> bool:
    """Whether the acceptance file may be taken: it holds original files, names in full."""
    return sees_full_names(viewer)


def require(permitted: bool, act: str) -> None:  # noqa: FBT001 - reads as a sentence where called
    """Raise NotPermittedError unless permitted; `act` names what was asked for."""
    if not permitted:
        raise NotPermittedError(f"您的角色不能{act}，如有需要请联系管理员。")


def masked_name(name: str) -> str:
    """The name as those see it who need not know it: family name and a star (张*)."""
    return f"{name[:1]}*" if name else name
