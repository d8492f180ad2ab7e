"""The ranks of a mixed job that are Python's: the same steps as test/mpi/programs/mixed.ts, with mpi4py and numpy."""
import sys
import numpy
from mpi4py import MPI

comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size
COUNT = 5
TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]


def data(of, dtype, count=COUNT):
    return numpy.array([(of + 1) * 10 + i for i in range(count)], dtype=dtype)


def same(what, actual, expected):
    if list(actual) != list(expected):
        raise AssertionError(f"{what}: {list(actual)} instead of {list(expected)}")


for dtype in TYPES:
    mine = data(rank, dtype)
    everybody = [data(of, dtype) for of in range(size)]
    total = sum(everybody)

    got = numpy.zeros(COUNT, dtype)
    status = MPI.Status()
    comm.Sendrecv(mine, (rank + 1) % size, 7, got, (rank - 1) % size, 7, status)
    same(f"{dtype} Sendrecv", got, everybody[(rank - 1) % size])
    same(f"{dtype} status", [status.Get_source(), status.Get_tag(), status.Get_count(MPI.BYTE)], [(rank - 1) % size, 7, mine.nbytes])

    got = mine.copy() if rank == 1 else numpy.zeros(COUNT, dtype)
    comm.Bcast(got, 1)
    same(f"{dtype} Bcast", got, everybody[1])

    got = numpy.zeros(COUNT * size, dtype) if rank == 0 else None
    comm.Gather(mine, got, 0)
    if rank == 0:
        same(f"{dtype} Gather", got, numpy.concatenate(everybody))

    got = numpy.zeros(COUNT, dtype)
    comm.Scatter(numpy.concatenate(everybody) if rank == 2 else None, got, 2)
    same(f"{dtype} Scatter", got, mine)

    got = numpy.zeros(COUNT * size, dtype)
    comm.Allgather(mine, got)
    same(f"{dtype} Allgather", got, numpy.concatenate(everybody))

    got = numpy.zeros(size, dtype)
    comm.Alltoall(data(rank, dtype, size), got)
    same(f"{dtype} Alltoall", got, [data(of, dtype, size)[rank] for of in range(size)])

    got = numpy.zeros(COUNT, dtype) if rank == 1 else None
    comm.Reduce(mine, got, MPI.SUM, 1)
    if rank == 1:
        same(f"{dtype} Reduce", got, total)

    got = numpy.zeros(COUNT, dtype)
    comm.Allreduce(mine, got, MPI.MAX)
    same(f"{dtype} Allreduce", got, everybody[-1])

    got = numpy.zeros(COUNT, dtype)
    comm.Scan(mine, got, MPI.SUM)
    same(f"{dtype} Scan", got, sum(everybody[: rank + 1]))

    got = numpy.zeros(COUNT, dtype)
    comm.Exscan(mine, got, MPI.SUM)
    if rank > 0:
        same(f"{dtype} Exscan", got, sum(everybody[:rank]))

    got = numpy.zeros(1, dtype)
    comm.Reduce_scatter_block(data(rank, dtype, size), got, MPI.SUM)
    same(f"{dtype} Reduce_scatter_block", got, [sum(data(of, dtype, size)[rank] for of in range(size))])

    counts = [of + 1 for of in range(size)]
    places = [sum(counts[:of]) for of in range(size)]
    got = numpy.zeros(sum(counts), dtype)
    comm.Allgatherv(data(rank, dtype, rank + 1), [got, (counts, places)])
    same(f"{dtype} Allgatherv", got, numpy.concatenate([data(of, dtype, of + 1) for of in range(size)]))

    got = numpy.zeros(COUNT, dtype)
    request = comm.Iallreduce(mine, got, MPI.MIN)
    request.Wait()
    same(f"{dtype} Iallreduce", got, everybody[0])

part = comm.Split(rank % 2, -rank)
same("Split", [part.rank, part.size], [(size - 1 - rank) // 2, size // 2])
grid = comm.Create_cart([2, size // 2], [False, True], False)
same("Create_cart", grid.Get_coords(rank), [rank // (size // 2), rank % (size // 2)])
print(f"python {rank} of {size}: all as expected", flush=True)
