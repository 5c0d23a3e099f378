"""说明.txt: what the archive is, what stands where, and how anybody can check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.reports.archive.zipped import MANIFEST, Member
from lib.store import contracts
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lib.reports.archive.wanted import Wanted
    from lib.reports.archive.zipped import Zipped

PATH = "说明.txt"
_LINE_END = "\r\n"  # so that every editor of a Windows machine shows lines

_CHECKING = (
    "一、文件有没有变动",
    "把压缩包解压到一个空文件夹，在该文件夹里运行：",
    f"    sha256sum -c {MANIFEST}",
    "每个文件都显示“OK”（或“成功”），说明各文件自制作以来一个字节也没有变。",
    "Windows 上没有这个命令时，可用 certutil -hashfile 文件名 SHA256 逐个对照。",
    "清单本身有没有换过：整个压缩包的 SHA-256 在取走时记入系统的审计日志，可以对照。",
    "",
    "二、签认的数字是不是由这些记录得出",
    "签认/年-月_编号.jsonl 的每一行是一条签认时的记录：row 是当时记录的全部内容，",
    "row_hash 是它的 SHA-256（键按字母排序、无空格、UTF-8 的 JSON）。",
    "签认/签认.jsonl 的 entries_hash 覆盖全部 [entry_id, version, row_hash]，",
    "hash 再覆盖数字、参数、entries_hash 和上一个签认月的 hash，改动任何一条都会对不上。",
    "",
    "三、审计日志有没有被改过",
    "审计/审计.jsonl 每一行的 hash 是 SHA-256：该行去掉 hash、加上 previous",
    "（上一行的 hash，首行为空），写成同样的 JSON。",
    "",
    "四、由系统核验",
    "在系统所在的机器上运行 python -m lib verify：",
    "它按签认时的参数重新计算每个签认月和审计日志，指出第一条不一样的记录。",
    "系统里的“核验”页做的是同一件事。",
)


_FOLDERS = {
    "报告": "每个月的结算报告、验收报告、一页简报",
    "台账": "各项服务的台账，按各单位自己的表头",
    "疑点": "系统查出的疑点，及说明、认定、排除的全过程",
    "抽查": "每次抽查的参数、随机种子、样本和结果",
    "签认": "每次月度签认的数字、参数、所覆盖的记录，及重新打开的原因",
    "回执": "每次过账、在页面上改过的格、撤回的记录",
    "原件": "上传的原始文件，以回执号命名；清单里有原文件名和未留存的原因",
    "图片": "记录、回执和抽查所附的照片和扫描件，以校验值命名",
    "审计": "整个合同的审计日志",
}


def explanation(wanted: Wanted, zipped: Zipped) -> Member:
    """The text, as things stand in the archive so far."""
    text = _LINE_END.join(_lines(wanted, zipped)) + _LINE_END
    return Member(PATH, [b"\xef\xbb\xbf", text.encode()])


def _is_made_up(wanted: Wanted) -> bool:
    with reading(wanted.engine) as connection:
        return contracts.is_demonstration(connection, wanted.stored.id)


def _lines(wanted: Wanted, zipped: Zipped) -> Iterator[str]:
    contract = wanted.stored.terms
    reaches = f"截至 {wanted.through} 月末" if wanted.through else "整个合同"
    yield f"验收档案：{contract.name}"
    if _is_made_up(wanted):
        yield "演示数据：人名、地名和数字均为虚构"
    yield ""
    yield f"委托方：{contract.buyer}"
    yield f"合同代码：{contract.code}（编号 {wanted.stored.id}）"
    yield f"服务期：{contract.start} 至 {contract.end}"
    yield f"范围：{reaches}，数据截至 {wanted.scope.as_of}"
    yield f"制作：{wanted.made_text}，{wanted.viewer.name}"
    yield "姓名：全名。内有原件和个人信息，只限验收使用，请按规定保管和销毁。"
    yield ""
    yield "【内容】"
    for folder, words in _FOLDERS.items():
        number = sum(path.startswith(f"{folder}/") for path in zipped.hashes)
        yield f"{folder}/　{number} 个文件：{words}"
    yield from (f"注意：{remark}" for remark in zipped.remarks)
    yield ""
    yield "【怎样核对】"
    yield from _CHECKING
