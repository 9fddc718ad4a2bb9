"""Readers of an event stream in a process of their own, and a bare server of the same bytes."""
import multiprocessing
import resource
import select
import socket
import time

READ_BYTES = 256 * 1024
MARK = b"\nevent: "  # once in each frame; JSON has no bare line ends
SLOW_RECEIVE_BYTES = 4096
REQUEST = b"GET /v2/events HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n"


def allow_many_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def connect(port, slow=False):
    client = socket.socket()
    if slow:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_RECEIVE_BYTES)
    client.connect(("127.0.0.1", port))
    client.sendall(REQUEST)
    return client


class Reading:
    """What the clients saw since the last `arm`."""

    def __init__(self, count):
        self.tails = [b""] * count
        self.closed = 0
        self.arm()

    def arm(self):
        count = len(self.tails)
        self.events, self.arrived = [0] * count, [0.0] * count
        self.bytes, self.first = 0, 0.0
        self.kept = []  # all that the first client saw

    def take(self, number, data, now):
        tail = self.tails[number]
        seen = data.count(MARK) + (tail + data[:len(MARK) - 1]).count(MARK)
        self.tails[number] = data[-(len(MARK) - 1):]
        self.bytes += len(data)
        if number == 0:
            self.kept.append(data)
        if seen:
            self.first = self.first or now
            self.events[number] += seen
            self.arrived[number] = now

    def report(self):
        return {"events": self.events, "arrived": self.arrived, "bytes": self.bytes,
                "first": self.first, "closed": self.closed}


def read_all(pipe, port, count, slow):
    allow_many_files()
    clients = [connect(port, slow) for _ in range(count)]
    reading = Reading(count)
    if slow:  # connected, and never heard of again
        pipe.send("ready")
        pipe.recv()
        return
    poller = select.epoll()
    poller.register(pipe.fileno(), select.EPOLLIN)
    numbers = {}
    for number, client in enumerate(clients):
        client.setblocking(False)
        numbers[client.fileno()] = number
        poller.register(client.fileno(), select.EPOLLIN)
    pipe.send("ready")
    while True:
        for file, _ in poller.poll():
            if file == pipe.fileno():
                command = pipe.recv()
                if command == "end":
                    return
                if command == "arm":
                    reading.arm()
                answer = {"arm": "armed", "report": reading.report(),
                          "kept": b"".join(reading.kept)}[command]
                pipe.send(answer)
                continue
            number = numbers[file]
            try:
                data = clients[number].recv(READ_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if data:
                reading.take(number, data, time.monotonic())
            else:
                poller.unregister(file)
                reading.closed += 1


def serve_bare(pipe, count):
    """Accepts `count` clients; then each ("send", bytes) goes to all of them."""
    allow_many_files()
    listener = socket.create_server(("127.0.0.1", 0), backlog=count)
    pipe.send(listener.getsockname()[1])
    clients = [listener.accept()[0] for _ in range(count)]
    for client in clients:
        client.setblocking(False)
    while True:
        command, data = pipe.recv()
        if command == "end":
            return
        start = time.monotonic()
        fan_out(clients, memoryview(data))
        pipe.send(start)


def fan_out(clients, data):
    poller = select.epoll()
    places = {}
    for client in clients:
        places[client.fileno()] = [client, 0]
        poller.register(client.fileno(), select.EPOLLOUT)
    while places:
        for file, _ in poller.poll():
            place = places[file]
            try:
                place[1] += place[0].send(data[place[1]:place[1] + READ_BYTES])
            except BlockingIOError:
                continue
            if place[1] == len(data):
                poller.unregister(file)
                del places[file]


class Process:
    """A function of this file in its own process, with a pipe."""

    def __init__(self, function, *arguments):
        self.pipe, far = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=function, args=(far, *arguments), daemon=True)
        self.process.start()

    def ask(self, command, seconds=120):
        self.pipe.send(command)
        return self.hear(seconds)

    def hear(self, seconds=120):
        if not self.pipe.poll(seconds):
            raise RuntimeError(f"no answer within {seconds} s")
        return self.pipe.recv()

    def close(self):
        self.process.terminate()
        self.process.join()
