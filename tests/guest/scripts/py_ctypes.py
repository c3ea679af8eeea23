import ctypes

libc = ctypes.CDLL(None)
libc.sqrt.restype = ctypes.c_double
libc.sqrt.argtypes = [ctypes.c_double]
print(
    libc.sqrt(2.0),
    libc.strlen(b"hello"),
    ctypes.sizeof(ctypes.c_long),
    ctypes.sizeof(ctypes.c_void_p),
)
b = ctypes.create_string_buffer(50)
libc.snprintf(b, 50, b"%d %s %.3f %lld", 5, b"x", ctypes.c_double(2.5), ctypes.c_longlong(1 << 40))
print(b.value)
