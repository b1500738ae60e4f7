"""redis-py, told by its standard input what to do how often; it answers with what that has cost.

python3 redis_py.py WORK PORT SOCKET LIST_KEY LARGE_KEY LARGE_LENGTH MEMBERS, then lines with numbers of calls.
Each is answered by a line: seconds, processor seconds, then what each call took.
"""

import resource
import sys
import threading
import time

import redis

work, port, socket, list_key, large_key, length, members = sys.argv[1:8]
settings = {"unix_socket_path": socket} if socket else {"host": "127.0.0.1", "port": int(port)}
client = redis.Redis(**settings)
text = b"sixteen bytes ok"
value = bytes((at // 7) % 256 for at in range(min(int(length), 1 << 20)))
value *= max(1, int(length) // max(1, len(value)))
keys = [f"number:{number}" for number in range(1000)]
members = int(members)


def pipeline():
    pipe = client.pipeline(transaction=False)
    for _ in range(members):
        pipe.get("text")
    return pipe.execute()


calls = {
    "get": (lambda: client.get("text"), lambda answer: answer == text),
    "number": (lambda: int(client.get("number")), lambda answer: answer == 1234567),
    "set": (lambda: client.set("written", text), lambda answer: answer is True),
    "pipeline": (pipeline, lambda answer: answer == [text] * members),
    "bytes": (lambda: client.lrange(list_key, 0, -1), lambda answer: len(answer) == 1000),
    "strings": (
        lambda: [element.decode() for element in client.lrange(list_key, 0, -1)],
        lambda answer: len(answer) == 1000,
    ),
    "hash": (
        lambda: {key.decode(): value.decode() for key, value in client.hgetall("hash").items()},
        lambda answer: len(answer) == 1000,
    ),
    "numbers": (lambda: [int(number) for number in client.mget(keys)], lambda answer: len(answer) == 1000),
    "get_large": (lambda: client.get(large_key), lambda answer: len(answer) == int(length)),
    "set_large": (lambda: client.set("written", value), lambda answer: answer is True),
}
calls["crowd"] = calls["get"]


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def repeat(count, times):
    call, is_right = calls[work]
    for _ in range(count):
        begun = time.perf_counter()
        answer = call()
        times.append(time.perf_counter() - begun)
        if not is_right(answer):
            raise SystemExit("the reply is not what it should be")


def listen(count):
    for _ in range(count):
        message = pubsub.get_message(timeout=60)
        if message is None or message["data"] != text:
            raise SystemExit("a message is not right")


if work == "messages":
    pubsub = client.pubsub(ignore_subscribe_messages=False)
    pubsub.subscribe("redis-py")
    pubsub.get_message(timeout=60)
print("ready", flush=True)
for line in sys.stdin:
    count, times = int(line), []
    begun, used = time.perf_counter(), processor_time()
    if work == "messages":
        listen(count)
    elif work == "crowd":
        crowd = [threading.Thread(target=repeat, args=(-(-count // members), times)) for _ in range(members)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
    else:
        repeat(count, times)
    spent = [time.perf_counter() - begun, processor_time() - used]
    print(*spent, *times, flush=True)
