"""What a month is signed over: every row that counts in it, the same hashes on both stores."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.periods import Month
from lib.store import signatures, signing
from lib.store.engine import reading, writing
from lib.store.signing import SignedRow
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

MARCH = Month(2023, 3)
BOOK = {
    "专项行动": [
        {
            "日期": date(2023, 3, 6),
            "服务人员": "钱二丰、赵一",
            "户编号": "H1",
            "政策宣讲": "是",
            "发现问题": "漏雨“大”",
            "办结日期": date(2023, 3, 20),
        }
    ],
    "网络管理": [
        {"日期": date(2023, 3, 31), "服务人员": "赵一", "工作内容": "数据收集", "条数": 7},
        {"日期": date(2023, 4, 1), "服务人员": "赵一", "工作内容": "数据收集", "条数": 7},
    ],
    "其他工作": [{"日期": date(2023, 3, 1), "服务人员": "赵一", "工作内容": "会务"}],
}


def posted(engine: Engine) -> StoredContract:
    """The book posted: three rows in March, of which the last is withdrawn."""
    stored = small.entered(engine)
    book = small.workbook(BOOK, data=b"the same bytes")
    post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    withdraw(engine, stored, small.ANYBODY, 4, reason="错录", now=small.NOW)
    return stored


def rows_of(engine: Engine, stored: StoredContract, month: Month = MARCH) -> Sequence[SignedRow]:
    """The month's rows as they count now."""
    with reading(engine) as connection:
        return signing.rows(connection, stored.id, month)


def test_a_rows_hash_is_over_its_canonical_text_on_either_store(engine: Engine):
    found = rows_of(engine, posted(engine))

    file_hash = hashlib.sha256(b"the same bytes").hexdigest()
    text = (
        '{"application":null,"day":"2023-03-06",'
        '"details":{"closed_on":"2023-03-20","explained":"是","problem":"漏雨“大”"},'
        f'"digest":"{DIGEST}","elder":null,"household":"H1","kind":"campaign","locality":"L1",'
        '"natural_key":"[\\"2023-03-06\\",\\"H1\\"]","people":["G1","G2"],'
        '"posted_at":"2023-06-01T08:00:00.000000+00:00","posted_by":"各组","receipt_id":1,'
        f'"sha256":"{file_hash}","source_row":2,"version":1}}'
    )
    assert found[0] == SignedRow(1, 1, hashlib.sha256(text.encode()).hexdigest())
    assert [(row.entry_id, row.version) for row in found] == [(1, 1), (2, 1)]


DIGEST = hashlib.sha256(
    '["campaign","2023-03-06",["G1","G2"],null,null,"H1",null,'
    '{"closed_on":"2023-03-20","explained":"是","problem":"漏雨“大”"}]'.encode()
).hexdigest()


def test_the_hash_over_the_rows_knows_each_number_version_and_hash():
    rows = [SignedRow(1, 1, "a"), SignedRow(2, 3, "b")]

    assert signing.entries_hash(rows) == hashlib.sha256(b'[[1,1,"a"],[2,3,"b"]]').hexdigest()
    assert signing.entries_hash(reversed(rows)) == signing.entries_hash(rows)


def test_a_signature_is_read_back_with_its_rows_and_its_seal(engine: Engine):
    stored = posted(engine)
    facts = {
        "month": "2023-03",
        "signed_at": datetime(2023, 6, 1, 9, 30, 0, 250_000, tzinfo=UTC),
        "signed_by": "验收",
        "figures": {"lines": [{"delivered": "7/3", "share": 0.95, "none": None}]},
        "parameters": {"working_days": ["2023-03-01+5"]},
    }
    rows = rows_of(engine, stored)
    with writing(engine) as connection:
        first = signing.add(connection, stored.id, "", facts, rows)
        second = signing.add(connection, stored.id, "x", {**facts, "month": "2023-04"}, ())
        signing.reopen(connection, stored.id, [2], at=small.NOW, by="验收", reason="更正")
    with reading(engine) as connection:
        held = signatures.listed(connection, stored.id)
        closed = signatures.closed_months(connection, stored.id)
        assert signing.signed_rows(connection, stored.id, first) == rows

    assert (first, second, closed) == (1, 2, {"2023-03"})
    assert (held[0].entries, held[0].entries_hash) == (2, signing.entries_hash(rows))
    assert (held[1].entries, held[1].previous_hash, held[1].reason) == (0, "x", "更正")
    for signature in held:
        sealed = {name: getattr(signature, name) for name in signing.SEALED}
        assert signature.hash == signing.seal(signature.previous_hash, sealed)
