"""The dashboard: puts the repository root on the import path and lists the pages."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import streamlit as st

from dashboard import guard, shell, state

st.set_page_config(
    page_title="物业一张图",
    page_icon=str(Path(__file__).resolve().parent / "templates" / "icon.svg"),
    layout="wide",
    initial_sidebar_state="collapsed",
)

pages = [
    st.Page("views/overview.py", title="总览", url_path="overview", default=True),
    st.Page("views/ledger.py", title="台账", url_path="ledger"),
    st.Page("views/boundaries.py", title="边界", url_path="boundaries"),
    st.Page("views/bundling.py", title="打捆", url_path="bundles"),
    st.Page("views/inspection.py", title="检查计划", url_path="plan"),
    st.Page("views/papers.py", title="导出", url_path="export"),
]
page = st.navigation(pages, position="top")
shell.style()
state.selection()
with guard.in_words():
    page.run()
state.write_address()
