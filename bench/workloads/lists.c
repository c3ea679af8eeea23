/* Linked lists: reversed, merged and sorted by their links alone. */
#include "bench.h"
enum { N = 8192 };
static struct node { struct node *next; uint32_t key; } nodes[N];
static struct node *merge(struct node *a, struct node *b)
{
    struct node head, *tail = &head;
    while (a && b) {
        struct node **from = a->key <= b->key ? &a : &b;
        tail = tail->next = *from;
        *from = tail->next;
    }
    tail->next = a ? a : b;
    return head.next;
}
static struct node *sort(struct node *list, int length)
{
    if (length < 2) {
        if (list)
            list->next = NULL;
        return list;
    }
    struct node *middle = list;
    for (int i = 0; i < length / 2; i++)
        middle = middle->next;
    struct node *right = sort(middle, length - length / 2);
    return merge(sort(list, length / 2), right);
}
int main(int argc, char **argv)
{
    uint32_t state = 97, sum = 0;
    struct node *list = NULL;
    for (int i = 0; i < N; i++)
        nodes[i].next = list, list = &nodes[i];
    for (int round = scale(argc, argv); round; round--) {
        for (struct node *at = list; at; at = at->next)
            at->key = next(&state);
        list = sort(list, N);
        struct node *reversed = NULL;
        while (list) {
            struct node *rest = list->next;
            list->next = reversed, reversed = list, list = rest;
        }
        list = reversed;
        for (struct node *at = list; at; at = at->next)
            sum = sum * 31 + at->key;
    }
    return finish(sum);
}
