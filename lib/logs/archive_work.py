"""档案管理: collecting, ordering and filing case archives (spec §3)."""

from lib.fields import Choice, Count, Field, Text
from lib.logs.columns import DAY, PEOPLE, REMARK
from lib.logs.kind import LogKind

ARCHIVE_WORK = LogKind(
    slug="archive_work",
    sheet="档案管理",
    about="救助档案的收集、整理和归档。",
    fields=(
        DAY,
        PEOPLE,
        Field("place", "地点", Text(limit=100), required=True, suggestions=("街道", "局机关")),
        Field("archive_category", "档案类别", Choice(("低保", "特困", "临时救助")), required=True),
        Field(
            "step",
            "环节",
            Choice(("收集", "整理", "归纳", "上报", "备查", "归档")),
            required=True,
        ),
        Field("copies", "份数", Count(), required=True, example=12),
        REMARK,
    ),
    key=("day", "people", "place", "archive_category", "step"),
)
