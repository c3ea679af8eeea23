/* Sound of eight voices mixed: products of 16-bit samples, shifted and summed. */
#include "packed.h"
enum { N = 1024, VOICES = 8 };
static v8h voices[VOICES][N / 8], mixed[N / 8];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 1, sum = 0;
    uint16_t *samples = (uint16_t *)voices;
    for (int i = 0; i < VOICES * N; i++)
        samples[i] = (uint16_t)next(&state);
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < N / 8; i++) {
            v8h acc = { 0 };
            for (int v = 0; v < VOICES; v++)
                acc += (voices[v][i] >> 4) * (uint16_t)(v * 37 + round) + (voices[v][i] ^ acc);
            mixed[i] ^= acc;
        }
        v8h one = mixed[round % (N / 8)];
        for (int i = 0; i < 8; i++)
            sum = sum * 31 + one[i];
    }
    return finish(sum);
}
