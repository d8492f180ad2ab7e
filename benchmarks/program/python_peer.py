"""The program of ours.ts with Python's multiprocessing: python_peer.py METHOD COUNT one-by-one|at-once."""
import multiprocessing
import sys


def show(i):
    print("process", i, flush=True)


if __name__ == "__main__":
    method, count, how = sys.argv[1:]
    context = multiprocessing.get_context(method)
    processes = [context.Process(target=show, args=(i,)) for i in range(int(count))]
    if how == "at-once":
        for p in processes:
            p.start()
        for p in processes:
            p.join()
    else:
        for p in processes:
            p.start()
            p.join()
