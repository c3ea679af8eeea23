/* Planets: additions, multiplications, a division and a square root for each pair. build: -fno-math-errno */
#include "real.h"
enum { N = 5 };
static struct { REAL p[3], v[3], mass; } body[N];
int main(int argc, char **argv)
{
    uint32_t state = 71;
    const REAL dt = (REAL)0.001;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 3; k++)
            body[i].p[k] = uniform(&state) * 30 - 15, body[i].v[k] = uniform(&state) - (REAL)0.5;
        body[i].mass = i ? uniform(&state) / 10 : 39;
    }
    for (int step = scale(argc, argv); step; step--) {
        for (int i = 0; i < N; i++)
            for (int j = i + 1; j < N; j++) {
                REAL d[3], square = (REAL)0.01;
                for (int k = 0; k < 3; k++)
                    d[k] = body[i].p[k] - body[j].p[k], square += d[k] * d[k];
                REAL pull = dt / (square * SQRT(square));
                for (int k = 0; k < 3; k++) {
                    body[i].v[k] -= d[k] * body[j].mass * pull;
                    body[j].v[k] += d[k] * body[i].mass * pull;
                }
            }
        for (int i = 0; i < N; i++)
            for (int k = 0; k < 3; k++)
                body[i].p[k] += dt * body[i].v[k];
    }
    return finish_real(body[0].p[0] + body[1].p[1] + body[2].v[2] + body[4].v[0]);
}
