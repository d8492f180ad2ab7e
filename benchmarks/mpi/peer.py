# The same as ranks.ts, in Python with mpi4py: `peer.py latency|bandwidth <bytes>`, `peer.py objects`, `peer.py hello`.
import sys

from mpi4py import MPI

comm = MPI.COMM_WORLD
rank = comm.Get_rank()
what = sys.argv[1]
size = int(sys.argv[2]) if len(sys.argv) > 2 else 0


def timed(count, repeat):
    samples = []
    for _ in range(200):
        comm.Barrier()
        started = MPI.Wtime()
        for _ in range(count):
            repeat()
        samples.append((MPI.Wtime() - started) * 1e6 / count)
    return min(samples)


def report(sample):
    if rank == 0:
        print([sample])


count = max(4, min(500, int(1e6 / (size + 2000))))
in_window = max(4, min(64, 2**22 // max(size, 1)))
if what == "latency":
    buffer = bytearray(size)

    def there_and_back():
        if rank == 0:
            comm.Send(buffer, 1, 0)
            comm.Recv(buffer, 1, 0)
        else:
            comm.Recv(buffer, 0, 0)
            comm.Send(buffer, 0, 0)

    report(timed(count, there_and_back) / 2)
elif what == "bandwidth":
    buffers = [bytearray(b"\1") * size for _ in range(in_window)]
    answer = bytearray(1)

    def window():
        requests = [comm.Isend(buffer, 1, 0) if rank == 0 else comm.Irecv(buffer, 0, 0) for buffer in buffers]
        MPI.Request.Waitall(requests)
        if rank == 0:
            comm.Recv(answer, 1, 1)
        else:
            comm.Send(answer, 0, 1)

    report(in_window * size / timed(1, window))
elif what == "objects":
    value = {"a": 7, "b": 3.14}

    def objects():
        if rank == 0:
            comm.send(value, 1)
            comm.recv(source=1)
        else:
            comm.send(comm.recv(source=0), 0)

    report(timed(200, objects) / 2)
elif what == "hello":
    print(f"Hello from rank {rank} of {comm.Get_size()}")
