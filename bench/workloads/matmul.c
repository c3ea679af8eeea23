/* Integer matrix multiplication: multiply and accumulate over arrays. */
#include "bench.h"
enum { N = 96 };
static int32_t a[N][N], b[N][N], c[N][N];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 1, sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = next(&state), b[i][j] = next(&state);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                uint32_t dot = 0;
                for (int k = 0; k < N; k++)
                    dot += (uint32_t)a[i][k] * (uint32_t)b[k][j];
                c[i][j] = dot;
                sum = sum * 31 + dot;
            }
    return finish(sum);
}
