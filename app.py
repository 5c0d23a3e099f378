"""The dashboard as a server: `streamlit run app.py`.

The script of every visit is `lib/ui/entry.py`: beside it stands no `pages/`, which Streamlit would
serve by itself until the first visitor has been through the menu.
"""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from lib import settings
from lib.store.private import PRIVATE
from lib.ui import (
    audit_file,
    chinese,
    downloads,
    finding_list,
    health,
    lifespan,
    logbook,
    made,
    packed,
    report_downloads,
    requests,
    routes,
    sample_files,
)
from lib.ui.gate import relied
from lib.ui.gate.keeper import Gate

OPEN = (*health.routes, *routes.routes)
FILES = (
    *audit_file.routes,
    *downloads.routes,
    *finding_list.routes,
    *made.routes,
    *report_downloads.routes,
    *sample_files.routes,
)

os.umask(PRIVATE)
logbook.open_logbook(settings.log_format())
relied.require()
relied.believe_no_proxy()
app = st.App(
    Path(__file__).parent / "lib" / "ui" / "entry.py",
    routes=[*OPEN, *FILES],
    middleware=[
        *requests.middleware,
        Middleware(
            Gate,
            open={(method, route.path) for route in OPEN for method in route.methods or ()},
            files={route.path for route in FILES},
        ),
        *packed.middleware,
        *chinese.middleware,
    ],
    lifespan=lifespan.lifespan,
)
