import { ThreadWorker, type TaskFunctions } from 'poolifier';
import { compute, echo, square } from './tasks.js';

new ThreadWorker({ square, echo, compute } as TaskFunctions<unknown, unknown>);
