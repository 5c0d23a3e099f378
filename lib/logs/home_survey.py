"""家计调查: surveys of a household's means at its home (spec §3)."""

from lib.fields import Choice, Code, Count, Field, Money
from lib.logs.columns import APPLICATION, DAY, HOUSEHOLD, LOCALITY, PEOPLE, REMARK
from lib.logs.kind import LogKind, needs_when

NEW_APPLICATION = "新增申请"
REVIEWS = ("定期复核", "动态管理")

HOME_SURVEY = LogKind(
    slug="home_survey",
    sheet="家计调查",
    about="入户调查家庭经济状况，每户每次一行。",
    fields=(
        DAY,
        PEOPLE,
        Field("survey_type", "调查类型", Choice((NEW_APPLICATION, *REVIEWS)), required=True),
        APPLICATION,
        HOUSEHOLD,
        LOCALITY,
        Field("applicant", "申请人", Code(), names_somebody=True, example="示例申请人"),
        Field("members", "家庭人口", Count(limit=50), example=3),
        Field("monthly_income", "月人均收入(元)", Money(), example=480),
        Field("conclusion", "调查结论", Choice(("符合", "不符合", "待补充")), required=True),
        REMARK,
    ),
    key=("day", "survey_type", ("application", "household")),
    checks=(
        needs_when("survey_type", (NEW_APPLICATION,), "application", "新增申请必须填写受理编号"),
        needs_when("survey_type", REVIEWS, "household", "定期复核、动态管理必须填写户编号"),
    ),
    at_home=True,
)
