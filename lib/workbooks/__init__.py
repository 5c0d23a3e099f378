"""Workbooks in and out: the only part that knows Excel."""
