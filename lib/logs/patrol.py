"""对象排查: patrols of a locality, one locality a person and day (spec §3)."""

from lib.fields import Count, Field, Text
from lib.logs.columns import DAY, LOCALITY, PEOPLE, REMARK
from lib.logs.kind import LogKind

PATROL = LogKind(
    slug="patrol",
    sheet="对象排查",
    about="到村（社区）走访排查，每人每天一处。",
    fields=(
        DAY,
        PEOPLE,
        LOCALITY,
        Field("households_visited", "走访户数", Count(), example=6),
        Field("situation", "排查情况", Text(), required=True, example="一户新近住院"),
        Field("leads", "发现线索数", Count(), example=1),
        Field("lead_note", "线索说明", Text(), example="建议申请临时救助"),
        REMARK,
    ),
    key=("day", "locality", "people"),
    one_place=True,
)
