"""A webhook that denies whatever it is asked: `python denying_webhook.py CERTIFICATE_AND_KEY PORT MESSAGE`."""

from __future__ import annotations

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Denial(BaseHTTPRequestHandler):
    """Answers each review."""

    def do_POST(self) -> None:
        """Deny."""
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = {"code": 403, "reason": "Forbidden", "message": sys.argv[3]}
        review["response"] = {"uid": review.pop("request")["uid"], "allowed": False, "status": status}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(review).encode())


if __name__ == "__main__":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[1])
    server = HTTPServer(("0.0.0.0", int(sys.argv[2])), Denial)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
