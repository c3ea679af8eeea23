import re

t = open("words.txt").read()
print(len(re.findall(r"\b(\w)\w*\1\b", t)), re.sub(r"(\w+) (\w+)", r"\2-\1", t[:200]))
