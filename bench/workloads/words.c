/* Words, hashed and counted; string functions of the C library. */
#include "bench.h"
enum { SLOTS = 1 << 14 };
static struct { char word[12]; uint32_t count; } table[SLOTS];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 11, result = 0;
    char word[12];
    for (int i = 0; i < rounds; i++) {
        uint32_t r = next(&state), length = 3 + r % 6;
        for (uint32_t j = 0; j < length; j++)
            word[j] = 'a' + (r >> (j + 4)) % 6;
        word[length] = 0;
        uint32_t hash = 5381;
        for (char *p = word; *p; p++)
            hash = hash * 33 ^ (unsigned char)*p;
        while (table[hash % SLOTS].count && strcmp(table[hash % SLOTS].word, word))
            hash++;
        if (!table[hash % SLOTS].count++)
            strcpy(table[hash % SLOTS].word, word);
    }
    for (int i = 0; i < SLOTS; i++)
        result = result * 31 + table[i].count + strlen(table[i].word);
    return finish(result);
}
