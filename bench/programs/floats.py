"""Floating-point arithmetic in a loop: planets and a matrix."""

import sys


def advance(bodies, dt):
    for i, a in enumerate(bodies):
        for b in bodies[i + 1 :]:
            dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
            pull = dt / (dx * dx + dy * dy + dz * dz + 0.01) ** 1.5
            a[3] -= dx * b[6] * pull
            a[4] -= dy * b[6] * pull
            a[5] -= dz * b[6] * pull
            b[3] += dx * a[6] * pull
            b[4] += dy * a[6] * pull
            b[5] += dz * a[6] * pull
    for body in bodies:
        body[0] += dt * body[3]
        body[1] += dt * body[4]
        body[2] += dt * body[5]


def norm(n):
    total = 0.0
    for i in range(n):
        row = [1.0 / ((i + j) * (i + j + 1) // 2 + i + 1) for j in range(n)]
        total += sum(x * x for x in row)
    return total**0.5


bodies = [
    [i * 1.3, i * -0.7, i * 0.3, 0.1 * i, 0.2, -0.1 * i, 40.0 / (1 + 9 * i)] for i in range(5)
]
for step in range(int(sys.argv[1])):
    for _ in range(60):
        advance(bodies, 0.001)
    value = norm(30 + step % 3)
print(f"{value:.9f} {bodies[0][0]:.6f} {bodies[4][5]:.6f}")
