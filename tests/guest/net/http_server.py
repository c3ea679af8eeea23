import http.client
import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"you asked for " + self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for path in ("/", "/a/b", "/" + "x" * 2000):
    connection = http.client.HTTPConnection(*server.server_address, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    print(answer.status, len(answer.read()))
server.shutdown()
