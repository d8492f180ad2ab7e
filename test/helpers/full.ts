/**
 * Whether this is `npm run test:full`: tables that `npm test` goes through under one start method are gone through
 * under each, and what `npm test` explores within small bounds is explored within large ones. A file that looks here
 * belongs to that command, which asks the sources for it.
 */
export const isFull = process.env['NPROCS_TEST_FULL'] === '1';
