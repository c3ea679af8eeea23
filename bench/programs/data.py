"""Dictionaries, lists, strings, sorting, big integers."""

import sys


def words(count):
    state = 99
    for _ in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield "".join(chr(97 + (state >> s) % 7) for s in (3, 7, 11, 15))


def once(seed):
    counts = {}
    for word in words(600):
        counts[word] = counts.get(word, 0) + 1
    lines = [f"{word}:{count:04d}" for word, count in sorted(counts.items())]
    text = ",".join(lines)
    parts = [part.split(":") for part in text.split(",")]
    back = {word: int(count) for word, count in parts}
    groups = {}
    for word, count in back.items():
        groups.setdefault(word[0], set()).add((count, word[::-1].upper()))
    big = 1
    for n in range(2, 80 + seed % 5):
        big *= n
    order = sorted(back, key=lambda w: (back[w], w), reverse=True)
    check = hash_of(order) ^ big % 1000003
    return check, len(text.replace("a", "bb")), {k: len(v) for k, v in groups.items()}


def hash_of(strings):
    value = 0
    for string in strings:
        for char in string:
            value = (value * 31 + ord(char)) & 0xFFFFFFFF
    return value


for seed in range(int(sys.argv[1])):
    result = once(seed)
print(result)
