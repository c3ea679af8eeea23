from decimal import Decimal, getcontext
from fractions import Fraction as F

getcontext().prec = 60
print(Decimal(2).sqrt(), Decimal(1) / 7, Decimal("1e-50") + 1)

print(sum(F(1, n) for n in range(1, 40)))
