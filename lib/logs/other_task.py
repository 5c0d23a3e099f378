"""其他工作: tasks the buyer assigns besides; recorded, without a quota (spec §1, §3)."""

from lib.fields import Field, Text
from lib.logs.columns import DAY, PEOPLE, REMARK
from lib.logs.kind import LogKind

OTHER_TASK = LogKind(
    slug="other_task",
    sheet="其他工作",
    about="甲方交办的其他工作。",
    fields=(
        DAY,
        PEOPLE,
        Field("assigned_by", "交办单位", Text(limit=100), example="示例科"),
        Field("task", "工作内容", Text(), required=True, example="协助整理年度报表"),
        Field("outcome", "完成情况", Text(), example="已完成"),
        REMARK,
    ),
    key=("day", "people", "task"),
)
