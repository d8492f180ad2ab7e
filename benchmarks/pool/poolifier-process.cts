/** A CommonJS module, since a cluster worker loses the messages that come before it listens, as an ES module is still loading then. */
const { ClusterWorker } = require('poolifier') as typeof import('poolifier');
const { compute, echo, square } = require('./tasks.js') as Record<string, (value: unknown) => unknown>;

new ClusterWorker({ square, echo, compute } as import('poolifier').TaskFunctions<unknown, unknown>);
