/* LU decomposition of a random matrix: rows of multiply and subtract. */
#include "real.h"
enum { N = 48 };
static REAL a[N][N];
int main(int argc, char **argv)
{
    uint32_t state = 79;
    REAL sum = 0;
    for (int round = scale(argc, argv); round; round--) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                a[i][j] = uniform(&state) + (i == j ? 4 : 0);
        for (int k = 0; k < N; k++)
            for (int i = k + 1; i < N; i++) {
                REAL factor = a[i][k] /= a[k][k];
                for (int j = k + 1; j < N; j++)
                    a[i][j] -= factor * a[k][j];
            }
        REAL trace = 0;
        for (int i = 0; i < N; i++)
            trace += a[i][i];
        sum = sum * (REAL)0.99 + trace;
    }
    return finish_real(sum);
}
