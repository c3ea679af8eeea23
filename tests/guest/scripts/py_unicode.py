import unicodedata

t = open("utf8.txt", encoding="utf8").read()
print(t.upper().encode("utf-16-le").hex(), ascii(t), len(t))

print(unicodedata.normalize("NFKD", t).encode(), [unicodedata.name(c) for c in t[:3]])
