/* Numbers to text and back: snprintf(3), strtol(3), strtod(3), sscanf(3). */
#include "bench.h"
int main(int argc, char **argv)
{
    uint32_t state = 47, sum = 0;
    char text[100];
    for (int i = scale(argc, argv); i; i--) {
        uint32_t r = next(&state), back;
        int length = snprintf(text, sizeof text, "%d %08x %s %.4f", (int)r, r, r & 1 ? "odd" : "even", r / 977.0);
        char *end, word[8];
        sum = sum * 31 + strtol(text, &end, 10) + length;
        if (sscanf(end, "%x %7s", &back, word) == 2)
            sum ^= back + word[0];
        sum += (uint32_t)strtod(strrchr(text, ' '), NULL);
    }
    return finish(sum);
}
