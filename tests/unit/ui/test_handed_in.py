"""Files that were handed in and are kept elsewhere take no memory of the server's."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page(everything: bool) -> None:
    """Let go of the first file, or of all; say what is still held."""
    import streamlit as st  # noqa: PLC0415 - AppTest runs the text of this function
    from streamlit.runtime.scriptrunner import get_script_run_ctx  # noqa: PLC0415

    from lib.ui import handed_in  # noqa: PLC0415

    files = st.file_uploader("文件", accept_multiple_files=True)
    if everything:
        handed_in.let_go_of_all()
    else:
        handed_in.let_go(files[:1])
    here = get_script_run_ctx()
    assert here
    held = here.uploaded_file_mgr.get_files(here.session_id, [file.file_id for file in files])
    st.text(" ".join(file.name for file in held))


@pytest.mark.parametrize(("everything", "held"), [(False, "b.txt"), (True, "")])
def test_what_is_let_go_of_is_held_no_longer_and_the_rest_is(*, everything: bool, held: str):
    app = AppTest.from_function(page, args=(everything,)).run()
    files = [("a.txt", b"a", "text/plain"), ("b.txt", b"b", "text/plain")]
    app.file_uploader[0].set_value(files).run()

    assert not app.exception
    assert app.text[0].value == held
