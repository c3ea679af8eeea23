/* String and memory functions at every alignment and many lengths. */
#include "show.h"
#include <wchar.h>

int main(void)
{
    static unsigned char a[600], b[600];
    uint32_t hash = 1;
    for (int from = 0; from < 9; from++)
        for (int to = 0; to < 9; to++)
            for (int n = 0; n < 260; n += n < 40 ? 1 : 17) {
                for (int i = 0; i < 600; i++)
                    a[i] = i * 7 + n, b[i] = 0xee;
                memcpy(b + to, a + from, n);
                hash = hash * 31 + (memcmp(b + to, a + from, n) == 0) + b[to + n] + (to ? b[to - 1] : 0);
                memmove(b + to + 3, b + to, n);
                hash = hash * 31 + (memcmp(b + to + 3, a + from, n) == 0);
                memset(b + from, n, n);
                unsigned char *found = memchr(a + from, a[from + n / 2], 300);
                hash = hash * 31 + (found ? found - a : 0) + b[from + n / 2];
                a[from + n] = 0;
                for (int i = 0; i < n; i++)
                    a[from + i] = a[from + i] ? a[from + i] : 1;
                hash = hash * 31 + strlen((char *)a + from) + strnlen((char *)a + from, 50);
                strcpy((char *)b + to, (char *)a + from);
                hash = hash * 31 + (strcmp((char *)b + to, (char *)a + from) == 0) + !strrchr((char *)b + to, 5);
                b[to + n / 2] ^= 1;
                hash = hash * 31 + (strncmp((char *)b + to, (char *)a + from, n / 2) == 0);
                hash += memcmp(b + to, a + from, n + 1) < 0;
            }
    printf("%08x\n", hash);
    char text[] = "alpha,beta;gamma delta", *state, *word;
    for (word = strtok_r(text, ",; ", &state); word; word = strtok_r(NULL, ",; ", &state))
        printf("%s/", word);
    printf("\n%s %s %d %d\n", strstr("the quick brown", "quick"), strpbrk("hello", "lo"), (int)strspn("aabbc", "ab"), (int)strcspn("hello", "lo"));
    SHOW(strcasecmp("HeLLo", "hEllO"));
    SHOW(strverscmp("file10", "file9") > 0);
    SHOW(wcslen(L"wide text"));
    SHOW((char *)memmem("haystack with needle", 20, "needle", 6) != NULL);
    char out[8];
    SHOW(snprintf(out, sizeof out, "%s", "truncated text"));
    puts(out);
    puts(strerror(ENOENT));
    puts(strsignal(11));
    return 0;
}
