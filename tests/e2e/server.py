"""server.py PORT TEXT: answers every GET with TEXT; on SIGTERM finishes what is open, then ends."""
import signal
import socket
import sys
import threading

text = sys.argv[2].encode()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("0.0.0.0", int(sys.argv[1])))
listener.listen(512)
open_requests = []


def serve(connection):
    with connection:
        connection.settimeout(30)
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    more = connection.recv(4096)
                    if not more:
                        return
                    data += more
                _, data = data.split(b"\r\n\r\n", 1)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                   b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        except OSError:
            return


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
