"""Columns that several kinds share."""

from __future__ import annotations

from lib.fields import Choice, Code, Day, Field, Text
from lib.logs.references import ElderCode, HouseholdCode, LocalityName, NameOf, People
from lib.rosters import AID_CATEGORIES

DAY = Field("day", "日期", Day(), required=True)
PEOPLE = Field("people", "服务人员", People(), required=True, names_somebody=True)
LOCALITY = Field("locality", "村(社区)", LocalityName(), required=True)
APPLICATION = Field("application", "受理编号", Code())
APPLICATION_REQUIRED = Field("application", "受理编号", Code(), required=True)
HOUSEHOLD = Field("household", "户编号", HouseholdCode())
HOUSEHOLD_REQUIRED = Field("household", "户编号", HouseholdCode(), required=True)
HEAD_NAME = Field(
    "head_name", "户主姓名", NameOf(subject="household"), stored=False, names_somebody=True
)
ELDER = Field("elder", "特困人员编号", ElderCode(), required=True)
ELDER_NAME = Field("elder_name", "姓名", NameOf(subject="elder"), stored=False, names_somebody=True)
AID_CATEGORY = Field("aid_category", "救助类别", Choice(AID_CATEGORIES), required=True)
PROBLEM = Field("problem", "发现问题", Text())
REMARK = Field("remark", "备注", Text())

# Fields that an entry holds in places of its own; all others are its details.
SUBJECTS = ("locality", "elder", "household", "application")
