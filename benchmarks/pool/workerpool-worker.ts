import workerpool from 'workerpool';
import { compute, echo, square } from './tasks.js';

workerpool.worker({ square, echo, compute });
