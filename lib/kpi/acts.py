"""Every act of the audit log, and what its line says, in the words officials use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lib.findings import RULES
from lib.store.chain import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LABELS = {
    "add_account": "新增用户",
    "assign_refused": "分工被拒绝",
    "assign_territories": "调整分工",
    "attach_evidence": "上传照片或扫描件",
    "backup": "备份",
    "change_role": "更改角色或小组",
    "change_terms": "合同条款变更",
    "disable_account": "停用用户",
    "draw_sample": "抽取样本",
    "enable_account": "恢复用户",
    "end_oversight": "不再看各合同",
    "end_sessions": "结束登录",
    "enter_contract": "登记合同条款",
    "evidence_refused": "照片或扫描件被退回",
    "export": "导出",
    "export_full_names": "导出全名",
    "export_own_names": "下载预填工作簿",
    "fetch_evidence": "查看原图",
    "fetch_file": "下载原始文件",
    "fetch_made": "下载验收档案",
    "fetch_report": "下载报告",
    "fetch_template": "下载空白模板",
    "fetch_upload": "下载标出的工作簿",
    "forged_edit": "伪造的修改（未采用）",
    "import_rosters": "导入名册",
    "keep_heads": "开始在库外保存校验值",
    "let_oversee": "允许看各合同",
    "lift_sign_in_limit": "解除登录限制",
    "make_file": "制作验收档案",
    "post": "过账",
    "promise_trips": "安排下村",
    "rebuild_sums": "重算每日合计",
    "record_result": "登记抽查结果",
    "remove_evidence": "取下照片或扫描件",
    "reopen_month": "重新打开月份",
    "restore": "重新计入记录",
    "restore_backup": "从备份恢复",
    "say_of_finding": "处理疑点",
    "set_password": "重设密码",
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_month": "签认月份",
    "sign_out": "退出登录",
    "undo": "撤销回执",
    "upload_refused": "文件被退回",
    "verify": "核验",
    "withdraw": "撤回记录",
}


def label(act: str) -> str:
    """An act as officials call it; one of another program's version by its name."""
    return LABELS.get(act, act)


_SUBJECTS = (
    (re.compile(r"entry (\d+) v(\d+)"), r"记录 \1 第 \2 版"),
    (re.compile(r"entry (\d+)"), r"记录 \1"),
    (re.compile(r"receipt (\d+)"), r"回执 \1"),
    (re.compile(r"sample (\d+) item (\d+)"), r"抽查 \1 的样本 \2"),
    (re.compile(r"sample (\d+)"), r"抽查 \1"),
    (re.compile(r"item (\d+)"), r"抽查样本 \1"),
    (re.compile(r"contract (\S+)"), r"合同 \1"),
    (re.compile(r"(\d{4}-\d{6})"), r"回执 \1"),
    (re.compile(r"([0-9a-f]{12})[0-9a-f]{52}"), r"文件 \1…"),
    (re.compile(r"territory"), "分工"),
    (re.compile(r"audit"), "审计记录"),
    (re.compile(r"acceptance_file"), "验收档案"),
    (re.compile(r"daily_sums"), "每日合计"),
    (re.compile(r"same"), "一致"),
    (re.compile(r"differs"), "不一致"),
)


def subject(text: str) -> str:
    """What an act was about."""
    kind, _, rest = text.partition(" ")
    if kind == "finding":
        code, _, about = rest.partition(" ")
        return f"疑点 {RULES[code].name if code in RULES else code} {about}"
    for pattern, words in _SUBJECTS:
        if found := pattern.fullmatch(text):
            return found.expand(words)
    return text


_NAMES = {
    "act": "经过编号",
    "added": "新增",
    "attachment": "附件编号",
    "basis": "所依据记录的校验值",
    "cells": "单元格数",
    "corrected": "更正",
    "differences": "不一致处",
    "disabled": "已停用",
    "drawn": "抽取条数",
    "effective": "计入",
    "entries": "记录数",
    "figures": "核对数字",
    "file": "文件名",
    "first_on": "首日",
    "hash": "校验值",
    "heads": "核对库外校验值",
    "last_on": "末日",
    "last_line": "最后一行",
    "localities": "村（社区）",
    "log": "核对审计记录",
    "months": "月份",
    "names": "姓名",
    "new": "新增",
    "number": "次序",
    "oversees": "看各合同",
    "reason": "原因",
    "receipt": "回执",
    "refused": "退回",
    "result": "结果",
    "role": "角色",
    "rows": "行数",
    "seed": "抽样码",
    "sessions": "登录数",
    "sha256": "文件校验值",
    "signature": "签认编号",
    "signatures": "签认编号",
    "size": "大小（字节）",
    "state": "状态",
    "sums": "核对每日合计",
    "team": "小组",
    "unchanged": "未变",
    "withdrawn": "撤回",
}
_VALUES: Mapping[object, str] = {
    True: "是",
    False: "否",
    None: "无",
    "open": "待核",
    "explained": "已说明",
    "confirmed": "存疑",
    "dismissed": "排除",
    "true": "属实",
    "untrue": "不符",
    "unverifiable": "无法核实",
    "full": "全名",
    "own": "本组全名",
    "masked": "遮盖",
    "none": "没有姓名",
    "leader": "区局领导",
    "team_lead": "项目组长",
    "reviewer": "验收人员",
    "admin": "管理员",
}


def changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Sequence[tuple[str, str]]:
    """What a line says, name by name: what was and what became of it, or what it is."""
    then, now = before or {}, after or {}
    return [(_NAMES.get(name, name), _moved(name, then, now)) for name in {**then, **now}]


def _moved(name: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if name not in now:
        return f"原为 {_value(then[name])}"
    return f"{_value(then[name])} → {_value(now[name])}" if name in then else _value(now[name])


def told(facts: Mapping[str, Any] | None) -> str:
    """What a line says of before or after, in words; empty where it says nothing."""
    return "；".join(
        f"{_NAMES.get(name, name)}：{_value(value)}" for name, value in (facts or {}).items()
    )


def _value(value: Any) -> str:  # noqa: ANN401 - whatever stands in the log
    if isinstance(value, bool | str | None):
        return _VALUES.get(value, str(value))
    return canonical(value)
