"""Python `websockets` as a peer, client or server: orders in, reports out, JSON, one a line."""

import asyncio
import hashlib
import json
import sys
from http import HTTPStatus

import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatusCode
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)


class Cannot(Exception):
    """The API has no way to do the step."""


def compression(factory, settings):
    """What tells connect() and serve() how to compress; None is as they do it by themselves."""
    if settings is None:
        return {}
    names = {
        "serverNoContextTakeover": "server_no_context_takeover",
        "clientNoContextTakeover": "client_no_context_takeover",
        "serverMaxWindowBits": "server_max_window_bits",
        "clientMaxWindowBits": "client_max_window_bits",
    }
    arguments = {names[name]: value for name, value in settings.items()}
    return {"compression": None, "extensions": [factory(**arguments)]}


def bytes_of(payload):
    unit = bytes.fromhex(payload["hex"])
    times = -(-payload["bytes"] // max(len(unit), 1))
    return (unit * times)[: payload["bytes"]]


def message_of(payload):
    content = bytes_of(payload)
    try:
        return content.decode() if payload["kind"] == "text" else content
    except UnicodeDecodeError as error:
        raise Cannot("send() takes whole strings") from error


def describe(message):
    kind = "text" if isinstance(message, str) else "binary"
    content = message.encode() if isinstance(message, str) else message
    if len(content) <= 128:
        return f"{kind} {content.hex()}"
    return f"{kind} of {len(content)} bytes, {hashlib.sha256(content).hexdigest()}"


async def ping(ws, payload, pongs):
    await (await ws.ping(payload))
    pongs.append(payload)


async def send_fragments(ws, step, pongs):
    parts = [message_of(part) for part in step["parts"]]

    async def fragments():
        for index, part in enumerate(parts):
            if index == 1 and "ping" in step:
                await ping(ws, step["ping"], pongs)
            yield part

    await ws.send(fragments())


async def close(ws, step):
    if "code" not in step:
        # What the API calls no code is 1005, and it refuses to send that.
        return await ws.close(1005)
    await ws.close(step["code"], step.get("reason", ""))


async def do_steps(ws, steps, messages, pongs):
    for step in steps:
        if step["do"] == "send":
            if "plain" in step:
                raise Cannot("send() has no options")
            await ws.send(message_of(step["message"]))
        elif step["do"] == "fragments":
            await send_fragments(ws, step, pongs)
        elif step["do"] == "receive":
            messages.append(describe(await ws.recv()))
        elif step["do"] == "ping":
            await ping(ws, step["payload"], pongs)
        else:
            await close(ws, step)


async def play(ws, steps):
    messages, pongs = [], []
    try:
        await do_steps(ws, steps, messages, pongs)
        while True:
            messages.append(describe(await ws.recv()))
    except ConnectionClosed:
        await ws.wait_closed()
    except (Cannot, websockets.ProtocolError) as error:
        # close() with a bad code leaves the connection between open and closed.
        ws.transport.abort()
        await ws.wait_closed()
        return {"cannot": str(error)}
    return {
        "protocol": ws.subprotocol or "",
        "extensions": ws.response_headers.get("Sec-WebSocket-Extensions", ""),
        "messages": messages,
        "pongs": pongs,
        "close": {
            "code": ws.close_code,
            "reason": ws.close_reason,
            "wasClean": ws.close_rcvd is not None and ws.close_sent is not None,
        },
    }


async def run_client(order, settings):
    options = compression(ClientPerMessageDeflateFactory, settings)
    try:
        ws = await websockets.connect(
            order["url"], subprotocols=order["protocols"] or None, **options
        )
    except InvalidStatusCode as error:
        return {"refused": True, "status": error.status_code}
    return await play(ws, order["steps"])


def write(line):
    print(json.dumps(line), flush=True)


async def read_orders():
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        yield json.loads(line)


async def client(settings):
    write({"ready": ""})
    async for order in read_orders():
        write({"id": order["id"], "report": await run_client(order, settings)})


async def server(settings, protocol, refused_path):
    connections = asyncio.Queue()

    async def refuse(path, _headers):
        return (HTTPStatus.UNAUTHORIZED, [], b"") if path == refused_path else None

    async def on_connection(ws):
        reported = asyncio.Event()
        await connections.put((ws, reported))
        await reported.wait()

    listening = websockets.serve(
        on_connection,
        "127.0.0.1",
        0,
        subprotocols=[protocol],
        process_request=refuse,
        **compression(ServerPerMessageDeflateFactory, settings),
    )
    async with listening as running:
        port = running.sockets[0].getsockname()[1]
        write({"ready": f"ws://127.0.0.1:{port}"})
        async for order in read_orders():
            ws, reported = await connections.get()
            write({"id": order["id"], "report": await play(ws, order["steps"])})
            reported.set()


settings = json.loads(sys.argv[2])
if sys.argv[1] == "client":
    asyncio.run(client(settings))
else:
    asyncio.run(server(settings, *sys.argv[3:]))
