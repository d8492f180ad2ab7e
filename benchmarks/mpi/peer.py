# The same as ranks.ts, in Python with mpi4py: `peer.py latency|bandwidth|bidirectional|bcast|allreduce|barrier
# <bytes,bytes…>`, `peer.py objects|bcast-objects|allreduce-objects <name,name…>`, `peer.py hello`.
import array
import sys

from mpi4py import MPI

comm = MPI.COMM_WORLD
rank = comm.Get_rank()
other = 1 - rank
small = {"number": 7, "string": "a small text", "object": {"a": 7, "b": 3.14}, "list": [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]}


is_pair = comm.Get_size() <= 2


def best(count, repeat, batches=100):
    times = []
    repetitions = count if is_pair else min(20, count)
    for _ in range(batches if is_pair else 30):
        comm.Barrier()
        started = MPI.Wtime()
        for _ in range(repetitions):
            repeat()
        times.append((MPI.Wtime() - started) * 1e6 / repetitions)
    return sorted(times)[0 if is_pair else len(times) // 2]


def count_of(size):
    return max(4, min(500, int(1e6 / (size + 2000))))


def batches_of(size):
    return 30 if size > 1 << 20 else 100


def window_of(size):
    return max(4, min(64, (1 << 22) // size))


def latency(size):
    buffer = bytearray(b"\1") * size

    def there_and_back():
        if rank == 0:
            comm.Send(buffer, 1, 0)
            comm.Recv(buffer, 1, 0)
        else:
            comm.Recv(buffer, 0, 0)
            comm.Send(buffer, 0, 0)

    return best(count_of(size), there_and_back, batches_of(size)) / 2


def slices(size):
    memory = memoryview(bytearray(b"\1") * (window_of(size) * size))
    return [memory[i * size : (i + 1) * size] for i in range(window_of(size))]


def windows(size, both_ways):
    mine, theirs = slices(size), slices(size)
    answer = bytearray(1)

    def window():
        requests = []
        if both_ways or rank == 1:
            requests += [comm.Irecv(buffer, other, 0) for buffer in theirs]
        if both_ways or rank == 0:
            requests += [comm.Isend(buffer, other, 0) for buffer in mine]
        MPI.Request.Waitall(requests)
        if rank == 0:
            comm.Recv(answer, 1, 1)
        else:
            comm.Send(answer, 0, 1)

    return (2 if both_ways else 1) * window_of(size) * size / best(1, window, batches_of(size))


def bcast(size):
    buffer = bytearray(b"\1") * size
    return best(count_of(size), lambda: comm.Bcast(buffer, 0), batches_of(size))


def allreduce(size):
    mine, total = (array.array("f", [1.0]) * (size // 4) for _ in range(2))
    return best(count_of(size), lambda: comm.Allreduce(mine, total, MPI.SUM), batches_of(size))


def objects(name):
    value = small[name]

    def there():
        comm.send(value, 1)
        comm.recv(source=1)

    def back():
        comm.send(comm.recv(source=0), 0)

    return best(200, there if rank == 0 else back) / 2


def bcast_objects(name):
    return best(200, lambda: comm.bcast(small[name] if rank == 0 else None, 0))


def allreduce_objects(name):
    return best(200, lambda: comm.allreduce(rank, MPI.SUM))


what = sys.argv[1]
names = (sys.argv[2] if len(sys.argv) > 2 else "0").split(",")
of_names = {"objects": objects, "bcast-objects": bcast_objects, "allreduce-objects": allreduce_objects}
figures = {
    "latency": latency,
    "bandwidth": lambda size: windows(size, False),
    "bidirectional": lambda size: windows(size, True),
    "barrier": lambda size: best(500, comm.Barrier),
    "bcast": bcast,
    "allreduce": allreduce,
}
if what == "hello":
    print(f"Hello from rank {rank} of {comm.Get_size()}")
else:
    samples = [of_names[what](name) if what in of_names else figures[what](int(name)) for name in names]
    if rank == 0:
        print(samples)
