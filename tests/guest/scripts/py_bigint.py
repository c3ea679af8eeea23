import math

a = 3**2000
b = 7**1500
print(a * b % (10**50), a // b % 10**40, pow(3, 10**30, 10**20 + 39), (a * b).bit_length())

print(
    math.factorial(300),
    math.isqrt(10**101),
    math.gcd(a - 1, b - 1),
    hash(a),
    -a >> 3000,
    ~a & 0xFFFFFFFFFFFF,
)
