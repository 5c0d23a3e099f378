"""特困老人核查: home visits to people in dispersed support for extreme poverty (spec §1, §3)."""

from lib.fields import Choice, Field, Text
from lib.logs.columns import DAY, ELDER, ELDER_NAME, PEOPLE, PROBLEM, REMARK
from lib.logs.kind import LogKind

# Options run from the best to the worst: those last seen in the worst are looked after first.
CONDITION = Choice(("良好", "一般", "较差"))

ELDER_CHECK = LogKind(
    slug="elder_check",
    sheet="特困老人核查",
    about="入户核查特困老人的生活和健康状况，每人每次一行。",
    fields=(
        DAY,
        PEOPLE,
        ELDER,
        ELDER_NAME,
        Field("living", "生活状况", CONDITION, required=True),
        Field("health", "健康状况", CONDITION, required=True),
        Field("safety", "居住安全", Choice(("安全", "有隐患"))),
        Field("care", "照料落实", Choice(("落实", "未落实"))),
        PROBLEM,
        Field("handling", "处理情况", Text(), example="协助办理报销"),
        REMARK,
    ),
    key=("day", "elder"),
    at_home=True,
)
