"""The measurements of measure.ts with Python's multiprocessing: main(method, question, times) prints the samples as JSON."""
import json
import multiprocessing
import os
import re
import shutil
import tempfile
import time


def nothing(file):
    pass


def note_time(file):
    now = time.monotonic_ns()
    fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(fd, b"%d\n" % now)
    os.close(fd)


def note_time_and_stay(file):
    note_time(file)
    time.sleep(600)


def measure_nested(file, method, times):
    context = multiprocessing.get_context(method)
    with open(file, "w") as out:
        json.dump(joins(context, times, file), out)


def start(context, target, file):
    process = context.Process(target=target, args=(file,))
    process.start()
    return process


def returns(context, times, file):
    for _ in range(times):
        started_at = time.perf_counter()
        process = start(context, nothing, file)
        yield (time.perf_counter() - started_at) * 1e3
        process.join()


def first_lines(context, times, file):
    for i in range(times):
        started_at = time.monotonic_ns()
        start(context, note_time, file + str(i)).join()
        yield (times_in(file + str(i))[0] - started_at) / 1e6


def joins(context, times, file):
    samples = []
    for _ in range(times):
        started_at = time.perf_counter()
        start(context, nothing, file).join()
        samples.append((time.perf_counter() - started_at) * 1e3)
    return samples


def start_crowd(context, times, file):
    crowd = [start(context, note_time_and_stay, file) for _ in range(times)]
    while len(times_in(file)) < times:
        time.sleep(0.005)
    return crowd


def end(crowd):
    for process in crowd:
        process.kill()
    for process in crowd:
        process.join()


def crowd(context, times, file):
    started_at = time.monotonic_ns()
    processes = start_crowd(context, times, file)
    last = max(times_in(file))
    end(processes)
    return [(last - started_at) / 1e6]


def memory(context, times, file):
    processes = start_crowd(context, times, file)
    time.sleep(0.5)
    samples = [private_memory(process.pid) for process in processes]
    end(processes)
    return samples


def nested(context, times, file):
    context.Process(target=measure_nested, args=(file, context.get_start_method(), times)).start()
    for process in multiprocessing.active_children():
        process.join()
    with open(file) as samples:
        return json.load(samples)


def times_in(file):
    try:
        with open(file) as lines:
            return [int(line) for line in lines]
    except FileNotFoundError:
        return []


def private_memory(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return sum(int(kib) for kib in re.findall(r"^Private_\w+:\s+(\d+) kB", rollup.read(), re.M)) / 1024


QUESTIONS = {"returns": returns, "firstLine": first_lines, "join": joins, "crowd": crowd, "memory": memory, "nested": nested}


def main(method, question, times):
    context = multiprocessing.get_context(method)
    context.set_forkserver_preload(["python_peer"])
    folder = tempfile.mkdtemp()
    start(context, nothing, folder).join()  # everything is loaded
    print(json.dumps(list(QUESTIONS[question](context, int(times), os.path.join(folder, "samples")))))
    shutil.rmtree(folder)
