"""业务培训: training sessions and the filing of their plans (spec §3)."""

from lib.fields import YES_NO, Choice, Count, Day, Field, Text
from lib.logs.columns import DAY, PEOPLE, REMARK
from lib.logs.kind import LogKind

TRAINING = LogKind(
    slug="training",
    sheet="业务培训",
    about="每场培训一行；方案事先备案的才计数。",
    fields=(
        DAY,
        PEOPLE,
        Field(
            "training_category",
            "培训类别",
            Choice(("信息平台培训", "阶段性业务培训", "其他")),
            required=True,
        ),
        Field("topic", "主题", Text(limit=200), required=True, example="信息平台录入要点"),
        Field("place", "地点", Text(limit=100), example="街道会议室"),
        Field("filed_on", "方案备案日期", Day()),
        Field("filing_number", "备案文号", Text(limit=100), example="示例备〔001〕号"),
        Field("officers", "街道专管员人数", Count(), required=True, example=2),
        Field("assistants", "协理员人数", Count(), required=True, example=12),
        Field("integrity", "廉政教育", YES_NO, required=True),
        REMARK,
    ),
    key=("day", "topic"),
)
