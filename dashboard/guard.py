"""Faults on a page: a user's become a sentence with its remedy, the program's own a short notice and a log entry."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from geo.errors import InputError

_LOG = logging.getLogger("wuyetu")


@contextmanager
def in_words() -> Iterator[None]:
    """Show what went wrong in words; the page's earlier parts stay.

    Streamlit's own reruns and stops derive from ``BaseException`` and pass.
    """
    try:
        yield
    except InputError as error:
        for fault in error.faults:
            st.error(str(fault))
    except Exception:
        _LOG.exception("page failed")
        st.error("程序内部出错，数据没有改变。请把服务器窗口中的记录交给管理员；可先刷新页面重试。")
