import math

for x in (0.1, 1 / 3, 1e22, 5e-324, 1.7976931348623157e308, -0.0, math.pi):
    print(
        repr(x),
        x.hex(),
        f"{x:.20f} {x:e} {x:g}",
        math.frexp(x),
        round(x, 3),
        int(x) if abs(x) < 1e30 else 0,
    )
print(
    math.fsum([0.1] * 10),
    math.sqrt(2),
    math.gamma(5.5),
    math.fmod(-7, 3),
    -7 % 3.0,
    2**0.5,
    math.atan2(-1, -1),
)
print(
    float("nan"),
    float("inf") - 1,
    complex(1, 2) ** 3,
    math.ulp(1.0),
    sum(math.sin(i) for i in range(1000)),
)
