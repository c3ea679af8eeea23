/* Fast Fourier transform there and back: strides, complex multiplications. */
#include "real.h"
enum { LOG = 10, N = 1 << LOG };
static REAL re[N], im[N], wre[N], wim[N];
static void transform(REAL sign)
{
    for (uint32_t i = 0, j = 0; i < N; i++) {
        if (i < j) {
            REAL t = re[i]; re[i] = re[j]; re[j] = t;
            t = im[i]; im[i] = im[j]; im[j] = t;
        }
        uint32_t bit = N >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j |= bit;
    }
    for (int half = 1; half < N; half *= 2)
        for (int start = 0; start < N; start += 2 * half)
            for (int k = 0; k < half; k++) {
                REAL c = wre[k * (N / 2 / half)], s = sign * wim[k * (N / 2 / half)];
                REAL *a = &re[start + k], *b = &im[start + k];
                REAL x = a[half] * c - b[half] * s, y = a[half] * s + b[half] * c;
                a[half] = *a - x, b[half] = *b - y;
                *a += x, *b += y;
            }
}
int main(int argc, char **argv)
{
    uint32_t state = 73;
    /* roots of unity by repeated rotation: only arithmetic, so that no two libraries can differ */
    REAL c = 1, s = 0;
    const REAL dc = (REAL)0.99998117528260114, ds = (REAL)0.0061358846491544753;
    for (int i = 0; i < N; i++) {
        wre[i] = c, wim[i] = s;
        REAL t = c * dc - s * ds;
        s = c * ds + s * dc, c = t;
        re[i] = uniform(&state) - (REAL)0.5, im[i] = uniform(&state) - (REAL)0.5;
    }
    for (int round = scale(argc, argv); round; round--) {
        transform(1), transform(-1);
        for (int i = 0; i < N; i++)
            re[i] = re[i] / N + (REAL)0.001 * im[N - 1 - i] / N, im[i] /= N;
    }
    REAL sum = 0;
    for (int i = 0; i < N; i++)
        sum += re[i] * wre[i] + im[i];
    return finish_real(sum);
}
