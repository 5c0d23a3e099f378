"""业务协办: steps of handling an application, from acceptance to filing (spec §3)."""

from lib.fields import YES_NO, Choice, Code, Field
from lib.logs.columns import AID_CATEGORY, APPLICATION_REQUIRED, DAY, LOCALITY, PEOPLE, REMARK
from lib.logs.kind import LogKind

STEPS = (
    "受理",
    "材料补正",
    "上传系统",
    "送达受理通知书",
    "送达不予受理通知书",
    "一次性告知书",
    "公示",
    "归档",
    "业务对接",
    "投诉处理",
)

CASE_HANDLING = LogKind(
    slug="case_handling",
    sheet="业务协办",
    about="协助办理救助申请，每个环节一行。",
    fields=(
        DAY,
        PEOPLE,
        LOCALITY,
        APPLICATION_REQUIRED,
        Field(
            "applicant", "申请人", Code(), required=True, names_somebody=True, example="示例申请人"
        ),
        AID_CATEGORY,
        Field("step", "办理环节", Choice(STEPS), required=True),
        Field("complete", "材料是否齐全", YES_NO),
        REMARK,
    ),
    key=("day", "application", "step"),
)
