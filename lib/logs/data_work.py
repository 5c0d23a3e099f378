"""网络管理: work on the information platform's data (spec §3)."""

from lib.fields import Choice, Count, Field, Text
from lib.logs.columns import DAY, PEOPLE, REMARK
from lib.logs.kind import LogKind

DATA_WORK = LogKind(
    slug="data_work",
    sheet="网络管理",
    about="救助信息平台的数据工作。",
    fields=(
        DAY,
        PEOPLE,
        Field(
            "task",
            "工作内容",
            Choice(("数据收集", "数据更新", "数据核对", "数据上报")),
            required=True,
        ),
        Field("platform", "平台名称", Text(limit=100), example="救助信息平台"),
        Field("items", "条数", Count(), required=True, example=40),
        REMARK,
    ),
    key=("day", "people", "task", "platform"),
)
