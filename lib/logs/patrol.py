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
        Field("households_visited", "走访户数", Count()),
        Field("situation", "排查情况", Text(), required=True),
        Field("leads", "发现线索数", Count()),
        Field("lead_note", "线索说明", Text()),
        REMARK,
    ),
    key=("day", "locality", "people"),
)
