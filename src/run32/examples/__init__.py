"""Small 32-bit programs that come with run32, so that there is something to run at once.

`primes-arm` and `hello-i386` are static and need no library. `make examples` rebuilds them from
the C files beside them; that alone needs cross compilers.
"""
