import binascii
import hashlib
import zlib

data = open("noise.bin", "rb").read()
for n in ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256"):
    print(n, hashlib.new(n, data).hexdigest())
print(
    zlib.crc32(data),
    zlib.adler32(data),
    binascii.crc_hqx(data, 7),
    hashlib.pbkdf2_hmac("sha256", b"p", b"s", 1000).hex(),
)
