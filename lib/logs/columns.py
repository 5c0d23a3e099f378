"""Columns that several kinds share."""

from __future__ import annotations

from lib.fields import Choice, Code, Day, Field, Text
from lib.logs.references import ElderCode, HouseholdCode, LocalityName, NameOf, People
from lib.rosters import AID_CATEGORIES

DAY = Field("day", "日期", Day(), required=True)
PEOPLE = Field("people", "服务人员", People(), required=True, names_somebody=True)
LOCALITY = Field("locality", "村(社区)", LocalityName(), required=True)
APPLICATION = Field("application", "受理编号", Code(), example="示例-受理-001")
APPLICATION_REQUIRED = Field(
    "application", "受理编号", Code(), required=True, example="示例-受理-001"
)
HOUSEHOLD = Field("household", "户编号", HouseholdCode())
HOUSEHOLD_REQUIRED = Field(
    "household", "户编号", HouseholdCode(), required=True, example="示例-户-001"
)
HEAD_NAME = Field(
    "head_name",
    "户主姓名",
    NameOf(subject="household"),
    stored=False,
    names_somebody=True,
    example="示例户主",
)
ELDER = Field("elder", "特困人员编号", ElderCode(), required=True, example="示例-老-001")
ELDER_NAME = Field(
    "elder_name",
    "姓名",
    NameOf(subject="elder"),
    stored=False,
    names_somebody=True,
    example="示例老人",
)
AID_CATEGORY = Field("aid_category", "救助类别", Choice(AID_CATEGORIES), required=True)
PROBLEM = Field("problem", "发现问题", Text(), example="药费自付较多")
REMARK = Field("remark", "备注", Text())

# Fields that an entry holds in places of its own; all others are its details.
SUBJECTS = ("locality", "elder", "household", "application")
