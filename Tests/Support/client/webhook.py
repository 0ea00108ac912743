"""Receives posts of a webhook at a port of its own, which it prints, and checks their signatures: webhook.py SECRET COUNT.

Answers the first post with 503, so that it has to come again; prints the bodies that were signed, a line each, and ends after COUNT.
"""

import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

secret, count = sys.argv[1].encode(), int(sys.argv[2])
seen = []
refused = []


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        timestamp = self.headers["X-FaceGallery-Timestamp"]
        expected = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest("sha256=" + expected, self.headers["X-FaceGallery-Signature"])
        assert abs(time.time() - int(timestamp)) < 300
        event = json.loads(body)
        assert event["event"] == self.headers["X-FaceGallery-Event"]
        assert event["delivery"] == self.headers["X-FaceGallery-Delivery"]
        assert self.headers["Content-Type"] == "application/json"
        if not refused:
            refused.append(event["delivery"])
            return self.answer(503)
        assert seen or event["delivery"] == refused[0]
        seen.append(event["delivery"])
        print(json.dumps(event), flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if len(seen) >= count:
            # Else the connection would be kept for a next request.
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
while len(seen) < count:
    server.handle_request()
