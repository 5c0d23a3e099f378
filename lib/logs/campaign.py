"""专项行动: the campaign through every household in difficulty (spec §1, §3)."""

from lib.fields import YES_NO, Day, Field, Text
from lib.logs.columns import DAY, HEAD_NAME, HOUSEHOLD_REQUIRED, PEOPLE, PROBLEM, REMARK
from lib.logs.kind import LogKind

PROBLEM_CATEGORIES = ("医疗", "教育", "住房", "就业", "残疾")

CAMPAIGN = LogKind(
    slug="campaign",
    sheet="专项行动",
    about="走进困难家庭，宣讲政策、发现问题、跟进办结，每户每次一行。",
    fields=(
        DAY,
        PEOPLE,
        HOUSEHOLD_REQUIRED,
        HEAD_NAME,
        Field("explained", "政策宣讲", YES_NO, required=True),
        Field("hardship", "家庭困难情况", Text(), example="户主长期服药"),
        PROBLEM,
        Field("problem_category", "问题类别", Text(limit=50), suggestions=PROBLEM_CATEGORIES),
        Field("follow_up", "跟进措施", Text(), example="协助申请医疗救助"),
        Field("closed_on", "办结日期", Day()),
        REMARK,
    ),
    key=("day", "household"),
    at_home=True,
)
