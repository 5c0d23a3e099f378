"""找不到: where unknown addresses lead; its guard lets nobody pass."""

from lib.ui import navigation, session

session.guard(navigation.MISSING)
