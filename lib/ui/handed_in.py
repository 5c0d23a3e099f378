"""Files that a browser handed in: Streamlit holds them in memory while their page is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamlit.runtime.uploaded_file_manager import UploadedFile


def let_go(files: Iterable[UploadedFile]) -> None:
    """Free the memory of files that are kept elsewhere by now, and not shown again."""
    here = get_script_run_ctx()
    if here and isinstance(here.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            here.uploaded_file_mgr.remove_file(here.session_id, file.file_id)


def let_go_of_all() -> None:
    """Free the memory of all files that were handed in on a page that was left."""
    here = get_script_run_ctx()
    if here and isinstance(here.uploaded_file_mgr, MemoryUploadedFileManager):
        here.uploaded_file_mgr.remove_session_files(here.session_id)
