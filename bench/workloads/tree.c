/* Linked lists and trees: pointers chased through memory. */
#include "bench.h"
enum { N = 20000 };
struct node { struct node *left, *right; uint32_t key; };
static struct node pool[N];
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 9, depth = 0;
    struct node *root = NULL;
    for (int i = 0; i < N; i++) {
        struct node **at = &root;
        uint32_t key = next(&state);
        while (*at) {
            at = key < (*at)->key ? &(*at)->left : &(*at)->right;
            depth++;
        }
        pool[i].key = key;
        *at = &pool[i];
    }
    for (int round = 0; round < rounds; round++) {
        uint32_t key = next(&state);
        for (struct node *at = root; at; at = key < at->key ? at->left : at->right)
            depth += at->key & 1;
    }
    return finish(depth);
}
