"""Objects, method calls, attributes, small integers; after the plan of Pystone and Richards."""

import sys


class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance
        self.history = []

    def move(self, amount):
        self.balance += amount
        if len(self.history) < 50:
            self.history.append(amount)
        else:
            self.history[amount % 50] = amount
        return self

    def fee(self):
        return 1


class Savings(Account):
    def fee(self):
        return self.balance % 3


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def simulate(accounts, steps):
    state = 12345
    for _ in range(steps):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        source = accounts[state % len(accounts)]
        target = accounts[(state >> 8) % len(accounts)]
        if source is not target:
            amount = state & 63
            source.move(-amount - source.fee())
            target.move(amount)
    return sum(a.balance for a in accounts)


def main():
    kinds = (Account, Savings)
    accounts = [kinds[i & 1](f"owner {i}", 1000) for i in range(20)]
    result = []
    for _ in range(int(sys.argv[1])):
        result.append(simulate(accounts, 1500) + fib(13))
    print(len(result), result[-1], [len(a.history) for a in accounts][:5])


main()
