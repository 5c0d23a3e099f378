"""The same free text in many rows of one person and kind."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lib.findings.repeated_text import REPEATED_TEXT
from tests.spec.findings.planting import ONE, TWO, archive, campaign, check, found, march, patrol

if TYPE_CHECKING:
    from sqlalchemy import Engine

WORDS = "走访正常无异"
SHORT = "走访正常无"
SUBJECT = f"G1 patrol situation {hashlib.sha256(WORDS.encode()).hexdigest()[:12]}"


def test_the_same_words_of_one_person_in_one_column(shared_engine: Engine):
    sheets = {
        "对象排查": [
            *(patrol(march(day), ONE, 排查情况=WORDS) for day in (6, 7, 8)),  # 1: three rows
            *(patrol(march(day), TWO, 排查情况=WORDS) for day in (9, 10)),  # 4: another's, two
            patrol(march(13), ONE, 排查情况=f"{WORDS}。"),  # 6: other words
            patrol(march(14), ONE, 线索说明=WORDS),  # 7: another column
            patrol(march(15), TWO, 排查情况=WORDS),  # 8: another's third, withdrawn
            *(patrol(march(day), ONE, 排查情况=SHORT) for day in (16, 17, 20)),  # 9: too short
        ],
        "特困老人核查": [check(march(6), "E1", 备注=WORDS)],  # 12: another kind
        "专项行动": [
            campaign(march(day), 问题类别="房屋破损待修")
            for day in (6, 7, 8)  # 13: words that are offered
        ],
        "网络管理": [
            {
                "日期": march(day),
                "服务人员": ONE,
                "工作内容": "数据收集",
                "平台名称": "救助信息平台",
                "条数": 1,
            }
            for day in (6, 7, 8)  # 16: the name of something
        ],
        "档案管理": [archive(march(day), 1) for day in (6, 7, 8)],
    }

    assert found(
        shared_engine,
        REPEATED_TEXT,
        sheets,
        withdrawn=[8],
        repeated_text_rows=3,
        repeated_text_characters=6,
    ) == {SUBJECT: [1, 2, 3]}
