"""快速录入: one entry on a form made for a phone, and what was entered today."""

import streamlit as st

from lib.ui import entered, entry_asked, frame, quick_entry, reads, session
from lib.ui.alone import alone_acting

viewer = session.guard("logs/quick_entry")
frame.header("快速录入")

roster, rows = reads.roster(), entered.today(viewer)
with st.container(key="quick_entry", width=640, gap="xsmall"):
    with st.container():
        entered.receipt(viewer, roster, rows)
    asked = entry_asked.asked(viewer, roster)
    entered.offers(viewer, asked.slot)
    alone_acting(quick_entry.entry_form, viewer, roster, asked)
entered.listing(viewer, roster, rows)
