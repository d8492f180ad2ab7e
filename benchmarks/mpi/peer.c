// The same as ranks.ts, in C: `peer latency|bandwidth|bidirectional|bcast|allreduce|barrier <bytes,bytes…>`, `peer
// start`.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size;
static char *mine, *theirs;

static int least(int a, int b) { return a < b ? a : b; }
static int most(int a, int b) { return a > b ? a : b; }
static int window_of(int bytes) { return most(4, least(64, (1 << 22) / bytes)); }

static void latency(int bytes) {
  if (rank == 0) {
    MPI_Send(mine, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
    MPI_Recv(mine, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  } else {
    MPI_Recv(mine, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Send(mine, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
  }
}

static void window(int bytes, int both_ways) {
  MPI_Request requests[128];
  const int in_window = window_of(bytes);
  int count = 0;
  char answer;
  for (int i = 0; i < in_window && (both_ways || rank == 1); i++)
    MPI_Irecv(theirs + (long)i * bytes, bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, &requests[count++]);
  for (int i = 0; i < in_window && (both_ways || rank == 0); i++)
    MPI_Isend(mine + (long)i * bytes, bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, &requests[count++]);
  MPI_Waitall(count, requests, MPI_STATUSES_IGNORE);
  if (rank == 0) MPI_Recv(&answer, 1, MPI_BYTE, 1, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  else MPI_Send(&answer, 1, MPI_BYTE, 0, 1, MPI_COMM_WORLD);
}

static void bandwidth(int bytes) { window(bytes, 0); }
static void bidirectional(int bytes) { window(bytes, 1); }
static void barrier(int bytes) { MPI_Barrier(MPI_COMM_WORLD); }
static void bcast(int bytes) { MPI_Bcast(mine, bytes, MPI_BYTE, 0, MPI_COMM_WORLD); }
static void allreduce(int bytes) { MPI_Allreduce(mine, theirs, bytes / 4, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD); }

static int by_value(const void* a, const void* b) { return (*(double*)a > *(double*)b) - (*(double*)a < *(double*)b); }

static double figure(const char* what, int bytes) {
  const int is_window = strcmp(what, "bandwidth") == 0 || strcmp(what, "bidirectional") == 0;
  void (*const repeat)(int) = strcmp(what, "latency") == 0       ? latency
                              : strcmp(what, "bandwidth") == 0   ? bandwidth
                              : strcmp(what, "bidirectional") == 0 ? bidirectional
                              : strcmp(what, "bcast") == 0       ? bcast
                              : strcmp(what, "allreduce") == 0   ? allreduce
                                                                 : barrier;
  const int is_pair = size <= 2;
  const int count = is_window ? 1 : least(is_pair ? 500 : 20, most(4, (int)(1e6 / (bytes + 2000))));
  const int batches = !is_pair || bytes > 1 << 20 ? 30 : 100;
  double times[100];
  // Written to, since memory that was never touched is one page of zeros that is read from the cache again and again.
  const long total = (long)(is_window ? window_of(bytes) : 1) * bytes + 1;
  mine = malloc(total);
  theirs = malloc(total);
  memset(mine, 1, total);
  memset(theirs, 1, total);
  for (int batch = 0; batch < batches; batch++) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double started = MPI_Wtime();
    for (int i = 0; i < count; i++) repeat(bytes);
    times[batch] = (MPI_Wtime() - started) * 1e6 / count;
  }
  qsort(times, batches, sizeof times[0], by_value);
  const double best = times[is_pair ? 0 : batches / 2];
  free(mine);
  free(theirs);
  if (is_window) return (repeat == bidirectional ? 2.0 : 1.0) * window_of(bytes) * bytes / best;
  return repeat == latency ? best / 2 : best;
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (argc < 2) return 2;
  if (strcmp(argv[1], "start") == 0) {
    MPI_Barrier(MPI_COMM_WORLD);
  } else {
    char* sizes = argc > 2 ? argv[2] : "0";
    for (const char* separator = "["; sizes != NULL; separator = ",") {
      const double sample = figure(argv[1], atoi(sizes));
      if (rank == 0) printf("%s%f", separator, sample);
      sizes = strchr(sizes, ',');
      if (sizes != NULL) sizes++;
    }
    if (rank == 0) printf("]\n");
  }
  MPI_Finalize();
  return 0;
}
