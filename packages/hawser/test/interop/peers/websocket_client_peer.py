"""Python `websocket-client` as a peer: orders in, reports out, JSON, one a line."""

import hashlib
import json
import sys

from websocket import (
    ABNF,
    WebSocket,
    WebSocketBadStatusException,
    WebSocketConnectionClosedException,
    WebSocketProtocolException,
)

KINDS = {"text": ABNF.OPCODE_TEXT, "binary": ABNF.OPCODE_BINARY}


def bytes_of(payload):
    unit = bytes.fromhex(payload["hex"])
    times = -(-payload["bytes"] // max(len(unit), 1))
    return (unit * times)[: payload["bytes"]]


def describe(kind, content):
    if len(content) <= 128:
        return f"{kind} {content.hex()}"
    return f"{kind} of {len(content)} bytes, {hashlib.sha256(content).hexdigest()}"


class Session:
    """One connection, and what it has seen."""

    def __init__(self, ws):
        self.ws = ws
        self.messages = []
        self.pongs = []
        self.received = 0
        self.close = None

    def until(self, holds):
        """Reads on until this holds, or the connection has ended."""
        while self.close is None and not holds():
            try:
                # Answers Pings and, with 1000, the Close frame.
                opcode, frame = self.ws.recv_data_frame(control_frame=True)
            except (WebSocketConnectionClosedException, OSError):
                self.close = {"code": 1006, "reason": "", "wasClean": False}
                return
            self.take(opcode, frame.data)

    def take(self, opcode, data):
        if opcode == ABNF.OPCODE_TEXT:
            self.messages.append(describe("text", data))
        elif opcode == ABNF.OPCODE_BINARY:
            self.messages.append(describe("binary", data))
        elif opcode == ABNF.OPCODE_PONG:
            self.pongs.append(data.decode())
        elif opcode == ABNF.OPCODE_CLOSE:
            code = int.from_bytes(data[:2], "big") if data else 1005
            self.close = {"code": code, "reason": data[2:].decode(), "wasClean": True}

    def has_pong(self, payload):
        return lambda: payload in self.pongs

    def send_fragments(self, step):
        last = len(step["parts"]) - 1
        for index, part in enumerate(step["parts"]):
            if index == 1 and "ping" in step:
                self.ws.ping(step["ping"])
            opcode = KINDS[part["kind"]] if index == 0 else ABNF.OPCODE_CONT
            fin = 1 if index == last else 0
            self.ws.send_frame(ABNF.create_frame(bytes_of(part), opcode, fin))
        if "ping" in step:
            self.until(self.has_pong(step["ping"]))

    def start_closing(self, step):
        if "code" in step:
            self.ws.send_close(step["code"], step.get("reason", "").encode())
        else:
            self.ws.send(b"", ABNF.OPCODE_CLOSE)
        # Not `until`, which would answer the answer.
        while self.close is None:
            frame = self.ws.recv_frame()
            self.take(frame.opcode, frame.data)

    def do(self, step):
        if step["do"] == "send":
            # It never compresses, plain or not.
            message = step["message"]
            self.ws.send(bytes_of(message), KINDS[message["kind"]])
        elif step["do"] == "fragments":
            self.send_fragments(step)
        elif step["do"] == "receive":
            self.received += 1
            self.until(lambda: len(self.messages) >= self.received)
        elif step["do"] == "ping":
            self.ws.ping(step["payload"])
            self.until(self.has_pong(step["payload"]))
        else:
            self.start_closing(step)

    def play(self, steps):
        for step in steps:
            if self.close is None:
                self.do(step)
        self.until(lambda: False)
        return {
            "protocol": self.ws.subprotocol or "",
            "extensions": self.ws.headers.get("sec-websocket-extensions", ""),
            "messages": self.messages,
            "pongs": self.pongs,
            "close": self.close,
        }


def run(order):
    ws = WebSocket()
    try:
        ws.connect(order["url"], subprotocols=order["protocols"])
        return Session(ws).play(order["steps"])
    except WebSocketBadStatusException as error:
        return {"refused": True, "status": error.status_code}
    except WebSocketProtocolException as error:
        return {"cannot": str(error)}
    finally:
        ws.shutdown()


def write(line):
    print(json.dumps(line), flush=True)


write({"ready": ""})
for line in sys.stdin.buffer:
    order = json.loads(line)
    write({"id": order["id"], "report": run(order)})
