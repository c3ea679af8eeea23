/* Binary trees, built, walked and thrown away: small blocks from malloc(3). */
#include "bench.h"
struct node { struct node *left, *right; };
static struct node *make(int depth)
{
    struct node *node = malloc(sizeof *node);
    node->left = depth ? make(depth - 1) : NULL;
    node->right = depth ? make(depth - 1) : NULL;
    return node;
}
static uint32_t drop(struct node *node)
{
    uint32_t count = 1 + (node->left ? drop(node->left) + drop(node->right) : 0);
    free(node);
    return count;
}
int main(int argc, char **argv)
{
    uint32_t sum = 0;
    for (int round = scale(argc, argv); round; round--)
        sum = sum * 31 + drop(make(4 + round % 9));
    return finish(sum);
}
