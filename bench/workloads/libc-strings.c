/* String functions of the C library: lengths, copies, comparisons, searches over lines of text. */
#include "bench.h"
enum { LINES = 400, WIDTH = 120 };
static char lines[LINES][WIDTH], copy[WIDTH * 2];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 43, sum = 0;
    for (int i = 0; i < LINES; i++) {
        int length = 20 + next(&state) % 90;
        for (int j = 0; j < length; j++)
            lines[i][j] = "etaoin shrdlu"[next(&state) % 13];
    }
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < LINES; i++) {
            const char *line = lines[i], *other = lines[(i * 7 + round) % LINES];
            size_t length = strlen(line);
            memcpy(copy, line, length + 1);
            strcat(copy, other);
            memmove(copy + 3, copy, length);
            const char *space = strchr(copy, ' '), *word = strstr(copy, "lud"), *back = strrchr(copy, 's');
            sum = sum * 31 + length + (space ? space - copy : 0) + (word ? word - copy : 0) + (back ? back - copy : 0);
            sum += strcmp(line, other) < 0, sum += memcmp(line, copy, length) > 0;
            sum += memchr(copy, 'u', 30) != NULL, sum += strspn(line, "aeiou");
            memset(copy, 'x', 64);
        }
    return finish(sum);
}
