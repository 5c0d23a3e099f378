"""The page of what is taken away: reports, ledgers, findings, and the acceptance file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_take_acceptance_file, sees_full_names
from lib.kpi.cells import Eyes
from lib.periods import Month, months_of
from lib.store.made_files import State
from lib.ui import choices, frame, links, parts, reads, session
from lib.ui.links import Link
from lib.ui.resources import file_desk, office
from lib.ui.routes import FINDING_LIST, LEDGER, MADE, REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.store.made_files import MadeFile
    from lib.store.signatures import Signature
    from lib.ui.file_desk import Standing
    from lib.ui.parts import Cell

_MONTH = "month"  # the part of the address that names one
_WHOLE = "整个合同"


def last_signed(through: Month | None) -> None:
    """Which month was signed last, and a way to its files from those of another."""
    closed = _closed()
    month, signed = list(closed.items())[-1] if closed else ("", None)
    if signed and month != str(through):
        at = clock.local_text(signed.signed_at)
        parts.ways(
            (f"最近签认的是 {month}（{at}），看该月可取的文件", links.to("files", month=month))
        )


def _closed() -> Mapping[str, Signature]:
    """The signature that holds, by each closed month, in order of months."""
    held = {each.month: each for each in reads.signed() if each.reopened_at is None}
    return dict(sorted(held.items()))


def _last() -> Mapping[str, Signature]:
    """The last signature of each month that was ever signed."""
    return {each.month: each for each in reads.signed()}


def chooser() -> Month | None:
    """The month whose files are wanted, in the address; None for the whole contract."""
    contract, today = office().contract, clock.business_today()
    begun = [str(each) for each in months_of(contract.period) if each.first <= today]
    options = {"": _WHOLE} | {each: f"{each[:4]} 年 {int(each[5:])} 月" for each in begun[::-1]}
    chosen = choices.one_of(_MONTH, "范围", options)
    return Month.parse(chosen) if chosen else None


def readiness(viewer: Viewer, through: Month | None) -> None:
    """Whether the figures of what was chosen are signed, and so may be taken as they are."""
    if through is None:
        _whole_contract(_closed())
        return
    signed = _last().get(str(through))
    if signed and signed.reopened_at is None:
        st.success(
            f"{through} 已于 {clock.local_text(signed.signed_at)} 由 {signed.signed_by} 签认封存，"
            "月度结算报告、台账、疑点清单和验收档案都可以取走。"
        )
        return
    if signed and signed.reopened_at:
        reason = Eyes(viewer, reads.roster()).said(signed.reason or "")
        st.warning(
            f"{through} 签认后已于 {clock.local_text(signed.reopened_at)} 由 {signed.reopened_by} "
            f"重新打开（{reason}），数字仍可能变动，请重新签认后再正式取用。"
        )
    else:
        st.info(f"{through} 还没有签认，数字仍可能变动，请签认后再正式取用。")
    _to_settlement(str(through))


def _to_settlement(month: str) -> None:
    parts.ways((f"到月度确认看 {month}", links.to("settlement", month=month)))


def _whole_contract(closed: Mapping[str, Signature]) -> None:
    every = [str(each) for each in months_of(office().contract.period)]
    waiting = [each for each in every if each not in closed]
    if waiting:
        st.info(
            f"合同共 {len(every)} 个月，已签认 {len(every) - len(waiting)} 个月；"
            f"从 {waiting[0]} 起还没有签认，验收报告和档案里的数字仍可能变动。"
        )
        _to_settlement(waiting[0])
    else:
        st.success(f"合同的 {len(every)} 个月都已签认封存，验收报告和验收档案可以取走。")


def name_choice(viewer: Viewer) -> bool:
    """Whether names are wanted in full: reviewers alone are asked."""
    return sees_full_names(viewer) and st.checkbox("显示全名（将记录在案）", key="full_names")


def papers(through: Month | None, full_names: bool) -> None:  # noqa: FBT001 - what a box says
    """What can be taken at once: what stands in it, when it is used, and the link."""
    names = "full" if full_names else ""
    parts.listing(list(_papers(through, names)))
    if not full_names:
        st.caption("文件里的姓名只留姓（张*）；疑点和记录用编号表示。")


def _papers(through: Month | None, names: str) -> Iterator[Mapping[str, Cell]]:
    as_of, month = _as_of(through), str(through) if through else ""
    of_month = {"month": month, "as_of": as_of, "names": names}
    yield _paper(
        *(
            ("月度结算报告（Word）", _report("settlement", of_month))
            if through
            else ("服务履约验收报告（Word）", _report("acceptance", of_month))
        ),
        "各项服务的合同量、应达、完成、存疑和抽查，付款依据，签认情况"
        if through
        else "整个合同逐条的履约情况、疑点、抽查和结论",
        "签认后随付款材料报送" if through else "合同期满验收",
    )
    yield _paper(
        "一页简报（Word）",
        _report("briefing", of_month),
        "进度、落后的项目和要关注的事，一页纸",
        "向领导汇报",
    )
    yield _paper(
        "台账（Excel）",
        _file(LEDGER, of_month),
        "全部记录，按各单位自己的表头分表，另附一张说明",
        "逐条核对、归档",
    )
    yield _paper(
        "疑点清单（Excel）",
        _file(FINDING_LIST, of_month),
        "每个疑点的规则、记录、说明和认定",
        "请组长说明、附在结算材料后",
    )


def _as_of(through: Month | None) -> date:
    contract, today = office().contract, clock.business_today()
    return contract.as_of(through.last if through else None, today)


def _report(what: str, asked: Mapping[str, object]) -> str:
    return _file(REPORT, {"what": what, **asked})


def _file(address: str, asked: Mapping[str, object]) -> str:
    return links.to(address.removeprefix("/"), **asked)


def _paper(name: str, address: str, holds: str, use: str) -> Mapping[str, Cell]:
    return {"文件": Link(name, address), "里面有什么": holds, "什么时候用": use}


def acceptance_file(viewer: Viewer, through: Month | None) -> None:
    """The acceptance file: what it holds, where it stands, and having it made; for reviewers."""
    st.subheader("验收档案", anchor=False)
    st.html(
        '<p class="summary">一个压缩包，把报告、台账、疑点、抽查、签认、回执、原始文件、图片和'
        "审计日志放在一起，附校验清单，日后随时可以证明没有改动。归档、审计、有争议时用。</p>"
    )
    if not may_take_acceptance_file(viewer):
        st.caption("验收档案含原件和全名，由验收人员制作和取走。")
        return
    standing = file_desk().look(viewer)
    if standing and standing.is_at_work:
        _progress()
        return
    if standing:
        _outcome(standing)
    again = "重新制作" if standing and standing.file.state is State.MADE else "制作"
    if st.button(
        f"{again}验收档案（{_reach(str(through or ''))}）", type="primary", key="make_archive"
    ):
        file_desk().wait(file_desk().make(viewer, through), _PATIENCE)
        st.rerun()
    st.caption("含全名、原件和图片，制作和取走都记录在案；做好后保留一天，只有您本人能取。")


def _reach(through: str) -> str:
    return f"截至 {through} 月末" if through else _WHOLE


_PATIENCE = 2.0  # seconds: what is done by then is shown at once, without a bar


def _outcome(standing: Standing) -> None:
    """A made file with its link, or why there is none."""
    file = standing.file
    if standing.is_broken_off:
        st.warning("上次制作中断了，没有留下文件。请重新制作。")
    elif file.state is State.FAILED:
        st.error(f"上次没有做成：{file.said}")
    else:
        parts.facts(_facts(file))
        if file.said:
            st.warning(file.said)


def _facts(file: MadeFile) -> Sequence[tuple[str, str | Link]]:
    name, size = file.file_name or "", (file.size or 0) / 1e6
    return [
        ("文件", Link(name, links.to(MADE.removeprefix("/"), id=file.file_id))),
        ("范围", _reach(file.asked["through"])),
        ("大小", f"{size:.1f} MB"),
        ("做好于", clock.local_text(file.moved_at)),
        ("校验值", f"SHA-256 {file.sha256}"),
    ]


@st.fragment(run_every=1.0)
def _progress() -> None:
    """How far the making has come, looked up every second for as long as it goes on."""
    with frame.edge():
        viewer = session.viewer()
        standing = viewer and file_desk().look(viewer)
        if not standing or not standing.is_at_work:
            st.rerun()
        file = standing.file
        if file.total:
            words = f"正在制作：{file.said}（第 {file.done + 1} 步，共 {file.total} 步）"
            st.progress(file.done / file.total, text=words)
        else:
            st.info("正在排队制作……", icon=":material/hourglass_top:")
        st.caption("可以离开这一页，做好的档案会留在这里。")
