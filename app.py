"""The dashboard as a server: `streamlit run app.py`.

The script of every visit is `lib/ui/entry.py`: beside it stands no `pages/`, which Streamlit would
serve by itself until the first visitor has been through the menu.
"""

from pathlib import Path

import streamlit as st

from lib import settings
from lib.ui import (
    downloads,
    finding_list,
    health,
    lifespan,
    logbook,
    made,
    report_downloads,
    requests,
    routes,
    sample_files,
)

logbook.open_logbook(settings.log_format())
app = st.App(
    Path(__file__).parent / "lib" / "ui" / "entry.py",
    routes=[
        *health.routes,
        *routes.routes,
        *downloads.routes,
        *finding_list.routes,
        *made.routes,
        *report_downloads.routes,
        *sample_files.routes,
    ],
    middleware=[*requests.middleware, *routes.middleware],
    lifespan=lifespan.lifespan,
)
