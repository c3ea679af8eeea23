import bz2
import lzma
import zlib

d = open("words.txt", "rb").read()
for m in (zlib, lzma, bz2):
    c = m.compress(d)
    print(m.__name__, len(c), m.decompress(c) == d)
