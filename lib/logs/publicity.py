"""政策宣传: making the policies known (spec §3)."""

from lib.fields import Count, Field, Text
from lib.logs.columns import DAY, LOCALITY, PEOPLE, REMARK
from lib.logs.kind import LogKind

FORMS = ("入户宣讲", "集市宣传", "宣传栏", "广播", "微信公众号")

PUBLICITY = LogKind(
    slug="publicity",
    sheet="政策宣传",
    about="政策宣传活动，每处每种形式一行。",
    fields=(
        DAY,
        PEOPLE,
        LOCALITY,
        Field("form", "宣传形式", Text(limit=100), required=True, suggestions=FORMS),
        Field("audience", "受众人数", Count(), example=30),
        Field("handouts", "发放资料份数", Count(), example=30),
        Field("content", "宣传内容", Text(), example="低保和临时救助政策"),
        REMARK,
    ),
    key=("day", "people", "locality", "form"),
)
