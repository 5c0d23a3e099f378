"""Which kinds the page of data, archives and other tasks shows."""

from __future__ import annotations

from lib.logs.archive_work import ARCHIVE_WORK
from lib.logs.data_work import DATA_WORK
from lib.logs.other_task import OTHER_TASK

TASK_KINDS = (DATA_WORK, ARCHIVE_WORK, OTHER_TASK)
