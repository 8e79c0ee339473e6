"""Opens a page of streamlit's as a browser does, and waits until its script has run: PORT SECONDS."""

from __future__ import annotations

import sys

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ask, told = BackMsg(), ForwardMsg()
ask.rerun_script.query_string = f"hold={sys.argv[2]}"
try:
    with connect(f"ws://127.0.0.1:{sys.argv[1]}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as session:
        session.send(ask.SerializeToString())
        while told.WhichOneof("type") != "script_finished":
            told.ParseFromString(session.recv())
except ConnectionClosed:
    sys.exit(1)
