/* A binary heap as a priority queue: shortest paths through a random graph. */
#include "bench.h"
enum { NODES = 4000, EDGES = 6 };
static uint32_t to[NODES][EDGES], cost[NODES][EDGES], best[NODES];
static struct item { uint32_t at, node; } heap[NODES * EDGES + 1];
static uint32_t size;
static void push(uint32_t at, uint32_t node)
{
    uint32_t i = ++size;
    for (; i > 1 && heap[i / 2].at > at; i /= 2)
        heap[i] = heap[i / 2];
    heap[i] = (struct item){at, node};
}
static struct item pop(void)
{
    struct item first = heap[1], last = heap[size--];
    uint32_t i = 1;
    for (uint32_t child; (child = 2 * i) <= size; i = child) {
        child += child < size && heap[child + 1].at < heap[child].at;
        if (heap[child].at >= last.at)
            break;
        heap[i] = heap[child];
    }
    heap[i] = last;
    return first;
}
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    uint32_t state = 23, sum = 0;
    for (int i = 0; i < NODES; i++)
        for (int j = 0; j < EDGES; j++)
            to[i][j] = next(&state) % NODES, cost[i][j] = 1 + (next(&state) & 1023);
    for (int round = 0; round < rounds; round++) {
        memset(best, 255, sizeof best);
        best[round % NODES] = 0;
        push(0, round % NODES);
        while (size) {
            struct item item = pop();
            if (item.at != best[item.node])
                continue;
            sum = sum * 31 + item.at;
            for (int j = 0; j < EDGES; j++) {
                uint32_t at = item.at + cost[item.node][j], node = to[item.node][j];
                if (at < best[node])
                    best[node] = at, push(at, node);
            }
        }
    }
    return finish(sum);
}
