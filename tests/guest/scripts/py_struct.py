import array
import struct

print(
    struct.pack("<bhiqfd?", -1, -2, -3, -4, 1.5, -2.25, True).hex(),
    struct.calcsize("@bq"),
    struct.unpack(">d", b"\x40\x09\x21\xfb\x54\x44\x2d\x18"),
)
a = array.array("q", range(-5, 5))
a.byteswap()
print(a.tobytes().hex(), a.itemsize, array.array("l").itemsize)
