// The same as ranks.ts, in C on Open MPI: `peer latency|bandwidth <bytes>`, `peer barrier`.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank;
static int in_window = 64;

static void latency(char* buffer, int bytes) {
  if (rank == 0) {
    MPI_Send(buffer, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
    MPI_Recv(buffer, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  } else {
    MPI_Recv(buffer, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Send(buffer, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
  }
}

static void window(char* buffers, int bytes) {
  MPI_Request requests[64];
  char answer;
  for (int i = 0; i < in_window; i++) {
    if (rank == 0) MPI_Isend(buffers + (long)i * bytes, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD, &requests[i]);
    else MPI_Irecv(buffers + (long)i * bytes, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD, &requests[i]);
  }
  MPI_Waitall(in_window, requests, MPI_STATUSES_IGNORE);
  if (rank == 0) MPI_Recv(&answer, 1, MPI_BYTE, 1, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  else MPI_Send(&answer, 1, MPI_BYTE, 0, 1, MPI_COMM_WORLD);
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (argc > 1 && strcmp(argv[1], "barrier") == 0) {
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
  }
  if (argc < 3) return 2;
  int is_latency = strcmp(argv[1], "latency") == 0;
  int bytes = atoi(argv[2]);
  int count = (int)(1e6 / (bytes + 2000));
  if (count > 500) count = 500;
  if (count < 4) count = 4;
  if (!is_latency) count = 1;
  if (bytes > 0 && (1 << 22) / bytes < 64) in_window = (1 << 22) / bytes < 4 ? 4 : (1 << 22) / bytes;
  // Written to, since memory that was never touched is one page of zeros that is read from the cache again and again.
  const long total = (long)(is_latency ? 1 : in_window) * bytes;
  char* buffers = malloc(total);
  memset(buffers, 1, total);
  double best = 1e9;
  for (int batch = 0; batch < 200; batch++) {
    MPI_Barrier(MPI_COMM_WORLD);
    double started = MPI_Wtime();
    for (int i = 0; i < count; i++) {
      if (is_latency) latency(buffers, bytes);
      else window(buffers, bytes);
    }
    double each = (MPI_Wtime() - started) * 1e6 / count;
    if (each < best) best = each;
  }
  if (rank == 0) printf("[%f]\n", is_latency ? best / 2 : (double)in_window * bytes / best);
  MPI_Finalize();
  return 0;
}
