"""A server over stdio without any library that misbehaves as its first argument says."""

import json
import os
import signal
import subprocess
import sys
import time

HOW = sys.argv[1]
TOOL = {"name": "go", "description": "Goes.", "inputSchema": {"type": "object", "properties": {}}}
NAMES = ["read_file", "go\x1b[31m", "a b", "a_b", "ab" * 60, "go", "go", "\u202egnp"]
DEEP = {"type": "object"}
for _ in range(40):
    DEEP = {"type": "object", "properties": {"x": DEEP}}


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def answer(asked, result):
    say({"jsonrpc": "2.0", "id": asked["id"], "result": result})


def tools(asked):
    if HOW == "endless":
        page = int((asked.get("params") or {}).get("cursor") or 0)
        return {"tools": [{**TOOL, "name": f"t{page}_{n}"} for n in range(10)], "nextCursor": str(page + 1)}
    if HOW == "circle":
        return {"tools": [], "nextCursor": "again"}
    if HOW == "names":
        return {"tools": [{**TOOL, "name": name} for name in NAMES]}
    if HOW == "schemas":
        return {
            "tools": [
                {**TOOL, "name": "deep", "inputSchema": DEEP},
                {**TOOL, "name": "long", "description": "x" * 30_000},
                {**TOOL, "name": "fine"},
            ]
        }
    if HOW == "changing":
        return {"tools": [{**TOOL, "description": open(sys.argv[2]).read()}]}
    if HOW == "pattern":
        return {"tools": [{**TOOL, "outputSchema": {"type": "object", "properties": {"x": {"pattern": "(a+)+$"}}}}]}
    if HOW == "nonsense":
        return {"tools": "no"}
    return {"tools": [TOOL]}


def call(asked):
    text = "went"
    if HOW == "hang-call":
        time.sleep(600)
    if HOW == "dies":
        print("the disk is gone", file=sys.stderr, flush=True)
        os._exit(3)
    if HOW == "huge":
        sys.stdout.write(
            f'{{"jsonrpc": "2.0", "id": {asked["id"]}, "result": {{"content": [{{"type": "text", "text": "'
        )
        for _ in range(1024):
            sys.stdout.write("x" * (1 << 20))
    if HOW == "pings":
        for number in range(10**9):
            say({"jsonrpc": "2.0", "id": f"p{number}", "method": "ping", "params": {"_meta": {"x": "x" * 4000}}})
    if HOW == "long":
        text = "y" * 200_000
    if HOW == "asks":
        say({"jsonrpc": "2.0", "id": "q1", "method": "sampling/createMessage",
             "params": {"messages": [], "maxTokens": 9}})  # fmt: skip
        text = sys.stdin.readline()
    raw = {"surrogate": '{"content": [{"type": "text", "text": "a\\ud800b"}]}', "digits": "1" * 5_000_000}.get(HOW)
    if raw:
        print(f'{{"jsonrpc": "2.0", "id": {asked["id"]}, "result": {raw}}}', flush=True)
        return
    result = {"content": [{"type": "text", "text": text}]}
    if HOW == "pattern":
        result["structuredContent"] = {"x": "a" * 60 + "!"}
    if HOW == "blocks":
        result["content"] += [
            {"type": "image", "data": "AAAA", "mimeType": "image/png"},
            {"type": "resource_link", "name": "page", "uri": "https://example.org/x"},
            {"type": "resource", "resource": {"uri": "file:///a", "text": "inside"}},
        ]
    answer(asked, result)


if HOW == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    with open(sys.argv[2], "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
if HOW == "garbage":
    print("Starting up...\n{not json}\n[1, 2]\n\x1b[31mred", flush=True)
if HOW == "hang-start":
    time.sleep(600)
if HOW == "flood":
    while True:
        say({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x" * 1000}})
if HOW == "ends":
    sys.exit("no such option: --stdio")
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("method") == "initialize":
        if HOW == "hang-initialize":
            time.sleep(600)
        can = {"tools": {}, "resources": {}} if HOW.endswith("_resources") else {"tools": {}}
        answer(asked, {"protocolVersion": "2025-06-18", "capabilities": can,
                       "serverInfo": {"name": "odd", "version": "1"}})  # fmt: skip
    elif asked.get("method") == "tools/list":
        answer(asked, tools(asked))
    elif asked.get("method") == "resources/list":
        if HOW == "bad_resources":
            answer(asked, {"resources": "no"})
    elif asked.get("method") == "tools/call":
        call(asked)
    elif "id" in asked and "method" in asked:
        say({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "unknown"}})
if HOW == "stubborn":
    time.sleep(600)
