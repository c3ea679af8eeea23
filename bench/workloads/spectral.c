/* Spectral norm of a matrix that is computed on the way: conversions and divisions. */
#include "real.h"
enum { N = 60 };
static REAL element(int i, int j) { return 1 / (REAL)((i + j) * (i + j + 1) / 2 + i + 1); }
static void multiply(const REAL *in, REAL *out, int transposed)
{
    for (int i = 0; i < N; i++) {
        REAL sum = 0;
        for (int j = 0; j < N; j++)
            sum += (transposed ? element(j, i) : element(i, j)) * in[j];
        out[i] = sum;
    }
}
int main(int argc, char **argv)
{
    REAL u[N], v[N], t[N], uv = 0, vv = 0;
    for (int i = 0; i < N; i++)
        u[i] = 1;
    for (int round = scale(argc, argv); round; round--) {
        multiply(u, t, 0), multiply(t, v, 1);
        multiply(v, t, 0), multiply(t, u, 1);
        uv = vv = 0;
        for (int i = 0; i < N; i++)
            uv += u[i] * v[i], vv += v[i] * v[i];
        for (int i = 0; i < N; i++)
            u[i] /= SQRT(vv);
    }
    return finish_real(uv / vv);
}
