"""Regular expressions over log lines."""

import re
import sys

LINE = re.compile(r"^(\w+) (\d{1,3}(?:\.\d{1,3}){3}) \[([^\]]*)\] \"(GET|PUT) ([^ \"]+)\" (\d+)$")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")


def lines(count):
    state = 4711
    for n in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        host = f"{state % 256}.{state // 256 % 256}.{n % 256}.1"
        time, page = f"{n}/Nov:{state % 86400}", f"/a/{state % 97}.html"
        yield f'host{n % 17} {host} [{time}] "GET {page}" {state % 600}'


text = list(lines(150))
for _ in range(int(sys.argv[1])):
    hits = [m.groups() for m in map(LINE.match, text) if m]
    numbers = [len(NUMBER.findall(line)) for line in text]
    page = re.sub(r"\b([a-z])(\w*)", lambda m: m[1].upper() + m[2], "\n".join(text))
print(len(hits), sum(numbers), sum(map(ord, page)) % 65521, hits[-1])
