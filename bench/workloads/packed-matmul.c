/* Single-precision matrix multiplication, four columns at a time. */
#include "packed.h"
enum { N = 64 };
static float a[N][N], b[N][N], c[N][N];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 1, sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (int32_t)next(&state) / 7e9f;
            b[i][j] = (int32_t)next(&state) / 7e9f;
        }
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j += 8) {
                v4f left = splat(0), right = splat(0);
                for (int k = 0; k < N; k++) {
                    v4f x = splat(a[i][k]);
                    left = add(left, mul(x, load(&b[k][j])));
                    right = add(right, mul(x, load(&b[k][j + 4])));
                }
                store(&c[i][j], left);
                store(&c[i][j + 4], right);
            }
        uint32_t word;
        memcpy(&word, &c[round % N][round / N % N], 4);
        sum = sum * 31 + word;
        a[round % N][round % 7] = c[round * 3 % N][round * 5 % N] * 0.01f;
    }
    return finish(sum);
}
