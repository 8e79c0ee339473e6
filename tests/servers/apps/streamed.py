"""A page of streamlit's that takes as long as its address says."""

from __future__ import annotations

import time
from pathlib import Path

import streamlit

seconds = streamlit.query_params.get("hold")
if seconds:
    Path("began").touch()
    time.sleep(float(seconds))
streamlit.write("ok")
