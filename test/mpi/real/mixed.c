// The ranks of a mixed job that are C's: the same steps as test/mpi/programs/mixed.ts, for the MPI that has no mpi4py.
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT 5
#define RANKS 4

static int rank, size;

static void differs(const char* type, const char* what, int at) {
  fprintf(stderr, "C rank %d: %s %s differs at %d\n", rank, type, what, at);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

// What rank `of` has at place `i`, the sum of that over the first ranks, and where its part begins where rank r has r + 1 numbers.
static int number(int of, int i) { return (of + 1) * 10 + i; }
static int total(int until, int i) {
  int sum = 0;
  for (int of = 0; of < until; of++) sum += number(of, i);
  return sum;
}
static int place(int of) { return of * (of + 1) / 2; }

#define SAME(what, length, expected)                       \
  for (int i = 0; i < (length); i++) {                     \
    if (got[i] != (C)(expected)) differs(name, what, i);   \
  }

#define STEPS(type, mpi_type)                                                                                        \
  static void steps_##type(void) {                                                                                   \
    typedef type C;                                                                                                  \
    const char* name = #type;                                                                                        \
    const MPI_Datatype T = mpi_type;                                                                                 \
    const MPI_Comm W = MPI_COMM_WORLD;                                                                               \
    C mine[COUNT], all[COUNT * RANKS], got[COUNT * RANKS];                                                           \
    for (int i = 0; i < COUNT; i++) mine[i] = (C)number(rank, i);                                                    \
    for (int i = 0; i < COUNT * RANKS; i++) all[i] = (C)number(i / COUNT, i % COUNT);                                \
    const int before = (rank + size - 1) % size;                                                                     \
    MPI_Status status;                                                                                               \
    int bytes;                                                                                                       \
    MPI_Sendrecv(mine, COUNT, T, (rank + 1) % size, 7, got, COUNT, T, before, 7, W, &status);                        \
    SAME("Sendrecv", COUNT, number(before, i))                                                                       \
    MPI_Get_count(&status, MPI_BYTE, &bytes);                                                                        \
    if (status.MPI_SOURCE != before || status.MPI_TAG != 7 || bytes != (int)sizeof mine) differs(name, "status", 0); \
    for (int i = 0; i < COUNT; i++) got[i] = rank == 1 ? mine[i] : 0;                                                \
    MPI_Bcast(got, COUNT, T, 1, W);                                                                                  \
    SAME("Bcast", COUNT, number(1, i))                                                                               \
    MPI_Gather(mine, COUNT, T, got, COUNT, T, 0, W);                                                                 \
    if (rank == 0) SAME("Gather", COUNT * RANKS, number(i / COUNT, i % COUNT))                                       \
    MPI_Scatter(all, COUNT, T, got, COUNT, T, 2, W);                                                                 \
    SAME("Scatter", COUNT, number(rank, i))                                                                          \
    MPI_Allgather(mine, COUNT, T, got, COUNT, T, W);                                                                 \
    SAME("Allgather", COUNT * RANKS, number(i / COUNT, i % COUNT))                                                   \
    MPI_Alltoall(mine, 1, T, got, 1, T, W);                                                                          \
    SAME("Alltoall", RANKS, number(i, rank))                                                                         \
    MPI_Reduce(mine, got, COUNT, T, MPI_SUM, 1, W);                                                                  \
    if (rank == 1) SAME("Reduce", COUNT, total(size, i))                                                             \
    MPI_Allreduce(mine, got, COUNT, T, MPI_MAX, W);                                                                  \
    SAME("Allreduce", COUNT, number(size - 1, i))                                                                    \
    MPI_Scan(mine, got, COUNT, T, MPI_SUM, W);                                                                       \
    SAME("Scan", COUNT, total(rank + 1, i))                                                                          \
    MPI_Exscan(mine, got, COUNT, T, MPI_SUM, W);                                                                     \
    if (rank > 0) SAME("Exscan", COUNT, total(rank, i))                                                              \
    MPI_Reduce_scatter_block(mine, got, 1, T, MPI_SUM, W);                                                           \
    SAME("Reduce_scatter_block", 1, total(size, rank))                                                               \
    int counts[RANKS], places[RANKS];                                                                                \
    for (int of = 0; of < RANKS; of++) {                                                                             \
      counts[of] = of + 1;                                                                                           \
      places[of] = place(of);                                                                                        \
    }                                                                                                                \
    MPI_Allgatherv(mine, rank + 1, T, got, counts, places, T, W);                                                    \
    for (int of = 0; of < RANKS; of++)                                                                               \
      for (int i = 0; i <= of; i++)                                                                                  \
        if (got[place(of) + i] != (C)number(of, i)) differs(name, "Allgatherv", place(of) + i);                      \
    MPI_Request request;                                                                                             \
    MPI_Iallreduce(mine, got, COUNT, T, MPI_MIN, W, &request);                                                       \
    MPI_Wait(&request, MPI_STATUS_IGNORE);                                                                           \
    SAME("Iallreduce", COUNT, number(0, i))                                                                          \
  }

STEPS(int8_t, MPI_INT8_T)
STEPS(uint8_t, MPI_UINT8_T)
STEPS(int16_t, MPI_INT16_T)
STEPS(uint16_t, MPI_UINT16_T)
STEPS(int32_t, MPI_INT32_T)
STEPS(uint32_t, MPI_UINT32_T)
STEPS(int64_t, MPI_INT64_T)
STEPS(uint64_t, MPI_UINT64_T)
STEPS(float, MPI_FLOAT)
STEPS(double, MPI_DOUBLE)

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size != RANKS) return 2;
  steps_int8_t();
  steps_uint8_t();
  steps_int16_t();
  steps_uint16_t();
  steps_int32_t();
  steps_uint32_t();
  steps_int64_t();
  steps_uint64_t();
  steps_float();
  steps_double();
  MPI_Comm part, grid;
  int part_rank, part_size, coordinates[2];
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &part);
  MPI_Comm_rank(part, &part_rank);
  MPI_Comm_size(part, &part_size);
  if (part_rank != (size - 1 - rank) / 2 || part_size != size / 2) differs("Split", "rank", part_rank);
  MPI_Cart_create(MPI_COMM_WORLD, 2, (int[]){2, size / 2}, (int[]){0, 1}, 0, &grid);
  MPI_Cart_coords(grid, rank, 2, coordinates);
  if (coordinates[0] != rank / (size / 2) || coordinates[1] != rank % (size / 2)) differs("Cart", "coordinates", rank);
  printf("c %d of %d: all as expected\n", rank, size);
  MPI_Finalize();
  return 0;
}
